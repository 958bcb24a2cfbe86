/** An answer, or the lack of one, and the kind of error that it is: a row each, with recorded bodies if there is a record. */

import { describe, expect, it } from 'vitest';
import type { ErrorKind, Operation } from '../../src/contract/error-kind.js';
import { errorForAnswer, connectionError } from '../../src/gemini/classify.js';

interface Row {
  readonly says: string;
  readonly on?: Operation;
  readonly status: number;
  readonly body?: string | object;
  readonly headers?: Record<string, string>;
  readonly kind: ErrorKind;
  readonly retryable?: boolean;
  readonly retryAfterMs?: number;
}

const google = (code: number, status: string, message: string, details?: object[]) => ({
  error: { code, message, status, ...(details && { details }) },
});
const info = (reason: string) => ({
  '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
  reason,
  domain: 'googleapis.com',
  metadata: { service: 'generativelanguage.googleapis.com' },
});
const retryInfo = (retryDelay: unknown) => ({
  '@type': 'type.googleapis.com/google.rpc.RetryInfo',
  retryDelay,
});
const METRIC = 'generativelanguage.googleapis.com/file_storage_bytes';
const QUOTA_MESSAGE =
  'You exceeded your current quota, please check your plan and billing details. For more information on this error, ' +
  `head to: https://ai.google.dev/gemini-api/docs/rate-limits. \n* Quota exceeded for metric: ${METRIC}, limit: 21474836480`;
const quotaFailure = {
  '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
  violations: [{ quotaMetric: METRIC, quotaId: 'FileStorageBytesPerProject', quotaValue: '21474836480' }],
};
const INT64_MAX = '9223372036854775807';
const TERMINATED = 'Upload has already been terminated.';
const GRANULARITY =
  'The client sent 821333 bytes, which is not a multiple of the 8388608 byte chunk granularity.';
const GONE = 'You do not have permission to access the File abc123 or it may not exist.';
const FIREWALL = '<html>Requests from your network are blocked. Use another API key.</html>';
const upload = { on: 'upload' } as const;
const later = { kind: 'unavailable', retryable: true } as const;

