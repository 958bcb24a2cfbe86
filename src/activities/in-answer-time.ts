import { within } from '../util/within.js';

/** Milliseconds to wait for an answer of Temporal if no heartbeat timeout is set, or if the attempt has failed. */
export const ANSWER_MS = 2500;

/** Waits for `work`, but not longer than an answer takes: a share of a long heartbeat timeout is minutes. */
export async function inAnswerTime(work: Promise<unknown>): Promise<void> {
  await within(ANSWER_MS, work);
}
