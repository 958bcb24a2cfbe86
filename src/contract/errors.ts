/** The failures of the contract as classes; their `name` is the failure's `type` on the wire. Plain data, no imports of Temporal. */

import { ERROR_KINDS, OPERATIONS, type ErrorKind, type Operation } from './error-kind.js';
import { PROVIDER } from './names.js';

const CLEANUPS = ['deleted', 'kept', 'failed'] as const;

/** What became of the file after a failure: deleted, kept on request, or still there because the delete failed. */
export type Cleanup = (typeof CLEANUPS)[number];

/** `details[0]` of a failure on the wire. */
export interface FailureDetails {
  /** Always `google`, unless the input named another one. */
  readonly provider: string;
  /** The file's name, `files/…`; absent if nothing was ever sent to the provider. */
  readonly id?: string;
  /** The file's last known state. */
  readonly state?: string;
  /** The HTTP status behind the failure. */
  readonly status?: number;
  /** What the provider's answer, or the lack of one, meant; absent if the provider is not the reason, and in failures of 0.1.0. */
  readonly kind?: ErrorKind;
  /** The request to the provider that failed; present together with `kind`. */
  readonly operation?: Operation;
  /** How many checks had answered. */
  readonly polls?: number;
  /** What became of the file; absent if there was none, or if it was gone by itself. */
  readonly cleanup?: Cleanup;
}

/**
 * What an error of the contract is made with: its details, and its cause.
 *
 * @interface
 */
export type ErrorFields = Partial<FailureDetails> & {
  /** The error behind it. */
  readonly cause?: unknown;
};

const isText = (value: unknown) => typeof value === 'string';
const isNumber = (value: unknown) => typeof value === 'number';
const isOneOf = (values: readonly unknown[]) => (value: unknown) => values.includes(value);

/** Each detail, in the order in which they are shown, and whether a value can be one. */
const DETAILS: Readonly<Record<keyof FailureDetails, (value: unknown) => boolean>> = {
  provider: isText,
  id: isText,
  state: isText,
  status: isNumber,
  kind: isOneOf(ERROR_KINDS),
  operation: isOneOf(OPERATIONS),
  polls: isNumber,
  cleanup: isOneOf(CLEANUPS),
};

/** The details in `source`, without invalid values: `source` may come from the wire, so any program may have written it. */
export function pickDetails(source: unknown): Partial<FailureDetails> {
  const given = Object(source) as Record<string, unknown>;
  const names = Object.keys(DETAILS) as (keyof FailureDetails)[];
  return Object.fromEntries(
    names.filter((name) => DETAILS[name](given[name])).map((name) => [name, given[name]]),
  );
}

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

/** An option is unknown, missing or out of bounds; the message names the field and its value. */
export class InvalidOptionsError extends GeminiFilesError {
  override readonly name = 'InvalidOptionsError';
}
/** `provider` is not `google`. */
export class UnsupportedProviderError extends GeminiFilesError {
  override readonly name = 'UnsupportedProviderError';
}
/** There is no file at the path, on the host where the upload ran. */
export class FileNotFoundError extends GeminiFilesError {
  override readonly name = 'FileNotFoundError';
}
/** The path is a directory, FIFO, socket or device. */
export class NotAFileError extends GeminiFilesError {
  override readonly name = 'NotAFileError';
}
/** The file has no bytes. */
export class EmptyFileError extends GeminiFilesError {
  override readonly name = 'EmptyFileError';
}
/** The file is over the provider's 2 GiB. */
export class FileTooLargeError extends GeminiFilesError {
  override readonly name = 'FileTooLargeError';
}
/** The path is outside the worker's allowed roots, or the worker may not read it. */
export class PathNotAllowedError extends GeminiFilesError {
  override readonly name = 'PathNotAllowedError';
}
/** The file changed at its source during the upload or between its attempts. */
export class FileChangedError extends GeminiFilesError {
  override readonly name = 'FileChangedError';
}
/** The worker does not permit the source, the address behind it or a redirect, or the source refused the worker (401, 403). */
export class SourceNotAllowedError extends GeminiFilesError {
  override readonly name = 'SourceNotAllowedError';
}

/** What a `SourceError` is made with. */
export interface SourceErrorFields extends ErrorFields {
  /** Whether the same request may succeed later. @default false */
  readonly retryable?: boolean;
  /** Milliseconds after which the source asks to be tried again. */
  readonly retryAfterMs?: number;
}

/** The source did not deliver the file: 429, 5xx or a broken connection, or an answer that cannot be used. */
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
/** The worker has no API key, or none under the profile's name. */
export class MissingCredentialsError extends GeminiFilesError {
  override readonly name = 'MissingCredentialsError';
}
/** The provider does not accept the API key. */
export class InvalidCredentialsError extends GeminiFilesError {
  override readonly name = 'InvalidCredentialsError';
}
/** A peer dependency is not installed. */
export class MissingDependencyError extends GeminiFilesError {
  override readonly name = 'MissingDependencyError';
}
/** The project's file storage quota is full. */
export class QuotaExceededError extends GeminiFilesError {
  override readonly name = 'QuotaExceededError';
}
/** The file ended in a terminal state other than ACTIVE, is gone, or its upload did not end in `uploadTimeout`. */
export class UploadFailedError extends GeminiFilesError {
  override readonly name = 'UploadFailedError';
}
/** The file was not ACTIVE within `timeout`. */
export class UploadInactiveError extends GeminiFilesError {
  override readonly name = 'UploadInactiveError';
}
/** Any other answer of the provider, or none. */
export class ProviderError extends GeminiFilesError {
  override readonly name = 'ProviderError';
}

/** Class by failure type: the one list of the contract's errors. */
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
