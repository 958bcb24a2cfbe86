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
  /** Metric of an exceeded quota, such as `generativelanguage.googleapis.com/file_storage_bytes`. */
  readonly quotaMetric?: string;
}

const MAX_TEXT = 500;

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null;
const text = (value: unknown): string | undefined =>
  typeof value === 'string' && value !== '' ? value : undefined;

export function parseErrorBody(body: string): ErrorBody {
  const error = googleError(body);
  if (!error) return { json: false, message: shorten(body) };
  const details = Array.isArray(error.details) ? error.details.filter(isRecord) : [];
  const detail = (type: string) =>
    details.find(
      (entry) => typeof entry['@type'] === 'string' && entry['@type'].endsWith(`google.rpc.${type}`),
    );
  const message = shorten(text(error.message) ?? '');
  const code = text(error.status);
  const reason = text(detail('ErrorInfo')?.reason);
  const retryDelayMs = parseRetryDelay(detail('RetryInfo')?.retryDelay ?? detail('RetryInfo')?.retry_delay);
  const quotaMetric = quotaOf(detail('QuotaFailure')) ?? /metric: ([\w./]+)/.exec(message)?.[1];
  return {
    json: true,
    message,
    ...(code && { code }),
    ...(reason && { reason }),
    ...(retryDelayMs !== undefined && { retryDelayMs }),
    ...(quotaMetric && { quotaMetric }),
  };
}

function googleError(body: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(body);
    return isRecord(parsed) && isRecord(parsed.error) ? parsed.error : undefined;
  } catch {
    return undefined;
  }
}

function quotaOf(failure: Record<string, unknown> | undefined): string | undefined {
  const violations: unknown[] = Array.isArray(failure?.violations) ? failure.violations : [];
  return violations
    .filter(isRecord)
    .map((entry) => text(entry.quotaMetric))
    .find(Boolean);
}

function shorten(message: string): string {
  const line = message.replace(/\s+/g, ' ').trim();
  return line.length > MAX_TEXT ? `${line.slice(0, MAX_TEXT)}…` : line;
}
