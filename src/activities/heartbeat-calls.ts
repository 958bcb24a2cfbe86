import type { Client } from '@temporalio/client';
import { answerBy } from '../util/answer-by.js';
import { ANSWER_MS } from './in-answer-time.js';

/** Share of the heartbeat timeout that one heartbeat may wait for its answer. */
const ANSWER_SHARE = 0.2;

/**
 * The calls that store heartbeats of one attempt. One that is not answered in time is given up, so that newer ones can be sent while Temporal
 * starts again; but the SDK repeats it, so that it can still come to Temporal, after a newer one.
 */
export class HeartbeatCalls {
  private readonly open = new Set<Promise<void>>();
  private readonly answerMs: number;

  constructor(
    private readonly client: Client | undefined,
    private readonly taskToken: Uint8Array,
    timeoutMs: number,
  ) {
    this.answerMs = Number.isFinite(timeoutMs) ? timeoutMs * ANSWER_SHARE : ANSWER_MS;
  }

  /** @throws what Temporal answers; Error if it does not answer in time */
  async send(details: () => unknown): Promise<void> {
    const { client, taskToken } = this;
    if (!client) return;
    await answerBy(Date.now() + this.answerMs, client, () => {
      const call = client.activity.heartbeat(taskToken, details());
      const over = call
        .catch(() => undefined)
        .finally(() => {
          this.open.delete(over);
        });
      this.open.add(over);
      return call;
    });
  }

  /** Resolves when none that was sent before can come to Temporal any more; never rejects. */
  async over(): Promise<void> {
    await Promise.all(this.open);
  }
}
