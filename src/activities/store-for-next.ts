import { Context } from '@temporalio/activity';
import { answerBy } from '../util/answer-by.js';
import { ANSWER_MS } from './in-answer-time.js';

/**
 * Stores what the next attempt of this activity reads from its `heartbeatDetails`. Sent with the worker's client: the SDK's own
 * `heartbeat` can drop what an attempt stores right before it fails. If it cannot be stored, the next attempt does without.
 */
export async function storeForNext(details: unknown): Promise<void> {
  try {
    const { client, info } = Context.current();
    await answerBy(Date.now() + ANSWER_MS, client, () => client.activity.heartbeat(info.taskToken, details));
  } catch {
    // Also an answer that asks the activity to stop: it is about to end anyway.
  }
}
