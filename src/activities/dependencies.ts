import type { GeminiConnection, SendPace } from '../gemini/index.js';
import type { SourcePolicy } from '../sources/index.js';

/** What the activities are given by the worker. */
export interface ActivityDependencies extends SourcePolicy {
  /**
   * The connection under a credentials profile; without a name, the worker's own.
   *
   * @throws MissingCredentialsError if there is no key
   */
  readonly connect: (profile?: string) => Promise<GeminiConnection>;
  /**
   * Ends an activity for which no connection to the provider could be made for this long, in milliseconds: an upload without a session, a check of
   * a file that no check has found yet, and the delete of a file of whose upload nothing is known.
   *
   * @default until its own timeout
   */
  readonly unreachableTimeoutMs?: number;
  /** Holds back this worker's uploads. @default as many at once as the worker has activity slots, as fast as they go */
  readonly throttle?: UploadThrottle;
}

/** Holds back the uploads of one worker. */
export interface UploadThrottle {
  /** Runs `upload` when its turn comes; rejects with the signal's reason if that aborts before. */
  readonly runInSlot: <T>(upload: () => Promise<T>, signal: AbortSignal) => Promise<T>;
  /** The pace of one more upload; uploads send in the order of these calls. @default as fast as they go */
  readonly pace?: () => SendPace;
}
