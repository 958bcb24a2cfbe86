/** The failures of the activities on the wire: type, details, and whether and when Temporal retries. */

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { SourceError, SourceNotAllowedError } from '../../src/contract/errors.js';
import { faults, GeminiFilesEmulator, type Fault } from '../../src/testing/index.js';
import { failureOf, runActivity } from '../support/activity.js';
import { connectionTo, KEY, NAME } from '../support/connection.js';
import { testFolder, type TestFile, type TestFolder } from '../support/files.js';

let folder: TestFolder;
let file: TestFile;
let emulator: GeminiFilesEmulator;

beforeAll(async () => {
  folder = await testFolder();
  file = await folder.file('notes.txt', 1000);
});
afterAll(() => folder[Symbol.asyncDispose]());
beforeEach(async () => void (emulator = await GeminiFilesEmulator.start({ apiKeys: [KEY] })));
afterEach(async () => {
  emulator.assertFaultsConsumed();
  await emulator.close();
});

const upload = (more: object = {}, info: object = {}) =>
  failureOf(
    runActivity(
      'geminiFilesUpload',
      { name: NAME, path: file.path, ...more },
      { connection: connectionTo(emulator.url), roots: [folder.path], info },
    ).result,
  );

/** What tells the clean-up that there can be no file. */
const NO_SESSION = {};

describe('bad input fails at once, before any request and without an id', () => {
  it.each([
    ['FileNotFoundError', { path: 'none.txt' }],
    ['NotAFileError', { path: 'folder' }],
    ['PathNotAllowedError', { path: '/etc/passwd' }],
    ['InvalidOptionsError', { path: 'no\0tes.txt' }],
    ['InvalidOptionsError', { path: 'x'.repeat(5000) }],
    ['InvalidOptionsError', { mimeType: 'text/plain; charset=utf-8' }],
    ['InvalidOptionsError', { displayName: 'x'.repeat(513) }],
    ['InvalidOptionsError', { name: 'files/Upper' }],
    ['InvalidOptionsError', { name: 'files/../../x' }],
    ['InvalidOptionsError', { name: `files/${'x'.repeat(41)}` }],
  ])('%s for %j', async (type, input) => {
    await mkdir(join(folder.path, 'folder'), { recursive: true });
    expect(await upload(input)).toMatchObject({ type, retryable: false, details: [{ provider: 'google' }] });
    expect(emulator.requests).toEqual([]);
  });

  it('names the option and its value', async () => {
    expect((await upload({ name: 'files/-x' })).message).toBe(
      'Invalid option name: expected files/ and at most 40 of a-z, 0-9 and inner dashes, got "files/-x"',
    );
  });

  it('knows in a later attempt that something may have been sent', async () => {
    expect(await upload({ path: 'none.txt' }, { attempt: 2 })).toMatchObject({
      type: 'FileNotFoundError',
      // How far the earlier attempt got is not known: it may have finalized.
      details: [
        { provider: 'google', id: NAME },
        { finalizing: true, earlierFinalize: true },
      ],
    });
  });

  it('a key that is not a key is neither sent nor shown', async () => {
    const bad = `${KEY}\nx`;
    const connection = connectionTo(emulator.url, { apiKey: bad });
    const upload = { name: NAME, path: file.path };
    for (const [operation, work] of [
      ['start', runActivity('geminiFilesUpload', upload, { connection, roots: [folder.path] })],
      ['get', runActivity('geminiFilesCheck', { name: NAME }, { connection })],
      ['delete', runActivity('geminiFilesDelete', { name: NAME }, { connection })],
    ] as const) {
      const failure = await failureOf(work.result);
      expect(failure).toMatchObject({
        type: 'InvalidCredentialsError',
        retryable: false,
        details: [
          { provider: 'google', id: NAME, kind: 'credentials', operation },
          ...(operation === 'start' ? [NO_SESSION] : []),
        ],
      });
      expect(failure.message).not.toContain(KEY);
    }
    expect(emulator.requests).toEqual([]);
  });
});

