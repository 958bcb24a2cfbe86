/** Why an attempt ends although neither the file nor the provider is the reason. */

/** What Temporal can ask an attempt for in its answer to a heartbeat. */
export type StopReason = 'cancelled' | 'paused' | 'reset';

export abstract class AttemptStoppedError extends Error {}

/**
 * Another attempt, or the clean-up, may be running by now: this attempt must not touch the file or the session any more,
 * not even to end it.
 */
export class AttemptSupersededError extends AttemptStoppedError {
  override readonly name = 'AttemptSupersededError';
}

/** The time of this attempt alone is up. The next one continues its session. */
export class AttemptTimeUpError extends AttemptStoppedError {
  override readonly name = 'AttemptTimeUpError';
}

/** Temporal asked for the end of the attempt. The SDK reports it as soon as its own heartbeat has the same answer. */
export class StopRequestedError extends AttemptStoppedError {
  override readonly name = 'StopRequestedError';
  constructor(readonly reason: StopReason) {
    super(`Temporal asked for the end of the attempt: ${reason}`);
  }
}