const rows: Row[] = [
  // Keys
  ...(['start', 'list'] as const).map((on): Row => ({
    says: `403 at a ${on}, where no file can be its cause`,
    on,
    status: 403,
    body: google(403, 'PERMISSION_DENIED', 'The caller does not have permission'),
    kind: 'credentials',
  })),
  ...(['start', 'list'] as const).map((on): Row => ({
    says: `403 at a ${on} in the words for a missing file, which an unpaid bill gets`,
    on,
    status: 403,
    body: google(403, 'PERMISSION_DENIED', GONE),
    kind: 'credentials',
  })),
  ...[
    'API key not valid. Please pass a valid API key.',
    'API key expired. Please renew the API key.',
    'API Key not found. Please pass a valid API key.',
  ].map((message): Row => ({
    says: `by its words alone: ${message}`,
    on: 'get',
    status: 400,
    body: google(400, 'INVALID_ARGUMENT', message),
    kind: 'credentials',
  })),
  ...["Consumer 'api_key:x' has been suspended.", 'Your project has been denied access.'].map(
    (message): Row => ({
      says: `by its words alone: ${message}`,
      on: 'get',
      status: 403,
      body: google(403, 'PERMISSION_DENIED', message),
      kind: 'credentials',
    }),
  ),
  {
    says: "a firewall's 403 at a start",
    on: 'start',
    status: 403,
    body: FIREWALL,
    kind: 'unavailable',
    retryable: true,
  },
  {
    says: 'a wrong key (400, not 401)',
    status: 400,
    body: google(400, 'INVALID_ARGUMENT', 'API key not valid. Please pass a valid API key.', [
      info('API_KEY_INVALID'),
    ]),
    kind: 'credentials',
  },
  {
    says: 'an expired key',
    status: 400,
    body: google(400, 'INVALID_ARGUMENT', 'API key expired. Please renew the API key.', [
      info('API_KEY_INVALID'),
    ]),
    kind: 'credentials',
  },
  {
    says: 'a leaked key',
    status: 403,
    body: google(
      403,
      'PERMISSION_DENIED',
      'Your API key was reported as leaked. Please use another API key.',
    ),
    kind: 'credentials',
  },
  {
    says: 'no key',
    status: 403,
    body: google(
      403,
      'PERMISSION_DENIED',
      "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.",
    ),
    kind: 'credentials',
  },
  {
    says: 'no key, told at a get, where 403 has another meaning too',
    on: 'get',
    status: 403,
    body: google(403, 'PERMISSION_DENIED', "Method doesn't allow unregistered callers."),
    kind: 'credentials',
  },
  {
    says: 'a key without this service',
    on: 'delete',
    status: 403,
    body: google(403, 'PERMISSION_DENIED', 'Requests to this API are blocked.', [
      info('API_KEY_SERVICE_BLOCKED'),
    ]),
    kind: 'credentials',
  },
  {
    says: 'a key of another referer',
    status: 403,
    body: google(403, 'PERMISSION_DENIED', 'Requests from referer <empty> are blocked.'),
    kind: 'credentials',
  },
  {
    says: 'the API off in the project',
    status: 403,
    body: google(403, 'PERMISSION_DENIED', 'Generative Language API has not been used in project 1', [
      info('SERVICE_DISABLED'),
    ]),
    kind: 'credentials',
  },
  {
    says: 'a token that is no key',
    status: 401,
    body: google(401, 'UNAUTHENTICATED', 'Request had invalid authentication credentials.', [
      info('ACCESS_TOKEN_TYPE_UNSUPPORTED'),
    ]),
    kind: 'credentials',
  },
  {
    says: 'a country without the service',
    status: 400,
    body: google(400, 'FAILED_PRECONDITION', 'User location is not supported for the API use.'),
    kind: 'rejected',
  },
  // Files that are not there
  {
    says: 'get of an unknown file',
    on: 'get',
    status: 403,
    body: google(403, 'PERMISSION_DENIED', GONE),
    kind: 'not-found',
  },
  {
    says: 'delete of it',
    on: 'delete',
    status: 403,
    body: google(403, 'PERMISSION_DENIED', GONE),
    kind: 'not-found',
  },
  { says: '404 at a get', on: 'get', status: 404, body: google(404, 'NOT_FOUND', 'gone'), kind: 'not-found' },
  { says: '404 at a delete, empty', on: 'delete', status: 404, kind: 'unavailable', retryable: true },
  ...(['get', 'delete'] as const).flatMap((on): Row[] => [
    {
      says: `a firewall's 403 at a ${on}`,
      on,
      status: 403,
      body: FIREWALL,
      kind: 'unavailable',
      retryable: true,
    },
    {
      says: `404 at a ${on}, not in Google's words`,
      on,
      status: 404,
      body: '<html>No such host</html>',
      kind: 'unavailable',
      retryable: true,
    },
    { says: `403 at a ${on}, empty`, on, status: 403, kind: 'unavailable', retryable: true },
    {
      says: `403 at a ${on} in a gateway's JSON, which looks like Google's`,
      on,
      status: 403,
      body: { error: { message: 'Your API key may not use this path', code: 'forbidden' } },
      kind: 'unavailable',
      retryable: true,
    },
  ]),
  { says: '404 at a start: a wrong base URL', on: 'start', status: 404, kind: 'rejected' },
  // Quotas
  {
    says: 'a full storage, without RetryInfo',
    status: 429,
    body: google(429, 'RESOURCE_EXHAUSTED', QUOTA_MESSAGE, [quotaFailure]),
    kind: 'quota',
  },
  {
    says: "a full storage, with int64's maximum",
    status: 429,
    body: google(429, 'RESOURCE_EXHAUSTED', QUOTA_MESSAGE, [quotaFailure, retryInfo(`${INT64_MAX}s`)]),
    kind: 'quota',
    retryAfterMs: Number(INT64_MAX) * 1000,
  },
  {
    says: 'a full storage told in the message alone',
    status: 429,
    body: google(429, 'RESOURCE_EXHAUSTED', QUOTA_MESSAGE),
    kind: 'quota',
  },
  {
    says: 'a full storage told as debug text, far behind in a long message',
    status: 429,
    body: google(
      429,
      'RESOURCE_EXHAUSTED',
      `${'You exceeded your current quota. '.repeat(30)}[type.googleapis.com/google.rpc.QuotaFailure] { violations { quota_metric: "${METRIC}" quota_id: "FileStorageBytesPerProject" quota_value: ${INT64_MAX} } } retry_delay { seconds: ${INT64_MAX} }`,
    ),
    kind: 'quota',
  },
  {
    says: 'a full storage as the second of two violations, at finalize',
    on: 'upload',
    status: 429,
    headers: { 'x-goog-upload-status': 'final' },
    body: google(429, 'RESOURCE_EXHAUSTED', 'Quota.', [
      { '@type': quotaFailure['@type'], violations: [{ quotaMetric: 'other' }, ...quotaFailure.violations] },
    ]),
    kind: 'quota',
  },
  {
    says: 'a rate, bare',
    status: 429,
    body: google(429, 'RESOURCE_EXHAUSTED', 'Resource has been exhausted (e.g. check quota).'),
    ...later,
  },
  {
    says: 'a rate, with RetryInfo',
    status: 429,
    body: google(429, 'RESOURCE_EXHAUSTED', 'Quota exceeded.', [
      { ...quotaFailure, violations: [{ quotaMetric: 'generate_content_free_tier_requests' }] },
      retryInfo('28s'),
    ]),
    ...later,
    retryAfterMs: 28_000,
  },
  {
    says: 'a rate, with RetryInfo as an object, in a list',
    status: 429,
    body: [
      google(429, 'RESOURCE_EXHAUSTED', 'Quota exceeded.', [retryInfo({ seconds: '3', nanos: 500_000_000 })]),
    ],
    ...later,
    retryAfterMs: 3500,
  },
  {
    says: 'a rate, with Retry-After',
    status: 429,
    headers: { 'retry-after': '7' },
    ...later,
    retryAfterMs: 7000,
  },
  {
    says: 'a rate, at finalize: nothing is gained by a new session at once',
    ...upload,
    status: 429,
    headers: { 'x-goog-upload-status': 'final' },
    ...later,
  },
  // Servers
  { says: '503, empty', status: 503, ...later },
  { says: '503, empty, to data', ...upload, status: 503, ...later },
  {
    says: '503 as JSON',
    status: 503,
    body: google(503, 'UNAVAILABLE', 'The service is overloaded.'),
    ...later,
  },
  {
    says: '500 as JSON, for one bad stored file',
    on: 'list',
    status: 500,
    body: google(500, 'INTERNAL', 'Failed to convert server response to JSON'),
    ...later,
  },
  { says: '408', status: 408, ...later },
  { says: '425', status: 425, ...later },
  { says: '502 as a page of a proxy', status: 502, body: '<html>Bad Gateway</html>', ...later },
  {
    says: 'a redirect, which is never followed',
    status: 307,
    headers: { location: 'https://elsewhere.test' },
    kind: 'unavailable',
    retryable: true,
  },
  // Sessions
  {
    says: 'data after the end',
    ...upload,
    status: 400,
    body: TERMINATED,
    kind: 'session-lost',
    retryable: true,
  },
  {
    says: 'data after the end, with final',
    ...upload,
    status: 400,
    body: TERMINATED,
    headers: { 'x-goog-upload-status': 'final' },
    kind: 'session-lost',
    retryable: true,
  },
  { says: 'an expired session', ...upload, status: 404, kind: 'session-lost', retryable: true },
  { says: 'an expired session, asked', on: 'query', status: 404, kind: 'session-lost', retryable: true },
  {
    says: 'a session of another key’s project, asked',
    on: 'query',
    status: 403,
    body: google(403, 'PERMISSION_DENIED', 'The caller does not have permission'),
    kind: 'session-lost',
    retryable: true,
  },
  {
    says: 'a session asked under a key that is none',
    on: 'query',
    status: 403,
    body: google(403, 'PERMISSION_DENIED', 'Requests from referer <empty> are blocked.'),
    kind: 'credentials',
  },
  {
    says: 'a cancelled session',
    on: 'query',
    status: 410,
    headers: { 'x-goog-upload-status': 'cancelled' },
    kind: 'session-lost',
    retryable: true,
  },
  {
    says: 'an odd size',
    ...upload,
    status: 400,
    body: GRANULARITY,
    kind: 'offset-mismatch',
    retryable: true,
  },
  {
    says: 'a wrong offset, as 409',
    ...upload,
    status: 409,
    body: 'Invalid offset: expected 8, got 4',
    headers: { 'x-goog-upload-status': 'active' },
    kind: 'offset-mismatch',
    retryable: true,
  },
  {
    says: 'a wrong offset, as 400',
    ...upload,
    status: 400,
    body: 'Invalid offset',
    kind: 'offset-mismatch',
    retryable: true,
  },
  { says: 'a wrong offset, as 416', ...upload, status: 416, kind: 'offset-mismatch', retryable: true },
  {
    says: 'a wrong offset, as JSON of an upload that is open',
    ...upload,
    status: 400,
    body: google(400, 'INVALID_ARGUMENT', 'Invalid offset.'),
    headers: { 'x-goog-upload-status': 'active' },
    kind: 'offset-mismatch',
    retryable: true,
  },
  ...[400, 402, 405, 406, 411, 413, 415, 418, 422, 451].map((status): Row => ({
    says: 'a query refused in the words of a verdict, although it has no data',
    on: 'query',
    status,
    body: google(status, 'INVALID_ARGUMENT', 'Upload id is invalid or expired.'),
    headers: { 'x-goog-upload-status': 'final' },
    kind: 'session-lost',
    retryable: true,
  })),
  { says: 'a query refused without a word', on: 'query', status: 405, kind: 'session-lost', retryable: true },
  ...[408, 425, 429, 499, 503].map((status): Row => ({
    says: 'a query asked to come later',
    on: 'query',
    status,
    body: google(status, 'UNAVAILABLE', 'Later.'),
    ...later,
  })),
  {
    says: 'a query under a key that is refused',
    on: 'query',
    status: 401,
    body: google(401, 'UNAUTHENTICATED', 'No.'),
    kind: 'credentials',
  },
  {
    says: 'a query refused with text',
    on: 'query',
    status: 400,
    body: 'Bad request',
    kind: 'session-lost',
    retryable: true,
  },
  {
    says: '5xx with final',
    ...upload,
    status: 500,
    headers: { 'x-goog-upload-status': 'final' },
    kind: 'session-lost',
    retryable: true,
  },
  {
    says: "the backend's verdict at finalize",
    ...upload,
    status: 400,
    body: google(400, 'INVALID_ARGUMENT', 'Unsupported MIME type: bad/mime_type'),
    headers: { 'x-goog-upload-status': 'final' },
    kind: 'rejected',
  },
  // Names
  {
    says: 'a taken name',
    status: 409,
    body: google(409, 'ALREADY_EXISTS', 'already exists'),
    kind: 'name-conflict',
    retryable: true,
  },
  { says: 'a taken name, as text', status: 409, body: 'conflict', kind: 'name-conflict', retryable: true },
  {
    says: 'a taken name, at finalize',
    ...upload,
    status: 409,
    body: google(409, 'ALREADY_EXISTS', 'Resource files/x already exists.'),
    headers: { 'x-goog-upload-status': 'final' },
    kind: 'name-conflict',
    retryable: true,
  },
  {
    says: 'a name of 41 characters',
    status: 400,
    body: google(400, 'INVALID_ARGUMENT', '* file.name'),
    kind: 'rejected',
  },
];

