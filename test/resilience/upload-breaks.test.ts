/** Connections that break, stall or lose an answer while a file is sent. */

import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { GeminiFilesEmulator, type EmulatorOptions } from '../../src/testing/index.js';
import { NAME } from '../support/connection.js';
import { testFolder, type TestFile, type TestFolder } from '../support/files.js';
import { bytesReceived, MiB, startUploading, story, uploading } from '../support/upload.js';

let folder: TestFolder;
let big: TestFile;
let small: TestFile;
let emulator: GeminiFilesEmulator;

beforeAll(async () => {
  folder = await testFolder();
  big = await folder.file('big.bin', 64 * MiB);
  small = await folder.file('small.bin', 16 * MiB);
});
afterAll(() => folder[Symbol.asyncDispose]());
afterEach(async () => {
  emulator.assertFaultsConsumed();
  // One name for all sessions, so that there can be one file at most.
  expect(emulator.sessions.filter(({ name }) => name !== NAME)).toEqual([]);
  await emulator.close();
});
beforeEach(() => begin());

async function begin(options: EmulatorOptions = {}): Promise<void> {
  await (emulator as GeminiFilesEmulator | undefined)?.close();
  emulator = await GeminiFilesEmulator.start(options);
}

// A router restarts, a laptop changes its network: what was sent must not be sent again.
it('a reset at half of 64 MiB costs at most a fifth more', async () => {
  emulator.addFaults({ on: 'upload', do: 'reset', afterTotalBytes: 32 * MiB });
  expect(await uploading(emulator.url, big)).toMatchObject({ sha256: big.sha256, sizeBytes: 64 * MiB });
  expect(bytesReceived(emulator)).toBeLessThanOrEqual(1.2 * big.sizeBytes);
  expect(story(emulator)).toEqual(['start 200', 'finalize 0+32 reset', 'query 200', 'finalize 32+32 200']);
});

// Servers and proxies that buffer a request whole have nothing of it when it breaks: only shorter requests get through.
it('a server that keeps nothing of a broken request gets smaller ones', async () => {
  await begin({ persistBroken: 'none' });
  emulator.addFaults({ on: 'upload', do: 'reset', afterBytes: 20 * MiB, times: 2 });
  await uploading(emulator.url, big);
  expect(story(emulator)).toEqual([
    'start 200',
    'finalize 0+20 reset',
    'query 200',
    'upload 0+20 reset',
    'query 200',
    'upload 0+16 200',
    'upload 16+16 200',
    'upload 32+16 200',
    'finalize 48+16 200',
  ]);
});

// A proxy that refuses every body resets each request: five in a row, and Temporal waits before there are more.
it('the number of requests without progress is bounded', async () => {
  await begin({ persistBroken: 'none' });
  emulator.addFaults({ on: 'upload', do: 'reset', times: 'always' });
  await expect(uploading(emulator.url, big)).rejects.toMatchObject({ kind: 'connection', retryable: true });
  const sent = story(emulator).filter((line) => /upload|finalize/.test(line));
  expect(sent).toHaveLength(5);
  expect(emulator.sessions).toHaveLength(1);
});

// A bad line that breaks often: the breaks are bounded only as long as the upload gets no further in between.
it('a request with progress resets the count of those without', async () => {
  await begin({ granularity: MiB / 4 });
  const file = await folder.file('one-mib.bin', MiB);
  const nothing = { on: 'upload', do: 'reset', times: 3 } as const;
  emulator.addFaults(nothing, { on: 'upload', do: 'reset', afterBytes: MiB / 4 }, nothing);
  expect(await uploading(emulator.url, file)).toMatchObject({ sha256: file.sha256 });
  expect(story(emulator).filter((line) => !line.startsWith('query'))).toEqual([
    'start 200',
    'finalize 0+0 reset',
    'upload 0+0 reset',
    'upload 0+0 reset',
    'upload 0+0.25 reset',
    'upload 0.25+0 reset',
    'upload 0.25+0 reset',
    'upload 0.25+0 reset',
    'upload 0.25+0.25 200',
    'upload 0.5+0.25 200',
    'finalize 0.75+0.25 200',
  ]);
});

// The network is gone for good: the question for the offset breaks too, and nothing more is sent in this attempt.
it('a query that breaks is left to the next attempt', async () => {
  emulator.addFaults({ on: 'upload', do: 'reset' }, { on: 'query', do: 'reset' });
  await expect(uploading(emulator.url, big)).rejects.toMatchObject({
    kind: 'connection',
    operation: 'query',
  });
  expect(story(emulator)).toEqual(['start 200', 'finalize 0+0 reset', 'query reset']);
});

