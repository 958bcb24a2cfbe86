/** At least 10,000 (with `FUZZ_SCALE=1`) random inputs of a caller, a configuration file, a server or a network. `FUZZ_SEED` repeats a run. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { usableDelay } from '../../src/activities/failures.js';
import { checkInput, deleteInput, findAbandonedInput, uploadInput } from '../../src/activities/input.js';
import { BOUNDS, resolveUploadOptions, type ResolvedUploadOptions } from '../../src/contract/options.js';
import {
  InvalidOptionsError,
  isGeminiFilesError,
  UnsupportedProviderError,
} from '../../src/contract/errors.js';
import { parseDuration } from '../../src/contract/duration.js';
import { resolveSweepOptions } from '../../src/contract/sweep.js';
import { errorForAnswer } from '../../src/gemini/classify.js';
import { withoutSecrets } from '../../src/gemini/connection.js';
import type { GeminiConnection } from '../../src/gemini/index.js';
import { parseRetryAfter, parseRetryDelay } from '../../src/gemini/retry-after.js';
import { resolveSettings, type Settings } from '../../src/worker/internal.js';
import { testFolder, type TestFolder } from '../support/files.js';
import { hostile, slow, weather } from './acts.js';
import { anything, casesMade, holds, SCALE, SEED } from './fuzz.js';
import { HostileServer } from './hostile-server.js';
import { runUpload } from './upload-case.js';
import { config, duration, errorJson, options, retryAfter, retryDelay } from './values.js';

const TARGET = {
  operation: 'get',
  method: 'GET',
  url: new URL('https://host.test/v1beta/files/x?upload_id=SECRET-OF-THE-SESSION'),
} as const;

let folder: TestFolder;
let server: HostileServer;
beforeAll(async () => {
  process.stderr.write(`fuzz: FUZZ_SEED=${SEED}\n`);
  folder = await testFolder();
  server = await HostileServer.start();
});
afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

/** The error that `work` throws; undefined if it throws none. */
function thrown(work: () => unknown): unknown {
  try {
    work();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** The value as JSON, as a file or an answer has it; `null` if it has no JSON. */
const asJson = (value: unknown): string => {
  try {
    return JSON.stringify(value) ?? 'null';
  } catch {
    return 'null';
  }
};

describe('options', () => {
  it('are resolved within their bounds, or refused by the name of a field', async () => {
    const input = fc.oneof({ weight: 9, arbitrary: options }, { weight: 1, arbitrary: anything });
    await holds(3400, input, (given) => {
      let resolved: ResolvedUploadOptions;
      try {
        resolved = resolveUploadOptions(given);
      } catch (error) {
        expect(error).toSatisfy(
          (one) => one instanceof InvalidOptionsError || one instanceof UnsupportedProviderError,
        );
        const { message } = error as Error;
        expect(message).toMatch(/^(Invalid option|Unsupported provider)/);
        expect(message.length).toBeLessThan(600);
        expect(message.isWellFormed()).toBe(true);
        expect(message).not.toContain('AIzaSyA-0123456789');
        return;
      }
      const { timeout, pollInterval, maxPollInterval, jitter, uploadTimeout, cleanupTimeout } = resolved;
      for (const ms of [timeout, pollInterval, jitter, uploadTimeout, cleanupTimeout]) {
        expect(ms).toSatisfy((one: number) => Number.isInteger(one) && one >= 0 && one <= BOUNDS.maxTimeout);
      }
      expect(pollInterval).toBeGreaterThanOrEqual(BOUNDS.minPollInterval);
      expect(Math.min(uploadTimeout, cleanupTimeout)).toBeGreaterThanOrEqual(BOUNDS.minActivityTimeout);
      if (maxPollInterval !== null) expect(maxPollInterval).toBeGreaterThanOrEqual(pollInterval);
      expect(resolved.backoffCoefficient).toSatisfy(
        (one: number) => one >= 1 && one <= BOUNDS.maxBackoffCoefficient,
      );
      const { path, source, displayName, mimeType, credentials, taskQueue } = resolved;
      expect((path === undefined) !== (source === undefined)).toBe(true);
      for (const text of [path, source, displayName, mimeType, credentials, taskQueue]) {
        expect(text ?? 'x').toSatisfy(
          (one: string) => one !== '' && !one.includes('\0') && one.isWellFormed(),
        );
      }
      expect([...(displayName ?? '')].length).toBeLessThanOrEqual(BOUNDS.displayNameLength);
      expect(mimeType ?? 'a/b').toMatch(/^[\x21-\x7e]+$/);
    });
  });

  it('of a sweep are held to the same', async () => {
    const input = fc.oneof(
      fc.record({ query: anything, olderThan: duration, dryRun: anything }, { requiredKeys: [] }),
      anything,
    );
    await holds(700, input, (given) => {
      try {
        const { olderThanMs } = resolveSweepOptions(given);
        expect(new Date(Date.now() - olderThanMs).getTime()).not.toBeNaN();
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidOptionsError);
        expect((error as Error).message.length).toBeLessThan(600);
      }
    });
  });

  it('of an activity are a whole number of milliseconds, or no duration', async () => {
    await holds(700, duration, (given) => {
      expect(parseDuration(given) ?? 0).toSatisfy((ms: number) => Number.isInteger(ms) && ms >= 0);
    });
  });

  it('of activities called directly are refused by the name of a field', async () => {
    const input = fc.oneof(
      fc.record(
        {
          name: anything,
          credentials: anything,
          session: anything,
          deadlineMs: anything,
          olderThanMs: anything,
          query: anything,
        },
        { requiredKeys: [] },
      ),
      anything,
    );
    await holds(700, input, (given) => {
      for (const check of [checkInput, deleteInput, uploadInput, findAbandonedInput]) {
        const error = thrown(() => check(given as never));
        if (error !== undefined) expect(error).toBeInstanceOf(InvalidOptionsError);
      }
    });
  });
});

describe('the delay that a provider asks for', () => {
  const sane = (ms: number | undefined) => ms === undefined || (ms >= 0 && !Number.isNaN(ms));

  it('in its header gives no delay, or one that is not negative', async () => {
    await holds(800, fc.tuple(retryAfter, retryAfter, fc.integer()), ([asked, date, now]) => {
      expect(parseRetryAfter((name) => (name === 'date' ? date : asked), now)).toSatisfy(sane);
    });
  });

  it('in its body, likewise', async () => {
    await holds(800, retryDelay, (value) => {
      expect(parseRetryDelay(value)).toSatisfy(sane);
    });
  });

  it('becomes a retry delay that Temporal takes and that leaves time, or none', async () => {
    const cases = fc.tuple(retryAfter, errorJson, fc.integer({ min: -1000, max: 10 ** 12 }));
    await holds(700, cases, ([header, json, left]) => {
      const answer = { status: 429, headers: { 'retry-after': header }, body: asJson(json) };
      const delay = usableDelay(errorForAnswer(TARGET, answer).retryAfterMs, left);
      expect(delay ?? 1).toSatisfy(
        (ms: number) => Number.isSafeInteger(ms) && ms > 0 && ms <= 48 * 3600 * 1000,
      );
      if (delay !== undefined) expect(delay).toBeLessThanOrEqual(Math.max(1, left + 1));
    });
  });
});

describe('an error body', () => {
  it('gives a short message without the key, whatever it holds', async () => {
    const body = fc.oneof(
      errorJson.map(asJson),
      fc.uint8Array({ maxLength: 2000 }).map((bytes) => Buffer.from(bytes).toString('utf8')),
      fc.string({ unit: 'binary', maxLength: 2000 }),
    );
    const cases = fc.tuple(
      body,
      fc.nat({ max: 999 }),
      fc.nat({ max: 2000 }),
      fc.constantFrom('upload', 'query', 'get', 'start', 'delete'),
    );
    await holds(1000, cases, ([text, status, at, operation]) => {
      const connection = { baseUrl: TARGET.url, apiKey: 'AIza-key/of+the fuzzed=errors' };
      const secrets = [connection.apiKey, encodeURIComponent(connection.apiKey), 'SECRET-OF-THE-SESSION'];
      for (const secret of secrets) {
        const hide = (said: string) => withoutSecrets(said, connection, TARGET.url);
        const echo = text.slice(0, at) + secret + text.slice(at);
        const inJson = JSON.stringify({ error: { status: text, message: echo, details: [echo] } });
        const escaped = inJson.replaceAll('-', '\\u002d');
        for (const body of [echo, inJson, escaped]) {
          const answer = { status, headers: {}, body };
          const error = errorForAnswer({ ...TARGET, operation, hide }, answer);
          expect(error.message).not.toContain(secret);
          expect(error.message.length).toBeLessThan(800);
          expect(error.message.isWellFormed()).toBe(true);
        }
      }
    });
  });
});

describe('a configuration file', () => {
  it('is taken, or refused by its name and without a value', async () => {
    const path = join(folder.path, 'config.json');
    const content = fc.oneof(
      { weight: 6, arbitrary: config.map(asJson) },
      fc.jsonValue().map(asJson),
      fc.string({ unit: 'binary' }),
    );
    await holds(1000, content, async (text) => {
      await writeFile(path, text);
      let settings: Settings;
      try {
        settings = resolveSettings({ configFile: path }, {});
      } catch (error) {
        expect(error).toBeInstanceOf(InvalidOptionsError);
        expect((error as Error).message).not.toMatch(/a-key|key-of-a/);
        return;
      }
      for (const profile of [undefined, ...settings.profiles.keys()]) {
        const connection = await settings.connect(profile).catch((error: unknown) => error);
        if (connection instanceof Error) expect(isGeminiFilesError(connection)).toBe(true);
        else expect((connection as GeminiConnection).apiKey).toMatch(/^[\x21-\x7e]+$/);
      }
    });
  });
});

// At the same time, since the second one mostly waits.
describe.concurrent('an upload', () => {
  const shape = {
    sizeBytes: fc.integer({ min: 1, max: 40 }),
    granularity: fc.integer({ min: 1, max: 16 }),
    requestGranules: fc.integer({ min: 1, max: 8 }),
    timeoutMs: fc.constant(5000),
  };

  it('ends, and ends truthfully, whatever the server does', async () => {
    const script = fc.array(hostile, { maxLength: 12 });
    const cases = fc.record({ ...shape, script, attempts: fc.integer({ min: 1, max: 3 }) });
    await holds(700, cases, (one) => runUpload(server, join(folder.path, 'hostile'), one));
  });

  it('ends if the server does not answer, or never ends its answer', async () => {
    const script = fc
      .tuple(fc.array(hostile, { maxLength: 3 }), slow, fc.array(fc.oneof(hostile, slow), { maxLength: 3 }))
      .map(([before, act, after]) => [...before, act, ...after]);
    const cases = fc.record({ ...shape, script, attempts: fc.constant(2), timeoutMs: fc.constant(60) });
    await holds(60, cases, (one) => runUpload(server, join(folder.path, 'slow'), one));
  });

  it('comes through any weather, given attempts enough', async () => {
    const script = fc.array(weather, { maxLength: 10 });
    const cases = fc.record({ ...shape, script }).map((one) => ({ ...one, attempts: one.script.length + 1 }));
    await holds(350, cases, async (one) => {
      const end = await runUpload(server, join(folder.path, 'weather'), one);
      if (!end.file) throw end.error;
      expect(end.world.files.size).toBe(1);
    });
  });
});

it(`was tried with at least ${10_000 * SCALE} cases`, () => {
  process.stderr.write(`fuzz: ${casesMade()} cases, FUZZ_SEED=${SEED}\n`);
  expect(casesMade()).toBeGreaterThanOrEqual(10_000 * SCALE);
});
