/** The error of a request to the provider, and what it means to a caller. */

/**
 * What an error means to a caller:
 * - `connection`: no complete answer came; the work may or may not have been done
 * - `unavailable`: 408, 425, 429, 5xx; worth another try later
 * - `credentials`: the API key is missing, wrong, blocked, leaked or expired
 * - `quota`: the project's file storage is full (F-QUOTA-FULL)
 * - `not-found`: there is no such file for this key (403 as well as 404: provider fact F-GET-DENIED)
 * - `name-conflict`: the file's name is in use (409): the file exists, but it may not be visible yet (F-START-NAME-TAKEN, F-GET-LATE)
 * - `session-lost`: the upload session has been ended; another attempt may open a new one (F-UPLOAD-TERMINATED, F-UPLOAD-REJECTED)
 * - `offset-mismatch`: the upload stands at another offset than the request said (F-UPLOAD-OFFSET)
 * - `rejected`: anything else; trying again gives the same
 */
export type ApiErrorKind =
  | 'connection'
  | 'unavailable'
  | 'credentials'
  | 'quota'
  | 'not-found'
  | 'name-conflict'
  | 'session-lost'
  | 'offset-mismatch'
  | 'rejected';

export type Operation = 'start' | 'upload' | 'query' | 'cancel' | 'get' | 'delete' | 'list';

export interface ApiErrorOptions {
  readonly kind: ApiErrorKind;
  readonly operation: Operation;
  /** HTTP status; absent where no answer came. */
  readonly status?: number;
  /** Milliseconds after which the provider asks to be tried again. */
  readonly retryAfterMs?: number;
  readonly cause?: unknown;
}

export class GeminiApiError extends Error {
  override readonly name = 'GeminiApiError';
  readonly kind: ApiErrorKind;
  readonly operation: Operation;
  readonly status?: number;
  readonly retryAfterMs?: number;

  constructor(message: string, options: ApiErrorOptions) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.kind = options.kind;
    this.operation = options.operation;
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
