/** Error bodies: Google's JSON, plain text from the upload front end, or nothing at all (provider facts F-ERROR-JSON, F-UPLOAD-TEXT). */

import { parseRetryDelay } from './retry-after.js';

export interface ErrorBody {
  /** Whether the body is Google's error JSON, with a code, so that the Gemini backend itself has spoken and no proxy. */
  readonly json: boolean;
  /** The provider's message; empty if there is none. */
  readonly message: string;
  /** `google.rpc.Code` name, such as `PERMISSION_DENIED`. */
  readonly code?: string;
  /** `reason` of a `google.rpc.ErrorInfo`, such as `API_KEY_INVALID`. */
  readonly reason?: string;
  readonly retryDelayMs?: number;
  /** Whether the quota that is exceeded is that of the project's file storage. */
  readonly storageFull: boolean;
}

const MAX_TEXT = 500;

/** The form of all names of codes and reasons. Other text is not a name, and its length is not bounded. */
const NAME = /^[A-Z][A-Z0-9_]{0,63}$/;

/** Looked for in all of the body: it may be in a QuotaFailure or in the message (provider fact F-QUOTA-FULL). */
const STORAGE_QUOTA = /\bfile_storage_bytes\b|\bFileStorageBytesPer/;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
const name = (value: unknown): string | undefined =>
  typeof value === 'string' && NAME.test(value) ? value : undefined;

/** @param hide - hides secrets in the message before it is cut */
export function parseErrorBody(body: string, hide = (words: string): string => words): ErrorBody {
  const value = parsed(body);
  const error = errorIn(value);
  const storageFull = STORAGE_QUOTA.test(body);
  // Serialized again, because JSON escapes can disguise what has to be hidden.
  if (!error) {
    return { json: false, message: shorten(hide(printed(value) ?? body)), storageFull };
  }
  const details = Array.isArray(error.details) ? error.details.filter(isRecord) : [];
  const detail = (type: string) =>
    details.find(
      (entry) => typeof entry['@type'] === 'string' && entry['@type'].endsWith(`google.rpc.${type}`),
    );
  const message = shorten(hide(text(error.message) ?? ''));
  const code = name(error.status);
  const reason = name(detail('ErrorInfo')?.reason);
  const retryDelayMs = parseRetryDelay(detail('RetryInfo')?.retryDelay ?? detail('RetryInfo')?.retry_delay);
  return {
    json: typeof error.code === 'number' || code !== undefined,
    message,
    storageFull,
    ...(code && { code: hide(code) }),
    ...(reason && { reason }),
    ...(retryDelayMs !== undefined && { retryDelayMs }),
  };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}

function printed(value: unknown): string | undefined {
  try {
    return JSON.stringify(value);
  } catch {
    // Nested deeper than can be printed, though it could be read.
    return undefined;
  }
}

function errorIn(body: unknown): Record<string, unknown> | undefined {
  // A front end may wrap the error in a list (provider fact F-ERROR-LIST).
  const value: unknown = Array.isArray(body) ? body[0] : body;
  return isRecord(value) && isRecord(value.error) ? value.error : undefined;
}

function shorten(message: string): string {
  const line = message.replace(/\s+/g, ' ').trim();
  // Escapes of JSON, and the cut, can leave half of a surrogate pair, which no failure's message can hold on the wire.
  return (line.length > MAX_TEXT ? `${line.slice(0, MAX_TEXT)}…` : line).toWellFormed();
}
