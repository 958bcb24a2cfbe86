import { UploadFailedError } from '../contract/errors.js';
import type { AttemptTime } from './attempt-time.js';

/** How long before its time is up an activity stops by itself, in milliseconds: enough to end its session and to report why. */
const MARGIN_MS = 1000;

/** The longest delay of Node's timers, in milliseconds: 31 bits. */
const MAX_TIMER_MS = 0x7fffffff;

/**
 * Aborts shortly before the time of the attempt is up, so that the upload fails with its own reason instead of a timeout of
 * the server. If the attempt has little time, the margin is a tenth of it.
 */
export function deadlineSignal(
  id: string,
  { totalMs, leftMs }: AttemptTime,
): { signal: AbortSignal; clear: () => void } {
  const controller = new AbortController();
  const left = leftMs() - Math.min(MARGIN_MS, totalMs / 10);
  if (left > MAX_TIMER_MS) return { signal: controller.signal, clear: () => undefined };
  const reason = new UploadFailedError(`The upload of ${id} did not end within its uploadTimeout`, { id });
  const timer = setTimeout(() => controller.abort(reason), Math.max(0, left));
  return { signal: controller.signal, clear: () => clearTimeout(timer) };
}

/** Whether the reason of an abort is the end of the time for all attempts. */
export function isDeadline(reason: unknown): boolean {
  return reason instanceof UploadFailedError;
}