describe('what the provider reports', () => {
  const google = { provider: 'google', id: NAME };

  it('a wrong key: InvalidCredentialsError, at once', async () => {
    const connection = connectionTo(emulator.url, { apiKey: 'AIza-of-somebody-else' });
    const setting = { connection, roots: [folder.path] };
    const { result } = runActivity('geminiFilesUpload', { name: NAME, path: file.path }, setting);
    expect(await failureOf(result)).toEqual({
      type: 'InvalidCredentialsError',
      message: `The provider does not accept the API key. start: ${emulator.url}/upload/v1beta/files answered 400 INVALID_ARGUMENT: API key not valid. Please pass a valid API key.`,
      retryable: false,
      details: [{ ...google, status: 400, kind: 'credentials', operation: 'start' }, NO_SESSION],
    });
  });

  it.each(['none', 'int64-max'] as const)(
    'a full storage (RetryInfo: %s): QuotaExceededError, at once',
    async (retryInfo) => {
      emulator.addFaults(faults.storageQuotaFull('start', { retryInfo }));
      const failure = await upload();
      expect(failure).toMatchObject({
        type: 'QuotaExceededError',
        retryable: false,
        details: [{ ...google, status: 429, kind: 'quota', operation: 'start' }, NO_SESSION],
      });
      expect(failure).not.toHaveProperty('nextRetryDelay');
      expect(failure.message).toMatch(
        /^The project's file storage \(quota file_storage_bytes\) is full: delete files, or wait/,
      );
    },
  );

  it('503 with an empty body: ProviderError, to be retried', async () => {
    emulator.addFaults(faults.unavailable('start'));
    expect(await upload()).toEqual({
      type: 'ProviderError',
      message: `start: ${emulator.url}/upload/v1beta/files answered 503 with an empty body`,
      retryable: true,
      details: [{ ...google, status: 503, kind: 'unavailable', operation: 'start' }, NO_SESSION],
    });
  });

  it('a refused MIME type: ProviderError, at once', async () => {
    expect(await upload({ mimeType: 'bad/mime_type' })).toMatchObject({
      type: 'ProviderError',
      message: expect.stringMatching(/Unsupported MIME type: bad\/mime_type$/) as string,
      retryable: false,
      // Refused by the provider itself: the clean-up need not wait for a file.
      details: [
        { ...google, status: 400, kind: 'rejected', operation: 'upload' },
        {
          session: expect.stringMatching(/^v1\./) as string,
          keyFingerprint: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
        },
      ],
    });
  });

  it('a name in use: ProviderError, to be retried', async () => {
    emulator.addFile({ name: NAME, content: 'of another project' });
    expect(await upload()).toMatchObject({
      type: 'ProviderError',
      retryable: true,
      details: [{ ...google, status: 409, kind: 'name-conflict', operation: 'start' }, NO_SESSION],
    });
  });

  it('a session that has ended: ProviderError, to be retried', async () => {
    emulator.addFaults({ on: 'upload', do: 'terminateSession' });
    expect(await upload()).toMatchObject({
      type: 'ProviderError',
      retryable: true,
      details: [{ ...google, status: 400, kind: 'session-lost', operation: 'upload' }, {}],
    });
  });

  it('no server: ProviderError without a status, to be retried', async () => {
    const connection = connectionTo(emulator.url);
    await emulator.close();
    const upload = { name: NAME, path: file.path };
    for (const [operation, { result }] of [
      ['start', runActivity('geminiFilesUpload', upload, { connection, roots: [folder.path] })],
      ['get', runActivity('geminiFilesCheck', { name: NAME }, { connection })],
    ] as const) {
      expect(await failureOf(result)).toMatchObject({
        type: 'ProviderError',
        message: expect.stringContaining('ECONNREFUSED') as string,
        retryable: true,
        details: [
          { ...google, kind: 'connection', operation },
          ...(operation === 'start' ? [NO_SESSION] : []),
        ],
      });
    }
  });
});

