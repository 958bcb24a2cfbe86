/** The provider's error answers (provider fact F-ERROR-JSON). Each names the fact that it follows, which says how sure it is. */

import { ReplyError, type Reply } from './reply.js';

/** int64's maximum: the delay that the provider asks for when the storage quota is full (provider fact F-QUOTA-DELAY). */
export const INT64_MAX_SECONDS = '9223372036854775807';

const STATUS_NAMES: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'ALREADY_EXISTS',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  501: 'UNIMPLEMENTED',
  503: 'UNAVAILABLE',
};

/** The body of a backend error: `{"error": {code, message, status, details?}}`. */
export function errorBody(
  code: number,
  message: string,
  details: readonly object[] = [],
  status?: string,
): object {
  const name = status ?? STATUS_NAMES[code] ?? 'UNKNOWN';
  return { error: { code, message, status: name, ...(details.length > 0 && { details }) } };
}

export function errorReply(
  code: number,
  message: string,
  details: readonly object[] = [],
  status?: string,
): Reply {
  return { status: code, body: errorBody(code, message, details, status) };
}

function refusal(...error: Parameters<typeof errorReply>): ReplyError {
  return new ReplyError(errorReply(...error));
}

/** google.rpc.RetryInfo. `seconds` may be more than a number can hold, so a string is taken too. */
export function retryInfo(seconds: number | string): object {
  return { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${seconds}s` };
}

/** Provider fact F-ERROR-KEY. */
export function apiKeyInvalid(): ReplyError {
  const message = 'API key not valid. Please pass a valid API key.';
  return refusal(400, message, [
    {
      '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
      reason: 'API_KEY_INVALID',
      domain: 'googleapis.com',
      metadata: { service: 'generativelanguage.googleapis.com' },
    },
    { '@type': 'type.googleapis.com/google.rpc.LocalizedMessage', locale: 'en-US', message },
  ]);
}

/** Provider fact F-ERROR-NO-KEY. */
export function unregisteredCaller(): ReplyError {
  return refusal(
    403,
    "Method doesn't allow unregistered callers (callers without established identity). " +
      'Please use API Key or other form of API consumer identity to call this API.',
  );
}

/** For an unknown, deleted, expired or foreign file; `id` is without `files/`. Not 404: provider fact F-GET-DENIED. */
export function fileNotAccessible(id: string): ReplyError {
  return refusal(403, `You do not have permission to access the File ${id} or it may not exist.`);
}

/** For a name that any project holds: names are global. The wording is assumed (provider fact F-START-NAME-TAKEN). */
export function nameTaken(id: string): ReplyError {
  return refusal(409, `Resource files/${id} already exists.`);
}

/** Provider fact F-STATE-USE. */
export function fileNotActive(id: string): ReplyError {
  const message = `The File ${id} is not in an ACTIVE state and usage is not allowed.`;
  return refusal(400, message, [], 'FAILED_PRECONDITION');
}

/** Provider fact F-STATE-MIME-TYPE. */
export function unsupportedMimeType(mimeType: string): ReplyError {
  return refusal(400, `Unsupported MIME type: ${mimeType}`);
}

/** A bad id, page token, length or metadata field. Wordings are assumed. */
export function invalidArgument(message: string): ReplyError {
  return refusal(400, message);
}

/** For a file over the limit, at start, at finalize or within its bytes. */
export function fileTooLarge(status: 400 | 413, message: string): ReplyError {
  return refusal(status, message, [], 'INVALID_ARGUMENT');
}

/** The full storage quota, with no RetryInfo or with one of int64's maximum (provider facts F-QUOTA-FULL and F-QUOTA-DELAY). */
export function storageQuotaExceeded(limitBytes: number, retry: 'none' | 'int64-max'): Reply {
  const metric = 'generativelanguage.googleapis.com/file_storage_bytes';
  const docs = 'https://ai.google.dev/gemini-api/docs/rate-limits';
  return errorReply(
    429,
    'You exceeded your current quota, please check your plan and billing details. ' +
      `For more information on this error, head to: ${docs}.\n` +
      `* Quota exceeded for metric: ${metric}, limit: ${limitBytes}`,
    [
      {
        '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
        violations: [
          { quotaMetric: metric, quotaId: 'FileStorageBytesPerProject', quotaValue: String(limitBytes) },
        ],
      },
      {
        '@type': 'type.googleapis.com/google.rpc.Help',
        links: [{ description: 'Learn more about Gemini API quotas', url: docs }],
      },
      ...(retry === 'int64-max' ? [retryInfo(INT64_MAX_SECONDS)] : []),
    ],
  );
}

/** Errors of the upload front end are plain text (provider fact F-UPLOAD-TEXT). `status` is the session's, if the answer names it. */
export function uploadError(code: number, text: string, status?: 'active' | 'final'): ReplyError {
  return new ReplyError({
    status: code,
    body: text,
    ...(status && { headers: { 'X-Goog-Upload-Status': status } }),
  });
}

/** The provider's answer to data for a session that was finalized, cancelled or rejected (provider fact F-UPLOAD-TERMINATED). */
export const TERMINATED_TEXT = 'Upload has already been terminated.';

/** The provider's answer to a non-final request of an odd size (provider fact F-UPLOAD-MULTIPLE). */
export function notAMultiple(bytes: number, granularity: number): string {
  return `The client sent ${bytes} bytes, which is not a multiple of the ${granularity} byte chunk granularity.`;
}

const SERVED = [
  'POST /upload/v1beta/files (resumable and multipart)',
  'GET /v1beta/files',
  'GET and DELETE /v1beta/files/{id}',
  'GET /v1beta/models',
  'GET /v1beta/models/{model}',
  'POST /v1beta/models/{model}:generateContent, :streamGenerateContent and :countTokens',
];

/** For what the provider may serve and the emulator does not. */
export function notServed(method: string, path: string, prefix: string): Reply {
  return errorReply(
    501,
    `The Gemini Files emulator does not serve ${method} ${path.slice(0, 200)}. It serves, under ${prefix || '/'}, with v1 or v1beta: ` +
      `${SERVED.join('; ')}.`,
  );
}