// The finalize is done and its answer is lost on the way: sent again it would be refused, and a new upload would be a second file.
it('the last answer lost: the query brings the file', async () => {
  emulator.addFaults({ on: 'finalize', do: 'loseAnswer' });
  expect(await uploading(emulator.url, small)).toMatchObject({ sha256: small.sha256 });
  expect(story(emulator)).toEqual(['start 200', 'finalize 0+16 reset', 'query 200']);
});

// The same with a server whose query says `final` and no more.
it('the last answer lost, and a query without the file: a get brings it', async () => {
  await begin({ queryAfterFinal: 'empty' });
  emulator.addFaults({ on: 'finalize', do: 'cutAnswer', afterBytes: 20 });
  expect(await uploading(emulator.url, small)).toMatchObject({ sha256: small.sha256 });
  expect(story(emulator)).toEqual(['start 200', 'finalize 0+16 cut', 'query 200', 'get 200']);
});

// The same with a server that does not know a session any more once it is final.
it('the last answer lost, and the session forgotten: the file under the name is adopted', async () => {
  emulator.addFaults({ on: 'finalize', do: 'loseAnswer' }, { on: 'query', do: 'expireSession' });
  expect(await uploading(emulator.url, small)).toMatchObject({ sha256: small.sha256 });
  expect(story(emulator)).toEqual(['start 200', 'finalize 0+16 reset', 'query 404', 'get 200']);
});

// An intermediate answer is lost: the server is ahead of what was confirmed.
it('an answer in the middle lost: continues after the bytes that had arrived', async () => {
  const file = await folder.file('two-requests.bin', 72 * MiB);
  emulator.addFaults({ on: 'upload', do: 'loseAnswer' });
  await uploading(emulator.url, file);
  expect(story(emulator)).toEqual(['start 200', 'upload 0+64 reset', 'query 200', 'finalize 64+8 200']);
});

// The session is open, but its URL is lost. It holds no file and expires; the next attempt opens another.
it("start's answer lost: the next attempt starts over", async () => {
  emulator.addFaults({ on: 'start', do: 'loseAnswer' });
  await expect(uploading(emulator.url, small)).rejects.toMatchObject({ kind: 'connection', retryable: true });
  await uploading(emulator.url, small, { mayExist: true });
  expect(story(emulator)).toEqual(['start reset', 'get 403', 'start 200', 'finalize 0+16 200']);
  expect(emulator.sessions.map((session) => session.state)).toEqual(['active', 'final']);
  expect(emulator.files.size).toBe(1);
});

// A middlebox drops packets without a word: no error ever comes.
it('a connection on which no byte moves is broken and resumed', async () => {
  emulator.addFaults({ on: 'upload', do: 'stall', afterBytes: 24 * MiB });
  await uploading(emulator.url, big, { connection: { stallTimeoutMs: 400 } });
  expect(story(emulator)).toEqual(['start 200', 'finalize 0+24 stalled', 'query 200', 'finalize 24+40 200']);
});

// The same after the last byte: the work is done, the answer never comes.
it('a missing answer is replaced by a query', async () => {
  await begin({ granularity: MiB / 4 });
  // An answer may take a second longer for each MiB of its request.
  const file = await folder.file('quarter-mib.bin', MiB / 4);
  emulator.addFaults({ on: 'finalize', do: 'stall', work: 'after' });
  expect(await uploading(emulator.url, file, { connection: { stallTimeoutMs: 400 } })).toMatchObject({
    sha256: file.sha256,
  });
  expect(story(emulator)).toEqual(['start 200', 'finalize 0+0.25 stalled', 'query 200']);
});

// A server that accepts the connection and does not answer must not block start, query or get forever.
it('a start that is not answered ends in time', async () => {
  emulator.addFaults({ on: 'start', do: 'stall' });
  const result = uploading(emulator.url, small, { connection: { requestTimeoutMs: 300 } });
  await expect(result).rejects.toMatchObject({ kind: 'connection', retryable: true });
});

// An abort ends the current request, whatever blocks it.
it('an abort ends the transfer, and the session with it', async () => {
  emulator.addFaults({ on: 'upload', do: 'pace', bytesPerSecond: 16 * MiB });
  const { result, abort } = startUploading(emulator.url, big);
  await emulator.waitFor((all) => all.some(({ bytes }) => bytes > 4 * MiB));
  abort.abort(new Error('not wanted any more'));
  await expect(result).rejects.toThrow('not wanted any more');
  await emulator.waitFor((all) => all.some(({ outcome }) => outcome === 'broken'));
  expect(emulator.sessions).toMatchObject([{ state: 'cancelled' }]);
});
