/** The upload activity with a file from a source: what it takes over from an earlier attempt, and what it fails with. */

import { createHash, randomBytes } from 'node:crypto';
import { inspect } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { UploadHeartbeat } from '../../src/contract/activities.js';
import type { SourcesConfig } from '../../src/sources/index.js';
import type { LocateContext } from '../../src/sources/options.js';
import { GeminiFilesEmulator, type Fault } from '../../src/testing/index.js';
import { failureOf, runActivity, type ActivityRun } from '../support/activity.js';
import { connectionTo, KEY, NAME } from '../support/connection.js';
import { answer, SourceServer } from '../support/source-server.js';
import { sourcesFor } from '../support/sources.js';

const MiB = 1024 * 1024;
const content = randomBytes(20 * MiB);
const sha256 = createHash('sha256').update(content).digest('hex');

let server: SourceServer;
let emulator: GeminiFilesEmulator;
beforeAll(async () => void (server = await SourceServer.start()));
afterAll(() => server[Symbol.asyncDispose]());
beforeEach(async () => {
  server.reset();
  server.files.set('/clip.mp4', { content });
  emulator = await GeminiFilesEmulator.start({ apiKeys: [KEY] });
});
afterEach(() => emulator.close());

interface Setting {
  readonly source?: string;
  readonly sources?: SourcesConfig;
  readonly info?: object;
  readonly input?: object;
}

function upload({
  source = server.url('/clip.mp4'),
  sources = sourcesFor(server),
  info = {},
  input,
}: Setting = {}) {
  const connection = connectionTo(emulator.url);
  const deps = { connect: () => Promise.resolve(connection), allowedRoots: [], sources };
  return runActivity('geminiFilesUpload', { name: NAME, source, ...input }, { deps, info });
}

/** Runs an attempt until the provider has more than `bytes`, ends it as a worker does that shuts down, and gives the next one's info. */
async function interrupted(
  start: () => ActivityRun<unknown>,
  bytes = 9 * MiB,
): Promise<{ attempt: number; heartbeatDetails: UploadHeartbeat }> {
  const pace: Fault = { on: 'upload', do: 'pace', bytesPerSecond: 40 * MiB };
  emulator.addFaults(pace);
  const first = start();
  const beat = await first.heartbeat((one) => one.bytesSent > bytes && one.prefixBytes !== undefined);
  first.cancel('WORKER_SHUTDOWN');
  await first.result.catch(() => undefined);
  return { attempt: 2, heartbeatDetails: beat };
}

const starts = () => emulator.requests.filter(({ operation }) => operation === 'start').length;

it('sends the file, and takes its name and its type from the source', async () => {
  server.files.set('/folder/a film', {
    content: Buffer.from('no known type'),
    headers: { 'content-type': 'video/x-custom' },
  });
  const file = await upload({ source: server.url('/folder/a%20film?version=3') }).result;
  expect(file).toMatchObject({ displayName: 'a film', mimeType: 'video/x-custom', sizeBytes: 13 });
});

it('prefers the options, then the type of the name, to what the server says', async () => {
  server.files.set('/clip.mp4', { content: Buffer.from('x'), headers: { 'content-type': 'image/png' } });
  const input = { displayName: 'mine', mimeType: 'video/webm' };
  expect(await upload({ input }).result).toMatchObject({ displayName: 'mine', mimeType: 'video/webm' });
  await emulator.close();
  emulator = await GeminiFilesEmulator.start({ apiKeys: [KEY] });
  expect(await upload().result).toMatchObject({ displayName: 'clip.mp4', mimeType: 'video/mp4' });
});

it.each([
  ['with a strong validator', '"v1"'],
  ['without a validator: the sent prefix is read again', null],
  ['with a weak validator', 'W/"v1"'],
])('continues the session of an earlier attempt, %s', async (_, etag) => {
  server.files.set('/clip.mp4', { content, etag });
  const info = await interrupted(() => upload());
  const sentBefore = server.requests.length;
  const file = await upload({ info }).result;
  expect(file).toMatchObject({ sha256, sizeBytes: content.length });
  expect(starts()).toBe(1);
  expect(server.requests.length).toBeGreaterThan(sentBefore);
});

it.each([
  ['another strong validator', '"v1"', '"v2"'],
  ['other content without a validator', null, null],
])('is FileChangedError with %s, and leaves nothing', async (_, before, after) => {
  server.files.set('/clip.mp4', { content, etag: before });
  const info = await interrupted(() => upload());
  server.files.set('/clip.mp4', { content: Buffer.from(content).fill(1, 0, 10), etag: after });
  const failure = await failureOf(upload({ info }).result);
  expect(failure).toMatchObject({ type: 'FileChangedError', retryable: false });
  expect(emulator.files.size).toBe(0);
  expect(emulator.sessions.map(({ state }) => state)).not.toContain('active');
});

