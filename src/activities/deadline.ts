import { UploadFailedError } from '../contract/errors.js';
import { AttemptTimeUpError } from './attempt-stopped.js';
import type { AttemptTime } from './attempt-time.js';

/** How long before its time is up an activity stops by itself, in milliseconds: enough to end its session and to report why. */
const MARGIN_MS = 1000;

/** The longest delay of Node's timers, in milliseconds: 31 bits. */
const MAX_TIMER_MS = 0x7fffffff;

/**
 * Aborts shortly before the time of the attempt is up. At the end of the time for all attempts, the upload fails with its own
 * reason instead of a timeout of the server. At the end of its own time, the attempt has stopped before Temporal starts
 * the next one.
 */
export function deadlineSignal(
  id: string,
  { totalMs, leftMs, attemptMs, attemptLeftMs }: AttemptTime,
): { signal: AbortSignal; clear: () => void } {
  const controller = new AbortController();
  const ofAll = leftMs() - marginMs(totalMs);
  const ofAttempt = attemptLeftMs() - marginMs(attemptMs);
  const left = Math.min(ofAll, ofAttempt);
  if (left > MAX_TIMER_MS) return { signal: controller.signal, clear: () => undefined };
  const reason = () =>
    ofAttempt < ofAll
      ? new AttemptTimeUpError('The attempt has used up its startToCloseTimeout')
      : new UploadFailedError(`The upload of ${id} did not end within its uploadTimeout`, { id });
  const timer = setTimeout(() => controller.abort(reason()), Math.max(0, left));
  return { signal: controller.signal, clear: () => clearTimeout(timer) };
}

/** If there is little time, a tenth of it. */
function marginMs(timeMs: number): number {
  return Math.min(MARGIN_MS, timeMs / 10);
}

/** Whether the reason of an abort is the end of the time for all attempts. */
export function isDeadline(reason: unknown): boolean {
  return reason instanceof UploadFailedError;
}