const url = new URL('https://host.test/upload/v1beta/files?upload_id=SECRET-OF-THE-SESSION&key=SECRET-KEY');

describe('errorForAnswer', () => {
  it.each(rows)('$status, $says: $kind', (row) => {
    const { on = 'start', status, body = '', headers = {} } = row;
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const error = errorForAnswer({ operation: on, url }, { status, headers, body: text });
    expect(error).toMatchObject({ name: 'GeminiApiError', kind: row.kind, operation: on, status });
    expect(error.retryable).toBe(row.retryable ?? false);
    expect(error.retryAfterMs).toBe(row.retryAfterMs);
  });

  const target = { operation: 'upload', url } as const;
  const messageOf = (status: number, body: string) =>
    errorForAnswer(target, { status, headers: {}, body }).message;

  it('reports what was tried and what came back, without the URL of the session', () => {
    const tried = 'upload: https://host.test answered';
    expect(messageOf(503, '')).toBe(`${tried} 503 with an empty body`);
    expect(messageOf(400, TERMINATED)).toBe(`${tried} 400: ${TERMINATED}`);
    expect(messageOf(403, JSON.stringify(google(403, 'PERMISSION_DENIED', 'No.')))).toBe(
      `${tried} 403 PERMISSION_DENIED: No.`,
    );
    expect(messageOf(500, '{"error":"odd"}')).toBe(`${tried} 500: {"error":"odd"}`);
  });

  it('leaves no half of a character, and takes no text for the name of a code', () => {
    const message = `${'🎬'.repeat(249)}x🎬🎬 \ud800`;
    const body = JSON.stringify({ error: { message, status: 'x'.repeat(5000) } });
    const error = errorForAnswer({ operation: 'get', url }, { status: 400, headers: {}, body });
    expect(error.message.isWellFormed()).toBe(true);
    expect(error.message).toContain('answered 400: 🎬');
    expect(error.message.length).toBeLessThan(600);
  });

  it('finds what is to be hidden behind the escapes of JSON too', () => {
    const hide = (text: string) => text.replaceAll('SECRET-KEY', '[key]');
    const body = JSON.stringify({ error: { message: 'key SECRET-KEY' } }).replace('-', '\\u002d');
    const target = { operation: 'get', url, hide } as const;
    expect(errorForAnswer(target, { status: 400, headers: {}, body }).message).toMatch(/key \[key\]$/);
  });

  it('finds it behind those of other JSON than Google’s, and in a code', () => {
    const hide = (text: string) => text.replaceAll('SECRET-KEY', '[key]').replaceAll('SECRET_KEY', '[key]');
    const target = { operation: 'get', url, hide } as const;
    const saying = (body: string) => errorForAnswer(target, { status: 400, headers: {}, body }).message;
    expect(saying('{"detail": "key SECRET\\u002dKEY"}')).toMatch(/400: \{"detail":"key \[key\]"\}$/);
    expect(saying('{"error": {"status": "SECRET_KEY", "message": "no"}}')).toMatch(/400 \[key\]: no$/);
  });

  it('takes JSON that is nested too deeply to be printed for text', () => {
    const body = '['.repeat(100_000) + ']'.repeat(100_000);
    expect(messageOf(400, body)).toMatch(/ answered 400: \[{500}…$/);
  });

  it.each(['', '{"error":{"message":"'])(
    'leaves nothing of what is to be hidden where it cuts: %j',
    (start) => {
      const hide = (text: string) => text.replaceAll('SECRET-KEY', '[key]');
      const body = `${start}${'x'.repeat(495)}SECRET-KEY${start && '"}}'}`;
      const target = { operation: 'get', url, hide } as const;
      expect(errorForAnswer(target, { status: 400, headers: {}, body }).message).not.toContain('SEC');
    },
  );

  it('shortens what is long', () => {
    expect(messageOf(500, 'x'.repeat(100_000)).length).toBeLessThan(700);
  });
});

describe('errorForBreak', () => {
  const target = { operation: 'get', url } as const;

  it('gives the reason that lies in the cause', () => {
    const cause = new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED 127.0.0.1:1') });
    const error = connectionError(target, cause);
    expect(error).toMatchObject({ kind: 'connection', retryable: true, cause });
    expect(error.message).toBe(
      'get: https://host.test/upload/v1beta/files failed: connect ECONNREFUSED 127.0.0.1:1',
    );
  });

  it('gives the code if the reason has no message', () => {
    const cause = new TypeError('fetch failed', {
      cause: Object.assign(new Error(''), { code: 'ECONNREFUSED' }),
    });
    expect(connectionError(target, cause).message).toMatch(/: ECONNREFUSED$/);
  });
});
