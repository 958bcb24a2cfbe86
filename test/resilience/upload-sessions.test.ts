/** Sessions that end, offsets that are not what was thought, answers that lack what they should have. */

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { faults, GeminiFilesEmulator, type EmulatorOptions } from '../../src/testing/index.js';
import { NAME } from '../support/connection.js';
import { testFolder, type TestFile, type TestFolder } from '../support/files.js';
import { MiB, story, uploading as uploadingFile, type UploadRunOptions } from '../support/upload.js';

const GRANULARITY = MiB / 16;
const REQUEST_BYTES = 4 * MiB;
let folder: TestFolder;
/** Two requests. */
let file: TestFile;
let small: TestFile;
let emulator: GeminiFilesEmulator;

beforeAll(async () => {
  folder = await testFolder();
  file = await folder.file('two.bin', 5 * MiB);
  small = await folder.file('one.bin', 2 * MiB);
});
afterAll(() => folder[Symbol.asyncDispose]());
beforeEach(() => begin());
afterEach(async () => {
  emulator.assertFaultsConsumed();
  // One name for all sessions, so that there can be one file at most.
  expect(emulator.sessions.filter(({ name }) => name !== NAME)).toEqual([]);
  await emulator.close();
});

async function begin(options: EmulatorOptions = {}): Promise<void> {
  await (emulator as GeminiFilesEmulator | undefined)?.close();
  emulator = await GeminiFilesEmulator.start({ granularity: GRANULARITY, ...options });
}

const uploading = (url: string, content: TestFile, options?: UploadRunOptions) =>
  uploadingFile(url, content, { requestBytes: REQUEST_BYTES, ...options });

/** The next attempt: it looks for the file, and then opens a session of its own. */
const afresh = ['get 403', 'start 200', 'upload 0+4 200', 'finalize 4+1 200'];

/** An attempt that loses its session, and the next one. */
async function uploadingTwice(): Promise<void> {
  await expect(uploading(emulator.url, file)).rejects.toMatchObject({
    kind: 'session-lost',
    retryable: true,
  });
  const sessions = emulator.sessions.length;
  expect(sessions).toBe(1);
  expect(await uploading(emulator.url, file, { mayExist: true })).toMatchObject({ sha256: file.sha256 });
}

// Whoever ended the session may have done it because the upload is not wanted any more: only the next attempt opens another.
describe('a session that ends in the middle ends the attempt', () => {
  // Sessions live for hours to a day; then the upload URL is 404 with an empty body (python-genai#589).
  it('expired: 404, empty', async () => {
    emulator.addFaults({ on: 'finalize', do: 'expireSession' });
    await uploadingTwice();
    expect(story(emulator)).toEqual(['start 200', 'upload 0+4 200', 'finalize 4 404', 'get 403', ...afresh]);
  });

  // The front end ends a session by itself now and then: 400, "Upload has already been terminated."
  it.each(['none', 'final'] as const)(
    'terminated: 400, text (status header: %s)',
    async (terminatedStatus) => {
      await begin({ terminatedStatus });
      emulator.addFaults({ on: 'finalize', do: 'terminateSession' });
      await uploadingTwice();
      expect(story(emulator)).toEqual([
        'start 200',
        'upload 0+4 200',
        'finalize 4 400',
        'get 403',
        ...afresh,
      ]);
    },
  );

  // Somebody else cancelled it; the query for its offset says 410.
  it('cancelled: 410', async () => {
    emulator.addFaults({ on: 'upload', do: 'reset' }, { on: 'query', do: 'cancelSession' });
    await uploadingTwice();
    expect(story(emulator)).toEqual(['start 200', 'upload 0+0 reset', 'query 410', 'get 403', ...afresh]);
  });

  // An error with `final` has ended the session, whatever its status; without JSON it says nothing on the file itself.
  it('`final` on a 500', async () => {
    emulator.addFaults(faults.respond('upload', 500, { final: true }));
    await uploadingTwice();
    expect(story(emulator)).toEqual(['start 200', 'upload 0 500', 'get 403', ...afresh]);
  });
});

// The backend has refused the file: sent again, it would be refused again.
it('`final` with JSON 4xx is final, and not retried', async () => {
  emulator.addFaults(faults.unsupportedMimeType('application/octet-stream'));
  await expect(uploading(emulator.url, small)).rejects.toMatchObject({
    kind: 'rejected',
    retryable: false,
    message: expect.stringContaining('Unsupported MIME type') as string,
  });
  expect(emulator.sessions).toHaveLength(1);
});

