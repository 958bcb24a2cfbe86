/** The failures of the contract as classes; their `name` is the failure's `type` on the wire. Plain data, no imports of Temporal. */

import {
  pickDetails,
  type Cleanup,
  type ErrorFields,
  type FailureDetails,
  type SourceErrorFields,
} from './error-details.js';
import type { ErrorKind, Operation } from './error-kind.js';
import { PROVIDER } from './names.js';

export type { Cleanup, ErrorFields, FailureDetails, SourceErrorFields } from './error-details.js';

const MARKER = Symbol.for('temporal-gemini-files.error');

/** Base of all errors of the contract. Recognise one across copies of the package with `isGeminiFilesError`. */
export abstract class GeminiFilesError extends Error implements FailureDetails {
  /** The failure's type on the wire, which is the name of the class. */
  abstract override readonly name: FailureType;
  // Declared only, so that an absent detail is not a property whose value is undefined.
  /** Always `google`, unless the input named another one. */
  declare readonly provider: string;
  /** The file's name, `files/…`; absent if nothing was ever sent to the provider. */
  declare readonly id?: string;
  /** The file's last known state. */
  declare readonly state?: string;
  /** The HTTP status behind the failure. */
  declare readonly status?: number;
  /** What the provider's answer, or the lack of one, meant; absent if the provider is not the reason. */
  declare readonly kind?: ErrorKind;
  /** The request to the provider that failed; present together with `kind`. */
  declare readonly operation?: Operation;
  /** How many checks had answered. */
  declare readonly polls?: number;
  /** What became of the file; absent if there was none, or if it was gone by itself. */
  declare readonly cleanup?: Cleanup;

  /**
   * @param message - what happened, and what to do
   * @param fields - the details of the failure, and its cause
   */
  constructor(message: string, fields: ErrorFields = {}) {
    super(message, fields.cause === undefined ? undefined : { cause: fields.cause });
    Object.defineProperty(this, MARKER, { value: true });
    Object.assign(this, { provider: PROVIDER, ...pickDetails(fields) });
  }
}

/**
 * An option is unknown, missing or out of bounds; the message names the field and its value.
 *
 * What to do: correct the input.
 */
export class InvalidOptionsError extends GeminiFilesError {
  override readonly name = 'InvalidOptionsError';
}
/**
 * `provider` is not `google`.
 *
 * What to do: correct the input.
 */
export class UnsupportedProviderError extends GeminiFilesError {
  override readonly name = 'UnsupportedProviderError';
}
/**
 * The path does not exist on the worker's host, or the source answers 404 or 410.
 *
 * What to do: check the path as the worker sees it, or the source; a file on one host's disk needs `taskQueue`.
 */
export class FileNotFoundError extends GeminiFilesError {
  override readonly name = 'FileNotFoundError';
}
/**
 * The path is a directory, FIFO, socket or device.
 *
 * What to do: name a regular file.
 */
export class NotAFileError extends GeminiFilesError {
  override readonly name = 'NotAFileError';
}
/**
 * The file has no bytes.
 *
 * What to do: check the program that wrote it.
 */
export class EmptyFileError extends GeminiFilesError {
  override readonly name = 'EmptyFileError';
}
/**
 * The file is larger than 2 GiB.
 *
 * What to do: split or compress it.
 */
export class FileTooLargeError extends GeminiFilesError {
  override readonly name = 'FileTooLargeError';
}
/**
 * The path is outside of the worker's allowed roots, or the worker may not read it.
 *
 * What to do: add its folder to the allowed roots, or change its permissions, if it should be allowed.
 */
export class PathNotAllowedError extends GeminiFilesError {
  override readonly name = 'PathNotAllowedError';
}
/**
 * The file changed during the upload or between its attempts, or its content since a hold began.
 *
 * What to do: start again when the program that writes the file has closed it.
 */
export class FileChangedError extends GeminiFilesError {
  override readonly name = 'FileChangedError';
}
/**
 * The worker does not permit this source, its address or a redirect, or the source answered 401 or 403.
 *
 * What to do: permit it in the worker option `sources`, or check the credentials of the source.
 */
export class SourceNotAllowedError extends GeminiFilesError {
  override readonly name = 'SourceNotAllowedError';
}

