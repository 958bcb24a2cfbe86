/**
 * Heartbeats of an upload, each confirmed by Temporal, and with them the right of the attempt to go on.
 *
 * H1. Details that `record` was called with are stored by Temporal when it resolves. The SDK's own `heartbeat` throttles and
 *     does not report an answer, so the request is sent with the worker's client. A request that was given up may still be
 *     repeated, so `record` waits for the end of all that were sent before its own. A heartbeat of the SDK may be repeated too, and
 *     replace the details until the next of these.
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
import type { Client } from '@temporalio/client';
import { AttemptSupersededError, StopRequestedError } from './attempt-stopped.js';
import { HeartbeatCalls, type HeartbeatAnswer } from './heartbeat-calls.js';
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
  private readonly calls = new HeartbeatCalls(this.context.info.taskToken, this.timeoutMs, (...answer) =>
    this.take(...answer),
  );
  private readonly stop = new AbortController();
  readonly ended = AbortSignal.any([this.context.cancellationSignal, this.stop.signal]);
  private timer: NodeJS.Timeout | undefined;
  /** Undefined once a heartbeat was sent. */
  private firstTimer: NodeJS.Timeout | undefined;
  private readonly rhythm = new HeartbeatRhythm(this.timeoutMs);
  /** Whether the last heartbeat that has ended, or was given up, was answered. */
  private answered = true;
  /** The attempt has ended. */
  private isOver = false;
  /** Before the first answer, the limit of H2 counts from here. */
  private readonly startedAt = instant();
  /** When the newest heartbeat that was answered had been sent; undefined before the first answer. */
  private confirmed: Instant | undefined;
  /** The newest request, until it is answered or given up. */
  private pending: Promise<boolean> | undefined;

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
    this.isOver = true;
    clearTimeout(this.timer);
    clearTimeout(this.firstTimer);
  }

  /** Resolves when a heartbeat was answered, or the attempt is stopped. */
  async firstAnswer(): Promise<void> {
    const isWanted = () =>
      this.client && this.confirmed === undefined && !this.signal.aborted && !this.isOver;
    while (isWanted()) {
      const answered = await (this.pending ?? this.send());
      if (!answered) await sleep(RETRY_MS);
    }
  }

  async record(): Promise<void> {
    this.noteForSdk();
    if (!this.client) return;
    this.assertCurrent();
    // Each call under way may hold older details, and must not come after the one below (H1).
    if (!(await this.calls.over(this.ended))) {
      this.stop.abort(new AttemptSupersededError('an earlier heartbeat did not end'));
    }
    await this.sendUntilAnswered();
  }

  async offer(): Promise<void> {
    if (this.signal.aborted) return;
    this.noteForSdk();
    if (!this.client) return;
    const offered = this.calls.over(this.ended).then((isOver) => isOver && !this.isOver && this.send());
    await inAnswerTime(offered.catch(() => undefined));
  }

  async confirm(): Promise<void> {
    if (!this.client) return;
    this.assertCurrent();
    if (this.firstTimer) void this.send();
    if (this.confirmed === undefined) await this.pending;
    if (this.confirmed === undefined || elapsedMs(this.confirmed) > FIRST_BEAT_MS) {
      await this.sendUntilAnswered();
    }
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

  private async sendUntilAnswered(): Promise<void> {
    for (;;) {
      this.assertCurrent();
      const answered = await this.send();
      this.assertCurrent();
      if (answered) return;
      // Again until the limit of H2.
      await sleep(RETRY_MS, undefined, { signal: this.context.cancellationSignal });
    }
  }

  /** Sends one heartbeat. Resolves to whether it was answered in time; never rejects. */
  private send(): Promise<boolean> {
    clearTimeout(this.firstTimer);
    this.firstTimer = undefined;
    if (!this.client) return Promise.resolve(false);
    const sent = this.calls.send(this.client, this.details).then((answered) => {
      this.answered = answered;
      if (this.pending === sent) this.pending = undefined;
      return answered;
    });
    this.pending = sent;
    return sent;
  }

  private take(answer: HeartbeatAnswer, sentAt: Instant): void {
    if (answer === 'gone') {
      this.stop.abort(new AttemptSupersededError('Temporal has ended this attempt'));
      return;
    }
    // The answer to an older one may come later.
    if (!this.confirmed || sentAt.monotonicMs > this.confirmed.monotonicMs) this.confirmed = sentAt;
    if (answer === 'stored' || this.isOver) return;
    this.stop.abort(new StopRequestedError(answer));
    // Told by itself, the SDK reports the end of the activity as what it is (H4).
    this.context.heartbeat(this.details());
  }
}

/** Undefined in Temporal's mock environment, which has no server to ask. */
function clientOf(context: Context): Client | undefined {
  try {
    return context.client;
  } catch {
    return undefined;
  }
}
