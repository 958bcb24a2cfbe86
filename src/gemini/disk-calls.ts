/** Calls of a disk. A network disk that is gone may never answer, and each call holds one of the few threads that all disks share. */

import { SourceError } from '../contract/errors.js';
import { unlessAborted } from '../util/unless-aborted.js';
import { TIMED_OUT, within } from '../util/within.js';

/** How long one call may take, in milliseconds. */
const DISK_TIMEOUT_MS = 60_000;

/** From this age on, in milliseconds, a call counts as one that hangs: earlier if its caller has given up. */
const HANGS_MS = 30_000;
const ABANDONED_HANGS_MS = 5000;

interface OpenCall {
  readonly began: number;
  /** From which age on it counts as one that hangs. */
  hangsAfter: number;
}

/** The calls that have not returned. */
const open = new Set<OpenCall>();

/**
 * Waits for a call. One that hangs cannot be ended, but neither the signals nor its time wait for it.
 *
 * @param label - names the file in messages
 * @param signals - end the wait
 * @param isOneCall - false for several calls, one after the other, which take longer on a busy disk
 * @throws SourceError that is retryable if the time is up, and the reason of a signal
 */
export async function diskAnswer<T>(
  label: string,
  call: Promise<T>,
  signals: readonly (AbortSignal | undefined)[],
  isOneCall = true,
): Promise<T> {
  const pending = { began: performance.now(), hangsAfter: isOneCall ? HANGS_MS : Infinity };
  open.add(pending);
  const onReturn = () => void open.delete(pending);
  call.then(onReturn, onReturn);
  try {
    const answer = await within(DISK_TIMEOUT_MS, signals.reduce(unlessAborted, call));
    if (answer !== TIMED_OUT) return answer;
  } finally {
    pending.hangsAfter = ABANDONED_HANGS_MS;
  }
  throw new SourceError(`${label} could not be read: its disk did not answer in ${DISK_TIMEOUT_MS} ms`, {
    retryable: true,
  });
}

/**
 * Refuses to open another file while calls hold half of the threads: with all of them, nothing in this process could read a disk.
 *
 * @throws SourceError that is retryable
 */
export function assertDisksAnswer(label: string): void {
  const now = performance.now();
  const hanging = [...open].filter(({ began, hangsAfter }) => now - began >= hangsAfter).length;
  const threads = Number(process.env.UV_THREADPOOL_SIZE) || 4;
  if (hanging < Math.max(1, threads / 2)) return;
  throw new SourceError(
    `${label} was not opened: ${hanging} calls to a disk have not returned, and this process can make ${threads} at once (UV_THREADPOOL_SIZE)`,
    { retryable: true },
  );
}