describe('an unexpected offset', () => {
  // The server lost what it had confirmed, and refuses what comes after it.
  it.each([409, 400, 416] as const)('behind, reported with %i', async (wrongOffsetStatus) => {
    await begin({ wrongOffsetStatus });
    emulator.addFaults({ on: 'finalize', do: 'rollBack' });
    await uploading(emulator.url, file);
    expect(story(emulator)).toEqual([
      'start 200',
      'upload 0+4 200',
      `finalize 4 ${wrongOffsetStatus}`,
      'query 200',
      'upload 0+2.5 200',
      'finalize 2.5+2.5 200',
    ]);
  });

  // It loses it again and again.
  it('behind three times', async () => {
    emulator.addFaults({ on: 'finalize', do: 'rollBack', requests: 99, times: 3 });
    expect(await uploading(emulator.url, file)).toMatchObject({ sha256: file.sha256 });
    expect(emulator.sessions).toHaveLength(1);
  });

  // A request that was taken for lost had landed after all.
  it('ahead of what was confirmed', async () => {
    emulator.addFaults({ on: 'upload', do: 'reset', afterBytes: 2.5 * MiB, persist: 'all' });
    await uploading(emulator.url, file);
    expect(story(emulator).slice(0, 4)).toEqual([
      'start 200',
      'upload 0+2.5 reset',
      'query 200',
      'finalize 2.5+2.5 200',
    ]);
  });

  // The query itself is wrong; data there is refused, and asked again it is right.
  it('reported wrong by a query', async () => {
    emulator.addFaults({ on: 'upload', do: 'reset' }, { on: 'query', do: 'reportOffset', bytes: 3 * MiB });
    expect(await uploading(emulator.url, file)).toMatchObject({ sha256: file.sha256 });
    expect(story(emulator).slice(0, 5)).toEqual([
      'start 200',
      'upload 0+0 reset',
      'query 200',
      expect.stringMatching(/ 409$/),
      'query 200',
    ]);
  });

  // More than there is can't come right any more in this session.
  it('beyond the end of the file: the attempt ends', async () => {
    emulator.addFaults(
      { on: 'upload', do: 'reset' },
      { on: 'query', do: 'reportOffset', bytes: 5.0625 * MiB },
    );
    await uploadingTwice();
    expect(story(emulator)).toEqual(['start 200', 'upload 0+0 reset', 'query 200', 'get 403', ...afresh]);
  });

  // A server may keep any number of bytes, not just whole chunks.
  it('not at a multiple of the granularity', async () => {
    emulator.addFaults({ on: 'upload', do: 'reset', afterBytes: MiB / 3 + 12345, persist: 'all' });
    expect(await uploading(emulator.url, file)).toMatchObject({ sha256: file.sha256 });
  });
});

describe('a proxy that takes the status header out of', () => {
  const strip = { do: 'stripUploadHeaders' } as const;

  it('an answer to data: a query follows', async () => {
    emulator.addFaults({ on: 'upload', ...strip });
    await uploading(emulator.url, file);
    expect(story(emulator)).toEqual(['start 200', 'upload 0+4 200', 'query 200', 'finalize 4+1 200']);
  });

  it('the last answer: the query brings the file', async () => {
    emulator.addFaults({ on: 'finalize', ...strip });
    expect(await uploading(emulator.url, small)).toMatchObject({ sha256: small.sha256 });
    expect(story(emulator)).toEqual(['start 200', 'finalize 0+2 200', 'query 200']);
  });

  it("a query's answer: it is asked again", async () => {
    emulator.addFaults({ on: 'upload', ...strip }, { on: 'query', ...strip });
    await uploading(emulator.url, file);
    expect(story(emulator)).toEqual([
      'start 200',
      'upload 0+4 200',
      'query 200',
      'query 200',
      'finalize 4+1 200',
    ]);
  });

  it('every answer to data and queries: bounded, and the file that came of it is adopted', async () => {
    emulator.addFaults(
      { on: 'upload', ...strip, times: 'always' },
      { on: 'query', ...strip, times: 'always' },
    );
    expect(await uploading(emulator.url, small)).toMatchObject({ sha256: small.sha256 });
    expect(emulator.requests).toHaveLength(8);
    expect(story(emulator).at(-1)).toBe('get 200');
  });

  it("start's answer: no session, to be tried later", async () => {
    emulator.addFaults({ on: 'start', ...strip });
    await expect(uploading(emulator.url, small)).rejects.toMatchObject({
      kind: 'unavailable',
      retryable: true,
    });
  });
});

// A finalize that is answered as if it had been data: asked for without end it would never come.
it('a finalize that never finalizes is bounded', async () => {
  const headers = { 'X-Goog-Upload-Status': 'active' };
  emulator.addFaults(faults.respond('finalize', 200, { headers, times: 'always' }));
  await expect(uploading(emulator.url, small)).rejects.toMatchObject({
    kind: 'session-lost',
    retryable: true,
  });
  expect(emulator.requests).toHaveLength(12);
});

describe('the name is taken', () => {
  // By an earlier upload of the same run whose last answer was lost; the file is the run's if it has the same bytes.
  it.each(['start', 'finalize'] as const)(
    'by the same content, reported at %s: adopted',
    async (conflictStage) => {
      await begin({ conflictStage });
      const first = await uploading(emulator.url, small);
      const second = await uploading(emulator.url, small);
      expect(second).toEqual(first);
      expect(emulator.files.size).toBe(1);
      expect(
        story(emulator)
          .slice(2)
          .map((line) => line.replace(/^(\w+).* (\d+)$/, '$1 $2')),
      ).toEqual(
        conflictStage === 'start' ? ['start 409', 'get 200'] : ['start 200', 'finalize 409', 'get 200'],
      );
    },
  );

  it.each(['start', 'finalize'] as const)(
    'by other content, reported at %s: an error that names both',
    async (conflictStage) => {
      await begin({ conflictStage });
      await uploading(emulator.url, small);
      const other = await folder.file('other.bin', MiB);
      await expect(uploading(emulator.url, other)).rejects.toMatchObject({
        name: 'UploadFailedError',
        message: expect.stringContaining(
          `${small.sizeBytes} bytes with SHA-256 ${small.sha256}, expected ${MiB}`,
        ) as string,
      });
    },
  );

  // Names are global over all projects, and a new file is not visible at once: whether the file is ours shows later.
  it.each(['start', 'finalize'] as const)(
    'by a file that is not visible, reported at %s: to be tried again',
    async (conflictStage) => {
      await begin({ conflictStage });
      emulator.addFile({ name: NAME, content: 'theirs' });
      await expect(uploading(emulator.url, small)).rejects.toMatchObject({
        kind: 'name-conflict',
        retryable: true,
        status: 409,
      });
      expect(emulator.files.size).toBe(1);
    },
  );
});
