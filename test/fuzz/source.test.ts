/** At least 3,000 cases (with `FUZZ_SCALE=1`) of what the server of a file may do. `FUZZ_SEED` repeats a run. */

import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isGeminiFilesError, SourceError } from '../../src/contract/errors.js';
import { ContentHash } from '../../src/gemini/content-hash.js';
import type { UploadSource } from '../../src/gemini/index.js';
import { openSource, resolveSources } from '../../src/sources/index.js';
import { SOURCE_LIMITS, type SourceLimits } from '../../src/sources/limits.js';
import { casesMade, holds, SCALE, SEED } from './fuzz.js';
import { HostileSource, type SourceAct, type SourceCase } from './hostile-source.js';

const KNOWN = [
  'SourceError',
  'SourceNotAllowedError',
  'FileChangedError',
  'FileNotFoundError',
  'EmptyFileError',
  'FileTooLargeError',
];
const SECRET = 'secret-access-key-of-the-fuzzed-source';

let server: HostileSource;
let before = 0;
let successes = 0;
beforeAll(async () => {
  // Other files of the same process count their cases too.
  before = casesMade();
  process.stderr.write(`fuzz of sources: FUZZ_SEED=${SEED}\n`);
  server = await HostileSource.start();
});
afterAll(() => server[Symbol.asyncDispose]());

const size = fc.integer({ min: 1, max: 90 });
const bytes = fc.nat({ max: 60 });
const act = <T extends SourceAct['do']>(name: T) => fc.constant(name);

/** What any network and any honest server may do. */
const weather: fc.Arbitrary<SourceAct> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: act('truth') }) },
  { weight: 5, arbitrary: fc.record({ do: act('break'), bytes }) },
  { weight: 2, arbitrary: fc.record({ do: act('short'), bytes }) },
  { weight: 2, arbitrary: fc.record({ do: act('whole') }) },
  {
    weight: 2,
    arbitrary: fc.record({
      do: act('status'),
      status: fc.constantFrom(408, 425, 429, 500, 502, 503, 504),
      headers: fc.constantFrom<Record<string, string>>(
        {},
        { 'retry-after': '1' },
        { 'retry-after': '-9e99' },
      ),
    }),
  },
);

const number = fc.constantFrom(
  '',
  '0',
  '-1',
  '1',
  '7',
  '1.5',
  '0x10',
  '1e3',
  '99999999999999999999',
  '3, 4',
  'NaN',
);
const hostile: fc.Arbitrary<SourceAct> = fc.oneof(
  { weight: 8, arbitrary: weather },
  { weight: 3, arbitrary: fc.record({ do: act('change'), sizeBytes: fc.nat({ max: 90 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      do: act('shift'),
      by: fc.integer({ min: -9, max: 9 }),
      more: fc.constantFrom(0, 0, 0, 1, 3),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: act('status'),
      status: fc.constantFrom(
        201,
        204,
        205,
        207,
        226,
        300,
        301,
        302,
        304,
        307,
        400,
        401,
        403,
        404,
        405,
        407,
        409,
        410,
        412,
        416,
        418,
        451,
        501,
        599,
        999,
      ),
      headers: fc.record(
        {
          location: fc.constantFrom('', '/again', 'http://[::1', 'file:///etc/passwd'),
          'content-range': fc.constantFrom('bytes */0', 'bytes */7', 'x'),
        },
        { requiredKeys: [] },
      ),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: act('headers'),
      headers: fc.record(
        {
          etag: fc.constantFrom(undefined, '"other"', 'W/"v1"', '"', '""', 'v1', `"${'x'.repeat(300)}"`),
          'content-encoding': fc.constantFrom('gzip', 'identity', 'br, gzip', ''),
          'content-range': fc.oneof(
            fc.tuple(number, number, number).map(([a, b, c]) => `bytes ${a}-${b}/${c}`),
            fc.constantFrom(undefined, 'bytes */*', 'items 0-1/2'),
          ),
          'content-type': fc.constantFrom('text/html', 'image/png', ''),
        },
        { requiredKeys: [] },
      ),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      do: act('garbage'),
      bytes: fc.oneof(
        fc.uint8Array({ maxLength: 40 }),
        fc
          .constantFrom(
            'HTTP/1.1 200 OK\r\n',
            'HTTP/1.1 100 Continue\r\n\r\n',
            'HTTP/1.1 206 Partial\r\ncontent-range: bytes 0-4/5\r\ncontent-length: 5\r\n\r\nab',
            'HTTP/1.1 206 Partial\r\ncontent-range: bytes 0-4/5\r\ntransfer-encoding: chunked\r\n\r\nZZ\r\n',
          )
          .map((text) => new Uint8Array(Buffer.from(text))),
      ),
    }),
  },
);
const stall = fc.record({ do: act('stall'), bytes, drip: fc.boolean() });

/** The reads of an upload: steps of this size, and after each, how many bytes the provider has lost again. */
const reads = fc.record({
  step: fc.integer({ min: 1, max: 60 }),
  lost: fc.array(fc.nat({ max: 40 }), { maxLength: 4 }),
});
type Reads = typeof reads extends fc.Arbitrary<infer T> ? T : never;

const LIMITS: SourceLimits = { ...SOURCE_LIMITS, answerMs: 10_000, stallMs: 10_000, headBytes: 16 };

function openOnce(limits: SourceLimits): Promise<UploadSource> {
  const credentials = { accessKeyId: 'AKID', secretAccessKey: SECRET };
  const store = { type: 's3', bucket: 'bucket', region: 'auto', endpoint: server.origin, credentials };
  const sources = { ...resolveSources({ store }, {}), limits };
  const context = { attempt: 1, signal: new AbortController().signal };
  return openSource({ source: 'store:file' }, { allowedRoots: [], sources }, context);
}

/** Reads the file as an upload does, and checks it as one does: what the provider holds has the hash of what was read. */
async function transfer(source: UploadSource, { step, lost }: Reads): Promise<Buffer> {
  const held = Buffer.alloc(source.sizeBytes);
  const hash = new ContentHash(source);
  const losses = [...lost];
  for (let at = 0; at < source.sizeBytes;) {
    const end = Math.min(at + step, source.sizeBytes);
    await source.assertUnchanged();
    await hash.advanceTo(at);
    let position = at;
    for await (const chunk of source.read(at, end)) {
      hash.update(chunk, position);
      chunk.copy(held, position);
      position += chunk.length;
    }
    expect(position).toBe(end);
    at = end < source.sizeBytes ? Math.max(0, end - (losses.shift() ?? 0)) : end;
  }
  const sha256 = hash.digest();
  await source.assertContent(sha256);
  if (createHash('sha256').update(held).digest('hex') !== sha256)
    throw new SourceError('the provider has other content');
  return held;
}

interface End {
  readonly content?: Buffer;
  readonly error?: unknown;
}

async function attempt(limits: SourceLimits, how: Reads): Promise<End> {
  let source: UploadSource | undefined;
  let timer: NodeJS.Timeout | undefined;
  const hang = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('it hangs')), 30_000);
  });
  try {
    const work = async () => {
      source = await openOnce(limits);
      return await transfer(source, how);
    };
    return { content: await Promise.race([work(), hang]) };
  } catch (error) {
    return { error };
  } finally {
    clearTimeout(timer);
    await source?.close();
  }
}

