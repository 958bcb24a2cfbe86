/**
 * Heartbeats of an upload, each confirmed by Temporal, and with them the right of the attempt to go on.
 *
 * H1. Details that `record` was called with are stored by Temporal when it resolves. The SDK's own `heartbeat` throttles and
 *     does not report an answer, so the request is sent with the worker's client. A request that was given up may still come to Temporal,
 *     so `record` waits for the end of all that were sent before its own.
 * H2. The attempt stops before the heartbeat timeout if Temporal does not answer: from then on Temporal may start another
 *     attempt or the clean-up. The time counts from when the last answered heartbeat was sent, so it ends here first.
 * H3. The attempt stops at once if Temporal answers that the activity does not exist any more.
 * H4. The SDK still gets heartbeats: without them it would end the activity by itself, and only from its own heartbeats
 *     does it learn about a cancellation, a pause or a reset.
 * H5. An attempt that fails does not end before its first heartbeat was answered. Temporal drops what comes later, and an attempt of
 *     which nothing is known may have done anything. It does not wait for longer than an answer takes.
 * H6. The first heartbeat may be delayed (`firstAfterMs`), so that it holds what the attempt finds out meanwhile. It is sent at once when
 *     the attempt asks for an answer, or fails (H5).
 */

import { setTimeout as startTimer } from 'node:timers';
import { setTimeout as sleep } from 'node:timers/promises';
import { Context } from '@temporalio/activity';
import {
  ActivityCancelledError,
  ActivityNotFoundError,
  ActivityPausedError,
  ActivityResetError,
  type Client,
} from '@temporalio/client';
import { AttemptSupersededError, StopRequestedError, type StopReason } from './attempt-stopped.js';
import { HeartbeatCalls } from './heartbeat-calls.js';
import { inAnswerTime } from './in-answer-time.js';
import { FIRST_BEAT_MS, HeartbeatRhythm } from './heartbeat-rhythm.js';
import { elapsedMs, instant, type Instant } from '../util/instant.js';

/** Pause before a heartbeat that was not answered is sent again, in milliseconds. */
const RETRY_MS = 100;

/** Share of the heartbeat timeout after which an attempt without an answer stops (H2). */
const LEASE_SHARE = 0.8;

export interface Heartbeat {
  /** Aborts when the attempt must stop (H2, H3), or when Temporal asks for its end. The reason is an `AttemptStoppedError`. */
  readonly signal: AbortSignal;
  /** Aborts for `signal`, and if the attempt is cancelled: what the attempt waits for ends with it. */
  readonly ended: AbortSignal;
  /**
   * Resolves when Temporal has stored the current details.
   *
   * @throws AttemptStoppedError if the attempt must not go on
   */
  readonly record: () => Promise<void>;
  /**
   * Sends the current details once, and waits no longer than an answer takes: an attempt that fails hands on what it has found out. Never
   * rejects, so that the attempt keeps the reason of its failure.
   */
  readonly offer: () => Promise<void>;
  /** Resolves when Temporal has answered a heartbeat of the last second. @throws AttemptStoppedError as `record` does */
  readonly confirm: () => Promise<void>;
  /** @throws AttemptStoppedError if the attempt must not go on; also when timers are late, as after a suspended process */
  readonly assertCurrent: () => void;
}

/**
 * Sends heartbeats with `details()` while `work` runs.
 *
 * @param firstAfterMs - when the first one is sent, unless `work` asks for one before; milliseconds
 */
export async function withHeartbeat<T>(
  details: () => unknown,
  work: (heartbeat: Heartbeat) => Promise<T>,
  firstAfterMs = 0,
): Promise<T> {
  const beats = new ConfirmedHeartbeats(details, firstAfterMs);
  try {
    return await work(beats);
  } catch (error) {
    await inAnswerTime(beats.firstAnswer());
    throw error;
  } finally {
    beats.end();
  }
}

class ConfirmedHeartbeats implements Heartbeat {
  private readonly context = Context.current();
  private readonly client = clientOf(this.context);
  private readonly timeoutMs = this.context.info.heartbeatTimeoutMs || Number.POSITIVE_INFINITY;
  private readonly calls = new HeartbeatCalls(this.client, this.context.info.taskToken, this.timeoutMs);
  private readonly stop = new AbortController();
  readonly ended = AbortSignal.any([this.context.cancellationSignal, this.stop.signal]);
  private timer: NodeJS.Timeout | undefined;
  /** Undefined once a heartbeat was sent. */
  private firstTimer: NodeJS.Timeout | undefined;
  private readonly rhythm = new HeartbeatRhythm(this.timeoutMs);
  /** Whether the last heartbeat that has ended was answered. */
  private answered = true;
  /** Before the first answer, the limit of H2 counts from here. */
  private readonly startedAt = instant();
  /** When the last heartbeat that was answered had been sent; undefined before the first answer. */
  private confirmed: Instant | undefined;
  /** The request under way. */
  private pending: Promise<void> | undefined;

