/** Bounds of what a source may take: none of them ends a healthy transfer. */

export interface SourceLimits {
  /** From the request, with the name lookup, to the end of the answer's head, in milliseconds; also for a call of a user's function. */
  readonly answerMs: number;
  /** Longest wait for the next bytes of a body, in milliseconds. */
  readonly stallMs: number;
  /** A body that is waited for this long in sum has to have brought `slowBytes` in that time, in milliseconds. */
  readonly slowMs: number;
  readonly slowBytes: number;
  /** First bytes of a file, which are kept: the MIME type is detected by them, and a small file is all there. */
  readonly headBytes: number;
}

export const SOURCE_LIMITS: SourceLimits = {
  answerMs: 30_000,
  stallMs: 30_000,
  slowMs: 60_000,
  slowBytes: 60 * 1024,
  headBytes: 64 * 1024,
};

/** Bytes of an answer's head. */
export const MAX_HEAD_BYTES = 32 * 1024;

export const MAX_REDIRECTS = 3;

/** Longest URL that is followed. */
export const MAX_URL_LENGTH = 8192;

/** Breaks in a row, each after less than `PROGRESS_BYTES`, after which an attempt is given up. */
export const MAX_BREAKS = 5;
export const PROGRESS_BYTES = 64 * 1024;

/** Longest delay that a source can ask for, in milliseconds. */
export const MAX_RETRY_AFTER_MS = 60 * 60 * 1000;