/**
 * The source did not deliver the file: 429, 5xx or a broken connection, an answer without a length, with wrong ranges or with an encoding, or a disk that hangs.
 *
 * What to do: check the source; start again.
 */
export class SourceError extends GeminiFilesError {
  override readonly name = 'SourceError';
  // Known only where the error was made: neither is a detail on the wire, where Temporal's failure says whether it is retried.
  /** Whether the same request may succeed later. */
  declare readonly retryable?: boolean;
  /** Milliseconds after which the source asks to be tried again. */
  declare readonly retryAfterMs?: number;

  /**
   * @param message - what happened, and what to do
   * @param fields - the details of the failure, its cause, and whether the request may be repeated
   */
  constructor(message: string, fields: SourceErrorFields = {}) {
    super(message, fields);
    const { retryable, retryAfterMs } = fields;
    if (retryable) Object.assign(this, { retryable, ...(retryAfterMs !== undefined && { retryAfterMs }) });
  }
}
/**
 * The worker has no API key, or no such credentials profile.
 *
 * What to do: give the worker a key; `doctor` shows which one it finds.
 */
export class MissingCredentialsError extends GeminiFilesError {
  override readonly name = 'MissingCredentialsError';
}
/**
 * The provider does not accept the API key.
 *
 * What to do: replace the key; start again.
 */
export class InvalidCredentialsError extends GeminiFilesError {
  override readonly name = 'InvalidCredentialsError';
}
/**
 * `@google/genai` is not installed, or Temporal's native module or the package's own workflow bundle cannot be loaded.
 *
 * What to do: install what the message names, on the worker.
 */
export class MissingDependencyError extends GeminiFilesError {
  override readonly name = 'MissingDependencyError';
}
/**
 * The project's file storage (20 GiB) is full.
 *
 * What to do: delete files (`sweep` first), or wait until some expire; start again, or upload with `onQuotaFull: 'wait'`.
 */
export class QuotaExceededError extends GeminiFilesError {
  override readonly name = 'QuotaExceededError';
}
/**
 * The provider failed or lost the file, or the upload did not end within `uploadTimeout`.
 *
 * What to do: read the message: it has the provider's reason, or the last error of the upload; start again.
 */
export class UploadFailedError extends GeminiFilesError {
  override readonly name = 'UploadFailedError';
}
/**
 * The file was not `ACTIVE` within `timeout`.
 *
 * What to do: use a longer `timeout`; a file that stays `PROCESSING` for hours is often broken: try to play it.
 */
export class UploadInactiveError extends GeminiFilesError {
  override readonly name = 'UploadInactiveError';
}
/**
 * Any other answer of the provider, or none.
 *
 * What to do: read `kind` and `status` in the details; start again if the error was transient.
 */
export class ProviderError extends GeminiFilesError {
  override readonly name = 'ProviderError';
}

/** Class by failure type: the one list of the contract's errors. `npm run schemas` makes the table in docs/failures.md of it, and of the comments. */
export const ERROR_CLASSES = {
  InvalidOptionsError,
  UnsupportedProviderError,
  FileNotFoundError,
  NotAFileError,
  EmptyFileError,
  FileTooLargeError,
  PathNotAllowedError,
  FileChangedError,
  SourceNotAllowedError,
  SourceError,
  MissingCredentialsError,
  InvalidCredentialsError,
  MissingDependencyError,
  QuotaExceededError,
  UploadFailedError,
  UploadInactiveError,
  ProviderError,
} as const;

/** `type` of an `ApplicationFailure` that this package throws. */
export type FailureType = keyof typeof ERROR_CLASSES;

export function isFailureType(type: unknown): type is FailureType {
  return typeof type === 'string' && Object.hasOwn(ERROR_CLASSES, type);
}

/**
 * Whether `error` is one of the contract's, also when another copy of the package made it.
 *
 * @param error - whatever was thrown, also by another copy of this package
 *
 * @example
 * ```ts
 * import { isGeminiFilesError } from 'temporal-gemini-files';
 *
 * try {
 *   await gemini.uploadAndWaitActive('clip.mp4');
 * } catch (error) {
 *   if (!isGeminiFilesError(error)) throw error;
 *   console.error(error.name, error.status, error.cleanup);
 * }
 * ```
 */
export function isGeminiFilesError(error: unknown): error is GeminiFilesError {
  return typeof error === 'object' && error !== null && MARKER in error;
}
