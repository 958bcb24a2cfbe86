import { UploadFailedError } from '../contract/errors.js';

/** How long before its time is up an activity stops by itself, in milliseconds: enough to end its session and to say so. */
const MARGIN_MS = 1000;

/**
 * Aborts shortly before `closesAtMs`. An upload that Temporal had to time out would still run when the compensation does,
 * and could make a file after the delete.
 *
 * @param closesAtMs - milliseconds since the epoch; infinite: never aborts
 * @param totalMs - the whole time that the activity had; of a short one, the margin is a tenth
 */
export function deadlineSignal(
  id: string,
  closesAtMs: number,
  totalMs: number,
): { signal: AbortSignal; clear: () => void } {
  const controller = new AbortController();
  const left = closesAtMs - Math.min(MARGIN_MS, totalMs / 10) - Date.now();
  // Node's timers hold 31 bits of milliseconds: what is further away never comes in one attempt.
  if (left > 0x7fffffff) return { signal: controller.signal, clear: () => undefined };
  const reason = new UploadFailedError(`The upload of ${id} did not end in its time`, { id });
  const timer = setTimeout(() => controller.abort(reason), Math.max(0, left));
  return { signal: controller.signal, clear: () => clearTimeout(timer) };
}

export function isDeadline(reason: unknown): boolean {
  return reason instanceof UploadFailedError;
}
