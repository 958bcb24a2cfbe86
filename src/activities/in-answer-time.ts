import { setTimeout as sleep } from 'node:timers/promises';

/** Milliseconds to wait for an answer of Temporal if no heartbeat timeout is set, or if the attempt has failed. */
export const ANSWER_MS = 2500;

/** Waits for `work`, but not longer than an answer takes: a share of a long heartbeat timeout is minutes. */
export async function inAnswerTime(work: Promise<void>): Promise<void> {
  const over = new AbortController();
  const bound = sleep(ANSWER_MS, undefined, { signal: over.signal }).catch(() => undefined);
  await Promise.race([work, bound]);
  over.abort();
}