describe('the next attempt is redirected to another mirror after the last byte was sent', () => {
  const clip = content.subarray(0, 2 * MiB);
  /** Sends the file, as the attempt before the last heartbeat was lost does. */
  const first = async () => {
    server.files.set('/a/clip.mp4', { content: clip, etag: '"a"' });
    server.acts.push(answer(302, { location: '/a/clip.mp4' }));
    const run = upload();
    await run.result;
    return { attempt: 2, heartbeatDetails: run.heartbeats.findLast((beat) => beat?.session) };
  };
  const next = (info: object, bytes: Buffer) => {
    server.files.set('/b/clip.mp4', { content: bytes, etag: '"b"' });
    server.acts.push(answer(302, { location: '/b/clip.mp4' }));
    return upload({ info }).result;
  };

  it('adopts the file by its hash', async () => {
    const info = await first();
    expect(await next(info, clip)).toMatchObject({ sizeBytes: clip.length });
    expect(starts()).toBe(1);
  });

  it('is FileChangedError if the mirror has other content, and the provider tells no hash', async () => {
    const info = await first();
    const { name, uri, sizeBytes, state } = { ...emulator.files.get(NAME) };
    const json = { file: { name, uri, sizeBytes, state } };
    const headers = { 'x-goog-upload-status': 'final' };
    emulator.addFaults({ on: 'query', do: 'respond', status: 200, headers, json });
    expect(await failureOf(next(info, Buffer.from(clip).fill(1, clip.length - 10)))).toMatchObject({
      type: 'FileChangedError',
      message: expect.stringContaining('tells no hash') as string,
    });
  });
});

it('asks the function at each attempt, with its number, and once more if the source refuses', async () => {
  const asked: Omit<LocateContext, 'signal'>[] = [];
  const store = (key: string, { attempt, refused }: LocateContext) => {
    asked.push({ attempt, refused });
    return { url: `${server.url(`/${key}`)}?X-Amz-Signature=${asked.length}` };
  };
  const sources = sourcesFor(server, { store });
  const info = await interrupted(() => upload({ source: 'store:clip.mp4', sources }));
  server.acts.push(answer(403));
  expect(await upload({ source: 'store:clip.mp4', sources, info }).result).toMatchObject({ sha256 });
  expect(asked).toEqual([
    { attempt: 1, refused: false },
    { attempt: 2, refused: false },
    { attempt: 2, refused: true },
  ]);
  expect(starts()).toBe(1);
});

it.each([
  [
    '503 with a delay',
    answer(503, { 'retry-after': '7' }),
    { type: 'SourceError', retryable: true, nextRetryDelay: 7000 },
  ],
  ['404', answer(404), { type: 'FileNotFoundError', retryable: false }],
  ['403', answer(403), { type: 'SourceNotAllowedError', retryable: false }],
  [
    'no length',
    answer(200, { 'transfer-encoding': 'chunked' }, 'x'),
    { type: 'SourceError', retryable: false },
  ],
])('fails with its type after %s, before the provider hears of it', async (_, act, failure) => {
  server.acts.push(act, act, act, act);
  const failed = await failureOf(upload({ source: server.url('/clip.mp4?version=s3cr3t') }).result);
  expect(failed).toMatchObject(failure);
  expect(JSON.stringify(failed)).not.toContain('s3cr3t');
  expect(emulator.requests).toEqual([]);
});

it('fails with SourceNotAllowedError without a connection where the worker has no sources', async () => {
  const none = { named: new Map() };
  for (const source of [server.url('/clip.mp4'), 'store:clip.mp4'])
    expect(await failureOf(upload({ source, sources: none }).result)).toMatchObject({
      type: 'SourceNotAllowedError',
      retryable: false,
      details: [{ provider: 'google' }],
    });
  expect(server.connections).toBe(0);
});

it.each([
  ['a programming error', false, new TypeError('x is not a function (Bearer S3CRET)')],
  [
    'a race of streams',
    true,
    Object.assign(new TypeError('Controller is already closed'), { code: 'ERR_INVALID_STATE' }),
  ],
  ['an answer that is not JSON', true, new SyntaxError('Unexpected token < in Bearer S3CRET')],
])('calls a function that meets %s three times, and again after that: %s', async (_, again, thrown) => {
  const store = () => Promise.reject(thrown);
  const sources = sourcesFor(server, { store });
  const failed = (attempt: number) =>
    upload({ source: 'store:x', sources, info: { attempt } }).result.then(undefined, (error: Error) => error);
  expect(await failed(2)).toMatchObject({ type: 'SourceError', nonRetryable: false });
  const third = await failed(3);
  expect(third).toMatchObject({ type: 'SourceError', nonRetryable: !again });
  expect(inspect(third, { depth: 9 })).not.toContain('S3CRET');
});
