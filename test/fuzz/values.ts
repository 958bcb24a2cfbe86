/** Random values of everything that is parsed: durations, options, delays, configuration files, error bodies. */

import fc from 'fast-check';
import { anything } from './fuzz.js';

export const duration = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.constantFrom<unknown>('90s', '1.5 hours', 100, 0, '48h', '2 days', '0.1ms', '1000'),
  },
  { weight: 2, arbitrary: fc.double() },
  {
    weight: 2,
    arbitrary: fc
      .tuple(
        fc.oneof(fc.double().map(String), fc.bigInt().map(String), fc.string()),
        fc.constantFrom('', ' ', 'ms', 's', ' m', 'h', 'd', 'y', 'w', ' weeks'),
      )
      .map((parts) => parts.join('')),
  },
  { weight: 2, arbitrary: anything },
);

const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.integer({ min: 500, max: 5000 }).map((length) => '🎬'.repeat(length)),
  fc.constantFrom(
    '../x',
    '/etc/passwd',
    'a\0b',
    'C:\\x',
    'x\r\nx-goog-api-key: y',
    'AIzaSyA-0123456789-0123456789-012345',
    '\udc00',
  ),
);
const maybe = (value: fc.Arbitrary<unknown>) =>
  fc.oneof({ weight: 3, arbitrary: value }, { weight: 1, arbitrary: anything });

const source = fc.oneof(
  text,
  fc.webUrl({ withQueryParameters: true, withFragments: true, validSchemes: ['https', 'http'] }),
  fc.tuple(fc.constantFrom('media', 's3', 'A', ''), text).map((parts) => parts.join(':')),
);

/** Options with mostly valid fields, so that an invalid value occurs in every field. */
export const options = fc.record(
  {
    path: maybe(text),
    source: maybe(source),
    provider: maybe(fc.constant('google')),
    displayName: maybe(text),
    mimeType: maybe(fc.oneof(text, fc.constantFrom('video/mp4', 'text/plain; charset=x', 'a/b\r\nc: d'))),
    timeout: duration,
    pollInterval: duration,
    maxPollInterval: fc.oneof(duration, fc.constant(null)),
    backoffCoefficient: maybe(fc.double()),
    jitter: duration,
    cleanupOnTimeout: maybe(fc.boolean()),
    uploadTimeout: duration,
    cleanupTimeout: duration,
    credentials: maybe(text),
    taskQueue: maybe(text),
    apiKey: text,
    __proto__: anything,
  },
  { requiredKeys: [] },
);

export const retryAfter = fc.oneof(
  fc.string(),
  fc.bigInt().map(String),
  fc.double().map(String),
  fc.date({ noInvalidDate: false }).map(String),
  fc.date({ noInvalidDate: true }).map((date) => date.toUTCString()),
  fc.constantFrom(
    '9223372036854775807',
    '1e400',
    ' 5 ',
    '5, 6',
    '-1',
    '٣',
    'Thu, 01 Jan 99999 00:00:00 GMT',
    'Jan',
    '9'.repeat(400),
  ),
);

const delay = fc.oneof(
  retryAfter,
  fc.bigInt().map((value) => `${value}s`),
  fc.double().map((value) => `${value}s`),
  fc.record({ seconds: anything, nanos: anything }, { requiredKeys: [] }),
  fc.constantFrom<unknown>(
    { seconds: '9223372036854775807' },
    { seconds: 1n },
    { nanos: Symbol.iterator },
    `${'9'.repeat(400)}s`,
  ),
  anything,
);

export const retryDelay = delay;

/** Google's error JSON with random values at random places. */
export const errorJson = fc.record(
  {
    error: fc.oneof(
      anything,
      fc.record(
        {
          code: anything,
          status: anything,
          message: fc.oneof(fc.string({ maxLength: 2000 }), anything),
          details: fc.oneof(
            anything,
            fc.array(
              fc.record(
                {
                  '@type': fc.oneof(
                    fc.constantFrom('type.googleapis.com/google.rpc.RetryInfo', 'x/google.rpc.ErrorInfo'),
                    anything,
                  ),
                  reason: fc.oneof(fc.constantFrom('API_KEY_INVALID'), anything),
                  retryDelay: delay,
                  retry_delay: delay,
                },
                { requiredKeys: [] },
              ),
            ),
          ),
        },
        { requiredKeys: [] },
      ),
    ),
  },
  { requiredKeys: [] },
);

/** A configuration file with mostly valid values. */
export const config = fc.record(
  {
    apiKey: maybe(fc.constantFrom('a-key', ' a-key ', 'two words', '')),
    baseUrl: maybe(
      fc.constantFrom(
        'https://a.example',
        'http://127.0.0.1:1',
        'http://a.example',
        'x',
        'https://u:p@a.example',
      ),
    ),
    allowInsecureBaseUrl: maybe(fc.boolean()),
    allowedRoots: maybe(fc.array(fc.string())),
    tier: maybe(fc.constantFrom('free', 'tier1', 'gold')),
    profiles: maybe(
      fc.dictionary(
        fc.oneof(fc.string(), fc.constantFrom('a', '__proto__', 'constructor')),
        fc.record({ apiKey: maybe(fc.constant('key-of-a')), baseUrl: anything }, { requiredKeys: [] }),
      ),
    ),
    anything: fc.constant(undefined),
  },
  { requiredKeys: [] },
);
