/** The behaviour of a server, as arbitraries of fast-check. */

import fc from 'fast-check';
import type { Act, Body, Headers_ } from './hostile-server.js';

const STATUSES = [
  200, 201, 202, 204, 206, 226, 299, 300, 301, 302, 303, 304, 307, 308, 400, 401, 402, 403, 404, 405, 408,
  409, 410, 411, 412, 413, 416, 417, 425, 428, 429, 431, 451, 499, 500, 501, 502, 503, 504, 507, 511, 599,
  999,
];

const number = fc.oneof(
  fc.integer({ min: -2, max: 60 }).map(String),
  fc.constantFrom(
    '',
    ' ',
    'NaN',
    'Infinity',
    '-0',
    '1e1',
    '0x10',
    '1.5',
    '9223372036854775807',
    '99999999999999999999',
    '3, 4',
  ),
);
/** The bytes that a header may contain. */
const word = fc.string({ unit: fc.constantFrom(...'abcXYZ019-_ /:;=,.%'), maxLength: 20 });

export const headers: fc.Arbitrary<Headers_> = fc.record(
  {
    'x-goog-upload-status': fc.oneof(
      fc.constantFrom('active', 'final', 'cancelled', 'FINAL', ' active '),
      word,
    ),
    'x-goog-upload-size-received': number,
    'x-goog-upload-chunk-granularity': number,
    'x-goog-upload-url': fc.oneof(
      word,
      fc.constantFrom(
        'http://127.0.0.1:1/upload?upload_id=another-session-altogether',
        'https://elsewhere.example/u?key=AIza-not-the-key-of-the-test',
        '//elsewhere.example/u',
        'file:///etc/passwd',
        '?upload_id=x',
        'http://[::1',
      ),
    ),
    'retry-after': fc.oneof(number, word),
    location: fc.constantFrom('http://127.0.0.1:1/', '/elsewhere'),
    'content-type': fc.constantFrom('application/json', 'text/html', ''),
  },
  { requiredKeys: [] },
);

const code = fc.constantFrom(
  'INVALID_ARGUMENT',
  'ALREADY_EXISTS',
  'PERMISSION_DENIED',
  'NOT_FOUND',
  'RESOURCE_EXHAUSTED',
  'UNAVAILABLE',
  '',
);
const error = fc.record({
  code: fc.constantFrom(400, 403, 404, 409, 429, 500),
  status: code,
  message: fc.oneof(
    fc.string(),
    fc.constantFrom(
      'API key not valid.',
      'Upload has already been terminated.',
      'file_storage_bytes',
      'already exists',
    ),
  ),
  details: fc.oneof(
    fc.jsonValue(),
    fc.array(
      fc.record({
        '@type': fc.constantFrom(
          'type.googleapis.com/google.rpc.ErrorInfo',
          'type.googleapis.com/google.rpc.RetryInfo',
        ),
        reason: fc.constantFrom('API_KEY_INVALID', 'SERVICE_DISABLED', 'x'),
        retryDelay: fc.oneof(fc.constantFrom('1s', '9223372036854775807s', '-1s'), fc.jsonValue()),
      }),
      { maxLength: 2 },
    ),
  ),
});

/** A file resource that cannot be true of the test's file, unless it has no hash. */
const lie = fc.record(
  {
    name: fc.constantFrom('files/another', 'files/../x', 'models/x', ''),
    sizeBytes: fc.constantFrom<unknown>('0', '-1', 'NaN', '9223372036854775807', null, 1e308, {}),
    sha256Hash: fc.constantFrom<unknown>(
      'ab'.repeat(32),
      Buffer.alloc(32, 7).toString('base64'),
      null,
      5,
      '',
      'nonsense',
    ),
    state: fc.constantFrom<unknown>('PROCESSING', 'FAILED', 'ACTIVE', 5, null, 'NEW'),
    uri: fc.constantFrom<unknown>(null, 5, 'javascript:alert(1)'),
    error: fc.jsonValue(),
  },
  { requiredKeys: [] },
);

export const body: fc.Arbitrary<Body> = fc.oneof(
  { weight: 2, arbitrary: fc.constant<Body>({ kind: 'text', text: '' }) },
  {
    weight: 3,
    arbitrary: error.map((one): Body => ({ kind: 'text', text: JSON.stringify({ error: one }) })),
  },
  fc.jsonValue().map((value): Body => ({ kind: 'text', text: JSON.stringify(value) })),
  fc.uint8Array({ maxLength: 60 }).map((bytes): Body => ({ kind: 'bytes', bytes })),
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('file' as const), wrap: fc.boolean(), fields: lie }),
  },
);

/** Faults of a network or a proxy, without false answers. */
export const weather: fc.Arbitrary<Act> = fc.oneof(
  { weight: 4, arbitrary: fc.constant<Act>({ do: 'truth' }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('break' as const),
      at: fc.constantFrom('once', 'bytes', 'answer', 'cut'),
      bytes: fc.nat({ max: 40 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constant('answer' as const),
      work: fc.boolean(),
      status: fc.constantFrom(408, 429, 500, 502, 503, 504),
      headers: fc.constant({}),
      body: fc.constantFrom<Body>(
        { kind: 'text', text: '' },
        { kind: 'text', text: '<html>Bad gateway</html>' },
      ),
      early: fc.boolean(),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.constant<Act>({
      do: 'alter',
      headers: { 'x-goog-upload-status': undefined, 'x-goog-upload-size-received': undefined },
    }),
  },
);

/** One false field in an honest answer, which must be noticed. */
const oneLie = fc.constantFrom<Record<string, unknown>>(
  { name: 'files/another' },
  { sizeBytes: '0' },
  { sha256Hash: 'ab'.repeat(32) },
  { sha256Hash: null },
  { state: 5 },
);

export const hostile: fc.Arbitrary<Act> = fc.oneof(
  { weight: 1, arbitrary: fc.constant<Act>({ do: 'corrupt' }) },
  {
    weight: 2,
    arbitrary: fc
      .tuple(oneLie, fc.boolean())
      .map(([fields, wrap]): Act => ({ do: 'alter', body: { kind: 'file', wrap, fields } })),
  },
  { weight: 5, arbitrary: weather },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('answer' as const),
      work: fc.boolean(),
      status: fc.constantFrom(...STATUSES),
      headers,
      body,
      early: fc.boolean(),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('alter' as const), headers, body }, { requiredKeys: ['do'] }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: fc.constant('garbage' as const),
      bytes: fc.oneof(
        fc.constant('long-header' as const),
        fc.uint8Array({ maxLength: 40 }),
        fc
          .constantFrom(
            'HTTP/1.1 200 OK\r\n',
            'HTTP/1.1 100 Continue\r\n\r\n',
            'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nab',
            'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n',
          )
          .map((text) => new Uint8Array(Buffer.from(text))),
      ),
    }),
  },
);

/** Rare, because each takes time. */
export const slow: fc.Arbitrary<Act> = fc.constantFrom<Act>(
  { do: 'stall' },
  { do: 'garbage', bytes: 'endless-body' },
);
