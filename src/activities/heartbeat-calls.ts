import { setTimeout as sleep } from 'node:timers/promises';
import {
  ActivityCancelledError,
  ActivityNotFoundError,
  ActivityPausedError,
  ActivityResetError,
  type Client,
} from '@temporalio/client';
import { instant, type Instant } from '../util/instant.js';
import { within } from '../util/within.js';
import type { StopReason } from './attempt-stopped.js';
import { ANSWER_MS } from './in-answer-time.js';

/** Share of the heartbeat timeout that one heartbeat may wait for its answer. */
const ANSWER_SHARE = 0.2;

/**
 * How long the end of earlier calls is waited for, in milliseconds. The SDK repeats a call for 10 s while Temporal is unavailable, and was
 * measured to repeat a throttled one for 16 s. A connection that is never made, and a payload codec, have no bound of their own.
 */
const REPEATED_MS = 30_000;

/** What Temporal answers: the details are stored, and it may ask for the end of the attempt; or the attempt does not exist any more. */
export type HeartbeatAnswer = 'stored' | StopReason | 'gone';

/**
 * The calls that store the heartbeats of one attempt. A call without an answer in time is given up, so that a newer one can be sent while
 * Temporal starts again. The SDK goes on to repeat it: it can be stored after a newer one, and its answer still counts.
 */
export class HeartbeatCalls {
  private readonly open = new Set<Promise<boolean>>();
  private readonly answerMs: number;

  /**
   * @param timeoutMs - the heartbeat timeout; infinite if there is none
   * @param take - called with each answer, also with a late one, and with the time when its heartbeat was sent
   */
  constructor(
    private readonly taskToken: Uint8Array,
    timeoutMs: number,
    private readonly take: (answer: HeartbeatAnswer, sentAt: Instant) => void,
  ) {
    this.answerMs = Number.isFinite(timeoutMs) ? timeoutMs * ANSWER_SHARE : ANSWER_MS;
  }

  /** Resolves to whether Temporal has stored the details in time; never rejects. */
  async send(client: Client, details: () => unknown): Promise<boolean> {
    const sentAt = instant();
    const heartbeat = async () => client.activity.heartbeat(this.taskToken, details());
    const end = client
      .withDeadline(Date.now() + this.answerMs, heartbeat)
      .then(() => 'stored' as const, answerOf)
      .then((answer) => {
        this.open.delete(end);
        if (answer) this.take(answer, sentAt);
        return answer !== undefined && answer !== 'gone';
      });
    this.open.add(end);
    return (await within(this.answerMs, end)) === true;
  }

  /**
   * Resolves when none of the calls that were made before is sent again: to true, or to false if one has not ended in a time in which the
   * SDK ends each.
   *
   * @throws the reason of `ended` if it aborts meanwhile
   */
  async over(ended: AbortSignal, boundMs = REPEATED_MS): Promise<boolean> {
    if (this.open.size === 0) return true;
    const done = new AbortController();
    const bound = sleep(boundMs, false, { signal: AbortSignal.any([ended, done.signal]) });
    try {
      return await Promise.race([Promise.all(this.open).then(() => true), bound]);
    } catch (error) {
      ended.throwIfAborted();
      throw error;
    } finally {
      done.abort();
    }
  }
}

/** Undefined for what is not an answer of Temporal's: the next heartbeat may be answered. */
function answerOf(error: unknown): HeartbeatAnswer | undefined {
  if (error instanceof ActivityNotFoundError) return 'gone';
  if (error instanceof ActivityCancelledError) return 'cancelled';
  if (error instanceof ActivityResetError) return 'reset';
  return error instanceof ActivityPausedError ? 'paused' : undefined;
}
