/** Error bodies: Google's JSON, plain text from the upload front end, or nothing at all. */

import { parseRetryDelay } from './retry-after.js';

export interface ErrorBody {
  /** Whether the body is Google's error JSON, so that the Gemini backend itself has spoken. */
  readonly json: boolean;
  /** The provider's words; empty where there are none. */
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

/** As all names of codes and reasons are; anything else is no name, and may be of any length. */
const NAME = /^[A-Z][A-Z0-9_]{0,63}$/;

/** Looked for in all of the body: the details may be a QuotaFailure, or debug text at the end of a long message. */
const STORAGE_QUOTA = /\bfile_storage_bytes\b|\bFileStorageBytesPer/;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;
const name = (value: unknown): string | undefined =>
  typeof value === 'string' && NAME.test(value) ? value : undefined;

/** @param hide - takes out of the words what must not be told, before they are cut */
export function parseErrorBody(body: string, hide = (words: string): string => words): ErrorBody {
  const error = googleError(body);
  const storageFull = STORAGE_QUOTA.test(body);
  if (!error) return { json: false, message: shorten(hide(body)), storageFull };
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
    json: true,
    message,
    storageFull,
    ...(code && { code }),
    ...(reason && { reason }),
    ...(retryDelayMs !== undefined && { retryDelayMs }),
  };
}

function googleError(body: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(body);
    // Google's front ends are known to wrap the error in a list.
    const parsed: unknown = Array.isArray(value) ? value[0] : value;
    return isRecord(parsed) && isRecord(parsed.error) ? parsed.error : undefined;
  } catch {
    return undefined;
  }
}

function shorten(message: string): string {
  const line = message.replace(/\s+/g, ' ').trim();
  // Escapes of JSON, and the cut, can leave half of a surrogate pair, which no failure's message can hold on the wire.
  return (line.length > MAX_TEXT ? `${line.slice(0, MAX_TEXT)}…` : line).toWellFormed();
}