/** No success that is none, and no failure without a type or with a secret. */
function judge({ content, error }: End): void {
  if (content) {
    successes += 1;
    expect(server.versions.some((version) => version.equals(content))).toBe(true);
    return;
  }
  if (!isGeminiFilesError(error) || !KNOWN.includes(error.name)) throw error;
  expect(error.message.length).toBeLessThan(500);
  expect(`${error.message} ${String(error.cause)}`).not.toContain(SECRET);
  expect(error.message).not.toContain('127.0.0.1');
}

describe('a source', () => {
  const cases = (acts: fc.Arbitrary<SourceAct>, maxLength: number): fc.Arbitrary<SourceCase> =>
    fc.record({
      sizeBytes: size,
      etag: fc.constantFrom('strong', 'weak', 'none'),
      script: fc.array(acts, { maxLength }),
    });

  it('is read as one of its versions, or fails with a type, whatever its server does', async () => {
    await holds(2700, fc.tuple(cases(hostile, 10), reads), async ([one, how]) => {
      server.begin(one);
      judge(await attempt(LIMITS, how));
      // An answer a step, each with its breaks, and once more for the comparison.
      expect(server.requests).toBeLessThanOrEqual(
        12 * (one.script.length + one.sizeBytes + how.lost.length * 40 + 2),
      );
    });
  });

  it('is read in any weather, given attempts enough', async () => {
    await holds(500, fc.tuple(cases(weather, 8), reads), async ([one, how]) => {
      server.begin(one);
      let end: End = {};
      for (let left = one.script.length + 1; left > 0; left -= 1) {
        end = await attempt(LIMITS, how);
        judge(end);
        if (end.content) break;
        expect(end.error).toMatchObject({ name: 'SourceError', retryable: true });
      }
      expect(end.content?.equals(server.versions[0]!)).toBe(true);
    });
  });

  it('does not hold its reader by stalls and drips', async () => {
    const limits: SourceLimits = { ...LIMITS, answerMs: 200, stallMs: 40, slowMs: 40, slowBytes: 1000 };
    const slow = fc.oneof({ weight: 1, arbitrary: hostile }, { weight: 2, arbitrary: stall });
    await holds(40, fc.tuple(cases(slow, 4), reads), async ([one, how]) => {
      server.begin(one);
      judge(await attempt(limits, how));
    });
  });
});

it(`was tried with at least ${3000 * SCALE} cases`, () => {
  process.stderr.write(`fuzz of sources: ${casesMade() - before} cases, FUZZ_SEED=${SEED}\n`);
  expect(casesMade() - before).toBeGreaterThanOrEqual(3000 * SCALE);
  // Half of the cases would say little if most of them failed at once.
  expect(successes).toBeGreaterThan(1000 * SCALE);
});
