/** What an upload tells its caller on the way: the steps that it is about to take, its events, and what the next attempt needs. */

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { GeminiApiError, ResumePoint, UploadEvent, UploadStep } from '../../src/gemini/index.js';
import { faults, GeminiFilesEmulator, type Fault } from '../../src/testing/index.js';
import { NAME } from '../support/connection.js';
import { testFolder, type TestFile, type TestFolder } from '../support/files.js';
import { MiB, startUploading, type UploadRunOptions } from '../support/upload.js';

const PART = MiB / 4;
/** Of a gateway, which does not know what becomes of the file. */
const GATEWAY = { text: '<html>403 Forbidden</html>' };

let folder: TestFolder;
let file: TestFile;
let emulator: GeminiFilesEmulator;

beforeAll(async () => {
  folder = await testFolder();
  file = await folder.file('talk.bin', MiB);
});
afterAll(() => folder[Symbol.asyncDispose]());
beforeEach(async () => void (emulator = await GeminiFilesEmulator.start({ granularity: PART })));
afterEach(() => emulator.close());

/** Uploads the file in requests of a quarter of it, and says what was told. */
async function upload(options: UploadRunOptions = {}) {
  const told: string[] = [];
  const steps: UploadStep[] = [];
  let sent = 0;
  const { result, checkpoints } = startUploading(emulator.url, file, {
    requestBytes: PART,
    beforeStep: (step) => Promise.resolve(void steps.push(step)),
    onEvent: (event) => told.push(inWords(event)),
    onFinalizeRefused: () => told.push('finalize refused'),
    onSessionLost: () => Promise.resolve(void told.push('the session is lost')),
    onSent: (bytes) => (sent += bytes),
    ...options,
  });
  const error = await result.then(
    () => undefined,
    (reason: unknown) => reason as GeminiApiError,
  );
  return { told, steps, sent, checkpoints, error, file: error ? undefined : await result };
}

const inWords = (event: UploadEvent): string =>
  [event.type, 'offset' in event && event.offset, 'error' in event && event.error.kind]
    .filter((word) => word !== false)
    .join(' ');

/** Where an attempt stood that had sent half of the file when the provider broke down. */
async function half(): Promise<ResumePoint> {
  emulator.addFaults(faults.unavailable('upload', { skip: 2 }));
  const { checkpoints, error } = await upload();
  expect(error).toMatchObject({ kind: 'unavailable' });
  return checkpoints.at(-1) as ResumePoint;
}

describe('steps', () => {
  it('are the start, the first data and the request that completes the file', async () => {
    const { steps, sent, told } = await upload();
    expect(steps).toEqual(['start', 'send', 'finalize']);
    expect(sent).toBe(file.sizeBytes);
    expect(told).toEqual([]);
  });

  it('of a file in one request end with the one that completes it', async () => {
    expect((await upload({ requestBytes: MiB })).steps.at(-1)).toBe('finalize');
    expect(emulator.requests.filter(({ operation }) => operation === 'upload')).toHaveLength(1);
  });

  it.each(['start', 'send', 'finalize'] as const)(
    'that are refused end the upload before %s',
    async (refused) => {
      const { error } = await upload({
        beforeStep: (step) => (step === refused ? Promise.reject(new Error('not now')) : Promise.resolve()),
      });
      expect(error).toMatchObject({ message: 'not now' });
      const received = emulator.sessions.map(({ receivedBytes }) => receivedBytes);
      expect(received).toEqual({ start: [], send: [0], finalize: [3 * PART] }[refused]);
      expect(emulator.files.size).toBe(0);
    },
  );
});

describe('checkpoints', () => {
  it('have the hash of what was confirmed, and no length for the next request if none was too slow', async () => {
    const { checkpoints } = await upload();
    expect(checkpoints.map(({ prefixBytes }) => prefixBytes)).toEqual([0, PART, 2 * PART, 3 * PART]);
    expect(new Set(checkpoints.map(({ prefixSha256 }) => prefixSha256)).size).toBe(4);
    for (const point of checkpoints) expect(point).not.toHaveProperty('requestBytes');
  });
});

