/** The error of a request to the provider. */

import type { ErrorKind, Operation } from '../contract/error-kind.js';

/** What a `GeminiApiError` is made with. */
export interface ApiErrorOptions {
  readonly kind: ErrorKind;
  readonly operation: Operation;
  /** HTTP status; absent if no answer came. */
  readonly status?: number;
  /** Milliseconds after which the provider asks to be tried again. */
  readonly retryAfterMs?: number;
  /** Whether the answer shows that it is the provider's. @default false */
  readonly ofProvider?: boolean;
  readonly cause?: unknown;
}

/** A request to the provider that failed. Its message has no secret. */
export class GeminiApiError extends Error {
  /** Name of the class. */
  override readonly name = 'GeminiApiError';
  /** What the answer, or the lack of one, meant. */
  readonly kind: ErrorKind;
  /** Which request it was. */
  readonly operation: Operation;
  /** HTTP status; absent if no answer came. */
  readonly status?: number;
  /** Milliseconds after which the provider asks to be tried again. */
  readonly retryAfterMs?: number;
  /** Whether the answer shows that it is the provider's, and not that of a proxy on the way. */
  readonly ofProvider: boolean;

  /**
   * @param message - the request, and what its answer was
   * @param options - what the answer meant
   */
  constructor(message: string, options: ApiErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = options.kind;
    this.operation = options.operation;
    this.ofProvider = options.ofProvider === true;
    if (options.status !== undefined) this.status = options.status;
    if (options.retryAfterMs !== undefined) this.retryAfterMs = options.retryAfterMs;
  }

  /** Whether the same request may succeed later. */
  get retryable(): boolean {
    return (
      this.kind === 'connection' ||
      this.kind === 'unavailable' ||
      this.kind === 'session-lost' ||
      this.kind === 'name-conflict' ||
      this.kind === 'offset-mismatch'
    );
  }
}