describe('the delay that the provider asks for', () => {
  const HOUR = 3_600_000;
  const cases: [string, Fault, { deadlineMs?: number; left?: number }, number | undefined][] = [
    ['RetryInfo', faults.rateLimited('get', { retryDelaySeconds: 28 }), {}, 28_000],
    ['Retry-After', faults.rateLimited('get', { retryAfterSeconds: 7 }), {}, 7000],
    ['a part of a second, rounded up', faults.rateLimited('get', { retryDelaySeconds: 0.0015 }), {}, 2],
    ['Retry-After of a 503', faults.respond('get', 503, { headers: { 'Retry-After': '3' } }), {}, 3000],
    [
      'more than is left of the activity',
      faults.rateLimited('get', { retryDelaySeconds: 61 }),
      { left: 60_000 },
      undefined,
    ],
    [
      'more than is left of the wait',
      faults.rateLimited('get', { retryDelaySeconds: 61 }),
      { deadlineMs: Date.now() + 60_000 },
      undefined,
    ],
    ["int64's maximum", faults.rateLimited('get', { retryDelaySeconds: 'int64-max' }), {}, undefined],
    [
      "int64's maximum, with no end to the activity",
      faults.rateLimited('get', { retryDelaySeconds: 'int64-max' }),
      { left: 0 },
      undefined,
    ],
    ['none', faults.rateLimited('get'), {}, undefined],
  ];

  it.each(cases)('%s', async (_, fault, { deadlineMs, left = HOUR }, delay) => {
    emulator.addFaults(fault);
    const { result } = runActivity(
      'geminiFilesCheck',
      { name: NAME, ...(deadlineMs !== undefined && { deadlineMs }) },
      { connection: connectionTo(emulator.url), info: { scheduleToCloseTimeoutMs: left } },
    );
    const failure = await failureOf(result);
    expect(failure).toMatchObject({ type: 'ProviderError', retryable: true });
    expect(failure.nextRetryDelay).toBe(delay);
  });
});

describe('what a source reports', () => {
  const HOUR = 3_600_000;
  const failureFor = (error: Error) => {
    const deps = { connect: () => Promise.reject(error), allowedRoots: [folder.path] };
    const info = { scheduleToCloseTimeoutMs: HOUR };
    return failureOf(
      runActivity('geminiFilesUpload', { name: NAME, path: file.path }, { deps, info }).result,
    );
  };

  it('may pass: SourceError, to be retried after the time that the source asks for', async () => {
    const passing = await failureFor(
      new SourceError('503', { retryable: true, retryAfterMs: 7000, status: 503 }),
    );
    expect(passing).toMatchObject({ type: 'SourceError', retryable: true, nextRetryDelay: 7000 });
    expect(passing.details).toEqual([{ provider: 'google', status: 503 }]);
    const unknown = await failureFor(new SourceError('it broke', { retryable: true }));
    expect(unknown).toMatchObject({ type: 'SourceError', retryable: true });
    expect(unknown).not.toHaveProperty('nextRetryDelay');
  });

  it('asks for a time that is not left: retried without it', async () => {
    const late = await failureFor(new SourceError('503', { retryable: true, retryAfterMs: HOUR + 1 }));
    expect(late).toMatchObject({ retryable: true });
    expect(late).not.toHaveProperty('nextRetryDelay');
  });

  it.each([new SourceError('it has no length'), new SourceNotAllowedError('it is private')])(
    'is final: %s, at once',
    async (error) => {
      expect(await failureFor(error)).toMatchObject({ type: error.name, retryable: false });
    },
  );
});

describe('a programming error', () => {
  const attemptWith = (error: Error, attempt: number) =>
    runActivity(
      'geminiFilesCheck',
      { name: NAME },
      { deps: { connect: () => Promise.reject(error), allowedRoots: [] }, info: { attempt } },
    ).result;

  it.each(
    [TypeError, RangeError, ReferenceError, SyntaxError].map((type) => new type('x is not a function')),
  )('%s is final at the third attempt', async (error) => {
    // As it is, Temporal retries it.
    await expect(attemptWith(error, 2)).rejects.toBe(error);
    expect(await failureOf(attemptWith(error, 3))).toEqual({
      type: error.name,
      message: 'x is not a function',
      retryable: false,
      details: [{ provider: 'google' }],
    });
  });

  it('is not what fetch reports of a broken connection, or what a disk reports', async () => {
    const offline = new TypeError('fetch failed', { cause: new Error('connect ECONNREFUSED') });
    await expect(attemptWith(offline, 50)).rejects.toBe(offline);
    const disk = Object.assign(new Error('EIO'), { code: 'EIO' });
    await expect(attemptWith(disk, 50)).rejects.toBe(disk);
  });
});