describe('events', () => {
  it('a break, and what goes on after it', async () => {
    emulator.addFaults({ on: 'upload', do: 'reset', skip: 1 });
    expect((await upload()).told).toEqual(['interrupted connection']);
  });

  it.each([
    ['what the session has', false, 2 * PART],
    ['all of a file that was finalized meanwhile', true, MiB],
  ])('a session that is resumed tells %s', async (_, isFinalized, offset) => {
    const resume = await half();
    if (isFinalized) {
      emulator.addFaults({ on: 'finalize', do: 'loseAnswer' }, faults.unavailable('query', { skip: 1 }));
      expect((await upload({ resume })).error).toMatchObject({ kind: 'unavailable' });
    }
    const { told, file: uploaded } = await upload({ resume });
    expect(told).toEqual([`resumed ${offset}`]);
    expect(uploaded).toMatchObject({ sha256: file.sha256, displayName: 'sample' });
  });

  it('a file that an earlier attempt has created is adopted', async () => {
    await upload();
    const { told, steps } = await upload({ mayExist: true });
    expect([told, steps]).toEqual([['adopted'], []]);
  });

  it('a session that is lost', async () => {
    emulator.addFaults({ on: 'upload', do: 'expireSession' });
    const { told, error } = await upload();
    expect(told).toEqual(['session-lost session-lost', 'the session is lost']);
    expect(error).toMatchObject({ kind: 'session-lost' });
  });
});

describe('a finalize that the provider refuses creates no file', () => {
  const refusal = (status: number, message: string) => faults.error('finalize', status, message);
  const LEAKED = 'Your API key was reported as leaked. Please use another API key.';
  it.each<[string, Fault[], boolean]>([
    ['for its request', [refusal(400, 'Request contains an invalid argument.')], true],
    ['for the storage', [faults.storageQuotaFull('finalize')], true],
    ['for the key', [refusal(403, LEAKED)], true],
    ['and that is not known of a gateway', [faults.respond('finalize', 403, GATEWAY)], false],
    ['and that is not known if it is unavailable', [refusal(503, 'unavailable')], false],
    [
      'and that is not known if an earlier one was broken',
      [{ on: 'finalize', do: 'reset' }, refusal(403, LEAKED)],
      false,
    ],
  ])('%s', async (_, given, isTold) => {
    emulator.addFaults(...given);
    const { told, error } = await upload();
    expect(error).toBeInstanceOf(Error);
    expect(told.includes('finalize refused')).toBe(isTold);
  });

  it('and another request that it refuses says nothing of it', async () => {
    emulator.addFaults(faults.error('upload', 403, LEAKED));
    expect((await upload()).told).toEqual([]);
  });
});

describe('an upload of which the provider says', () => {
  const done = { headers: { 'X-Goog-Upload-Status': 'final' } };

  it('that it is final fails as session-lost if the file does not exist', async () => {
    emulator.addFaults(faults.respond('finalize', 200, done));
    const { error, told } = await upload();
    expect(error).toMatchObject({ kind: 'session-lost', operation: 'query' });
    expect(told).toEqual(['session-lost session-lost', 'the session is lost']);
  });

  it('that it is final fails as unavailable if the file cannot be fetched', async () => {
    emulator.addFaults(faults.respond('finalize', 200, done), faults.unavailable('get'));
    expect((await upload()).error).toMatchObject({ kind: 'unavailable', operation: 'get' });
  });

  it('that it is final returns the file if it exists', async () => {
    emulator.addFaults(faults.respond('finalize', 200, { ...done, work: 'after' }));
    expect((await upload()).file).toMatchObject({ sha256: file.sha256 });
  });

  it('that it has more bytes than the file fails as session-lost', async () => {
    emulator.addFaults({ on: 'upload', do: 'reset' }, { on: 'query', do: 'reportOffset', bytes: 2 * MiB });
    const { error } = await upload();
    expect(error).toMatchObject({ kind: 'session-lost', operation: 'query' });
    expect(error?.message).toBe(`query: the server has ${2 * MiB} bytes of a file of ${MiB}`);
  });

  it('that it has all bytes ends with a request without a body', async () => {
    emulator.addFaults({ on: 'finalize', do: 'reset', afterBytes: PART, persist: 'all' });
    const { error, steps } = await upload();
    expect(error).toBeUndefined();
    expect(steps).toEqual(['start', 'send', 'finalize', 'finalize']);
    expect(emulator.requests.at(-1)).toMatchObject({ offset: MiB, bytes: 0 });
  });

  it('again and again that it has no bytes fails as session-lost', async () => {
    emulator.addFaults({ on: 'upload', do: 'rollBack', times: 'always' });
    const { error } = await upload();
    expect(error).toMatchObject({ kind: 'session-lost', operation: 'upload' });
    expect(error?.message).toMatch(
      new RegExp(`^upload of ${NAME}: 5 requests in a row brought no progress(; the last: .+)?$`),
    );
  });
});