  constructor(
    private readonly details: () => unknown,
    firstAfterMs: number,
  ) {
    if (this.client && firstAfterMs === 0) void this.send();
    else if (this.client) this.firstTimer = startTimer(() => void this.send(), firstAfterMs);
    else if (this.context.info.heartbeatDetails !== undefined) this.context.heartbeat(details());
    this.scheduleTick();
  }

  get signal(): AbortSignal {
    return this.stop.signal;
  }

  end(): void {
    clearTimeout(this.timer);
    clearTimeout(this.firstTimer);
  }

  /** Resolves when the first heartbeat was answered, or its request has failed. */
  async firstAnswer(): Promise<void> {
    if (this.firstTimer) void this.send();
    if (this.confirmed === undefined) await this.pending;
  }

  async record(): Promise<void> {
    this.noteForSdk();
    if (!this.client) return;
    this.assertCurrent();
    // Each call under way may hold older details, and must not come after the one below (H1).
    await this.calls.over();
    for (;;) {
      this.assertCurrent();
      await this.pending;
      const before = this.confirmed;
      await this.send();
      this.assertCurrent();
      if (this.confirmed !== before) return;
      // Not answered: try again until the limit of H2.
      await sleep(RETRY_MS, undefined, { signal: this.context.cancellationSignal });
    }
  }

  async offer(): Promise<void> {
    if (this.signal.aborted) return;
    this.noteForSdk();
    if (this.client) await inAnswerTime(this.calls.over().then(() => this.send()));
  }

  async confirm(): Promise<void> {
    if (!this.client) return;
    this.assertCurrent();
    await this.firstAnswer();
    if (this.confirmed === undefined || elapsedMs(this.confirmed) > FIRST_BEAT_MS) await this.record();
  }

  assertCurrent(): void {
    this.signal.throwIfAborted();
    if (!this.client) return;
    const ms = elapsedMs(this.confirmed ?? this.startedAt);
    if (ms <= this.timeoutMs * LEASE_SHARE) return;
    this.stop.abort(
      new AttemptSupersededError(`Temporal did not answer a heartbeat for ${Math.round(ms)} ms`),
    );
    this.signal.throwIfAborted();
  }

  /** The SDK may be holding back a heartbeat with older details, which would replace the current ones. */
  private noteForSdk(): void {
    if (!this.client || this.rhythm.sdkHasBeaten) this.context.heartbeat(this.details());
  }

  private scheduleTick(): void {
    const tick = () => {
      this.scheduleTick();
      this.tick();
    };
    this.timer = startTimer(tick, this.rhythm.tickMs(elapsedMs(this.startedAt)));
  }

  private tick(): void {
    const { confirmed, sdk } = this.rhythm.tick(elapsedMs(this.startedAt), this.answered);
    if (sdk || (!this.client && confirmed)) this.context.heartbeat(this.details());
    if (!this.client || this.signal.aborted) return;
    try {
      this.assertCurrent();
    } catch {
      return;
    }
    if (confirmed && !this.pending) void this.send();
  }

  /** Sends one heartbeat; never rejects. */
  private send(): Promise<void> {
    clearTimeout(this.firstTimer);
    this.firstTimer = undefined;
    const sentAt = instant();
    const sent = this.calls
      .send(this.details)
      .then(() => {
        this.confirmed = sentAt;
        this.answered = true;
      })
      .catch((error: unknown) => this.take(error, sentAt))
      .finally(() => {
        if (this.pending === sent) this.pending = undefined;
      });
    this.pending = sent;
    return sent;
  }

  private take(error: unknown, sentAt: Instant): void {
    if (error instanceof ActivityNotFoundError) {
      this.stop.abort(new AttemptSupersededError('Temporal has ended this attempt'));
      return;
    }
    const reason = askedFor(error);
    // Anything else is a heartbeat that was not answered; the next one may be.
    this.answered = reason !== undefined;
    if (!reason) return;
    this.confirmed = sentAt;
    this.stop.abort(new StopRequestedError(reason));
    // Told by itself, the SDK reports the end of the activity as what it is (H4).
    this.context.heartbeat(this.details());
  }
}

function askedFor(error: unknown): StopReason | undefined {
  if (error instanceof ActivityCancelledError) return 'cancelled';
  if (error instanceof ActivityResetError) return 'reset';
  return error instanceof ActivityPausedError ? 'paused' : undefined;
}

/** Undefined in Temporal's mock environment, which has no server to ask. */
function clientOf(context: Context): Client | undefined {
  try {
    return context.client;
  } catch {
    return undefined;
  }
}
