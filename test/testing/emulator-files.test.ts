/** get, list, delete, generateContent; owners, quota, states and expiry. */

import { describe, expect, it } from 'vitest';
import { GeminiFilesEmulator, type EmulatorOptions, type FileResource } from '../../src/testing/index.js';
import {
  api,
  json,
  rpcError,
  session,
  sha256,
  start,
  startEmulator,
  upload,
  uploadWhole,
} from './emulator-http.js';

const noAccess = (id: string): object => ({
  http: 403,
  code: 403,
  message: `You do not have permission to access the File ${id} or it may not exist.`,
  status: 'PERMISSION_DENIED',
});

const upload1 = uploadWhole<FileResource>;
const HOUR = 3_600_000;

describe('the file', () => {
  it('has the fields of the provider', async () => {
    const emulator = await startEmulator();
    const file = await upload1(emulator, 'hello', { type: 'text/plain', file: { displayName: 'Hello' } });
    expect(file).toEqual({
      name: expect.stringMatching(/^files\/[a-z0-9]{12}$/) as string,
      displayName: 'Hello',
      mimeType: 'text/plain',
      sizeBytes: '5',
      createTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/) as string,
      updateTime: file.createTime,
      expirationTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/) as string,
      sha256Hash: Buffer.from(sha256('hello')).toString('base64'),
      uri: `${emulator.url}/v1beta/${file.name}`,
      state: 'ACTIVE',
      source: 'UPLOADED',
    });
    const short = Date.parse(file.createTime) + 48 * HOUR - Date.parse(file.expirationTime);
    expect(short).toBeGreaterThanOrEqual(18);
    expect(short).toBeLessThanOrEqual(275);
    for (const version of ['v1', 'v1beta']) {
      expect(json(await api(emulator, 'GET', `/${version}/${file.name}`))).toEqual(file);
    }
    expect(emulator.files.get(file.name)).toEqual({ ...file, sha256: sha256('hello') });
  });

  it('has no displayName if none was given', async () => {
    expect(await upload1(await startEmulator(), 'x')).not.toHaveProperty('displayName');
  });

  it('is 400 for a bad id and 403 for an unknown one', async () => {
    const emulator = await startEmulator();
    for (const method of ['GET', 'DELETE']) {
      expect(rpcError(await api(emulator, method, '/v1beta/files/Bad_Id'))).toMatchObject({
        http: 400,
        status: 'INVALID_ARGUMENT',
      });
      expect(rpcError(await api(emulator, method, '/v1beta/files/none'))).toEqual(noAccess('none'));
    }
  });

  it('needs a key', async () => {
    const emulator = await startEmulator({ apiKeys: ['good'] });
    expect(rpcError(await api(emulator, 'GET', '/v1beta/files', ''))).toMatchObject({
      http: 403,
      status: 'PERMISSION_DENIED',
    });
    expect(rpcError(await api(emulator, 'GET', '/v1beta/files', 'bad'))).toMatchObject({
      http: 400,
      status: 'INVALID_ARGUMENT',
    });
    expect((await api(emulator, 'GET', '/v1beta/files?key=good', '')).status).toBe(200);
  });
});

describe('names', () => {
  it.each(['start', 'finalize'] as const)(
    'are global, and a taken one is told at %s',
    async (conflictStage) => {
      const emulator = await startEmulator({ conflictStage });
      await upload1(emulator, 'mine', { key: 'a', file: { name: 'files/taken' } });
      expect(rpcError(await api(emulator, 'GET', '/v1beta/files/taken', 'b'))).toEqual(noAccess('taken'));
      expect(rpcError(await api(emulator, 'DELETE', '/v1beta/files/taken', 'b'))).toEqual(noAccess('taken'));
      expect(json(await api(emulator, 'GET', '/v1beta/files', 'b'))).toEqual({});
      const started = await start(emulator, { key: 'b', file: { name: 'files/taken' } });
      const conflict =
        conflictStage === 'start'
          ? started
          : await upload(String(started.headers['x-goog-upload-url']), 'upload, finalize', 0, 'x');
      expect(rpcError(conflict)).toEqual({
        http: 409,
        code: 409,
        message: 'Resource files/taken already exists.',
        status: 'ALREADY_EXISTS',
      });
      expect(conflict.headers['x-goog-upload-status']).toBe(conflictStage === 'start' ? undefined : 'final');
      expect(emulator.files.get('files/taken')?.sha256).toBe(sha256('mine'));
    },
  );

  it('are given to the first of two uploads to end', async () => {
    const emulator = await startEmulator();
    const one = await session(emulator, { file: { name: 'files/race' } });
    const two = await session(emulator, { file: { name: 'files/race' } });
    expect((await upload(two, 'upload, finalize', 0, 'two')).status).toBe(200);
    expect((await upload(one, 'upload, finalize', 0, 'one')).status).toBe(409);
    expect(emulator.files.get('files/race')?.sha256).toBe(sha256('two'));
  });

  it('are free again after delete', async () => {
    const emulator = await startEmulator();
    await upload1(emulator, '1', { file: { name: 'files/again' } });
    const deleted = await api(emulator, 'DELETE', '/v1beta/files/again');
    expect([deleted.status, json(deleted)]).toEqual([200, {}]);
    expect(rpcError(await api(emulator, 'GET', '/v1beta/files/again'))).toEqual(noAccess('again'));
    expect(rpcError(await api(emulator, 'DELETE', '/v1beta/files/again'))).toEqual(noAccess('again'));
    expect(await upload1(emulator, '2', { file: { name: 'files/again' } })).toMatchObject({
      name: 'files/again',
    });
  });

  it('can be taken by a file that was put there', async () => {
    const emulator = await startEmulator();
    const name = emulator.addFile({ name: 'files/foreign', content: 'theirs' });
    expect(rpcError(await api(emulator, 'GET', `/v1beta/${name}`))).toEqual(noAccess('foreign'));
    expect((await start(emulator, { file: { name } })).status).toBe(409);
    expect(() => emulator.addFile({ name, content: '' })).toThrow('addFile: files/foreign is taken');
    emulator.addFile({ name: 'files/own', content: 'own', apiKey: 'a', mimeType: 'audio/wav' });
    expect(json(await api(emulator, 'GET', '/v1beta/files/own', 'a'))).toMatchObject({
      mimeType: 'audio/wav',
      sizeBytes: '3',
    });
  });
});

describe('list', () => {
  it('has pages of 10 by default and of 100 at most', async () => {
    const emulator = await startEmulator();
    for (let count = 1; count <= 105; count++)
      emulator.addFile({ name: `files/f${count}`, content: 'x', apiKey: 'a' });
    type Page = { files?: { name: string }[]; nextPageToken?: string };
    const page = async (
      query: string,
    ): Promise<[string | undefined, string | undefined, number, string | undefined]> => {
      const { files = [], nextPageToken } = json<Page>(
        await api(emulator, 'GET', `/v1beta/files${query}`, 'a'),
      );
      return [files[0]?.name, files.at(-1)?.name, files.length, nextPageToken];
    };
    const token = expect.any(String) as string;
    expect(await page('')).toEqual(['files/f105', 'files/f96', 10, token]);
    const first = await page('?pageSize=1000');
    expect(first).toEqual(['files/f105', 'files/f6', 100, token]);
    emulator.addFile({ content: 'new', apiKey: 'a' });
    await api(emulator, 'DELETE', '/v1beta/files/f6', 'a');
    expect(await page(`?pageSize=5&pageToken=${first[3]}`)).toEqual(['files/f5', 'files/f1', 5, undefined]);
  });

  it('of no files is {}, and refuses a bad token or size', async () => {
    const emulator = await startEmulator();
    expect(json(await api(emulator, 'GET', '/v1beta/files'))).toEqual({});
    expect((await api(emulator, 'GET', '/v1beta/files?pageToken=nonsense')).status).toBe(400);
    expect((await api(emulator, 'GET', '/v1beta/files?pageSize=many')).status).toBe(400);
  });
});

describe('processing', () => {
  it('keeps a video PROCESSING for 3 s by default, and nothing else', async () => {
    const emulator = await startEmulator();
    const video = await upload1(emulator, 'film', { type: 'video/mp4' });
    expect(video.state).toBe('PROCESSING');
    expect(video.updateTime).toBe(video.createTime);
    expect(video).not.toHaveProperty('videoMetadata');
    emulator.advance(3_000);
    const active = json<FileResource>(await api(emulator, 'GET', `/v1beta/${video.name}`));
    expect(active).toEqual({
      ...video,
      state: 'ACTIVE',
      updateTime: expect.any(String) as string,
      videoMetadata: {
        videoDuration: '10s',
        videoThumbnailBytes: expect.stringMatching(/^\/9j.{10000}/) as string,
      },
    });
    expect(Date.parse(active.updateTime) - Date.parse(video.createTime)).toBe(3_000);
    for (const type of ['audio/mpeg', 'image/png', 'application/pdf', 'text/plain']) {
      expect((await upload1(emulator, 'x', { type })).state).toBe('ACTIVE');
    }
  });

  it('ends in FAILED with an error, if configured', async () => {
    const emulator = await startEmulator({
      processing: '1m',
      processingTypes: ['audio/'],
      outcome: 'FAILED',
    });
    const { name, state } = await upload1(emulator, 'x', { type: 'audio/wav' });
    expect(state).toBe('PROCESSING');
    emulator.advance(60_000);
    expect(json(await api(emulator, 'GET', `/v1beta/${name}`))).toMatchObject({
      state: 'FAILED',
      error: {
        code: 13,
        message:
          'Can not find message descriptor by type_url: type.googleapis.com/plaque.trace.StatusContext',
      },
    });
  });

  it('can be said for each file, and never end', async () => {
    const emulator = await startEmulator({
      processing: ({ displayName }) =>
        displayName === 'stuck' ? { after: 0, outcome: 'NEVER' } : { after: 0, outcome: 'FAILED' },
    });
    const stuck = await upload1(emulator, 'x', { file: { displayName: 'stuck' } });
    expect((await upload1(emulator, 'x')).state).toBe('FAILED');
    emulator.advance(40 * HOUR);
    expect(emulator.files.get(stuck.name)?.state).toBe('PROCESSING');
  });

  it('is steered by activate, fail and hold', async () => {
    const emulator = await startEmulator({ outcome: 'NEVER' });
    const { name } = await upload1(emulator, 'film', { type: 'video/mp4' });
    const state = (): string | undefined => emulator.files.get(name)?.state;
    emulator.activate(name);
    expect(state()).toBe('ACTIVE');
    emulator.hold(name);
    expect(state()).toBe('PROCESSING');
    emulator.fail(name, { code: 3, message: 'Bad film' });
    expect(emulator.files.get(name)).toMatchObject({
      state: 'FAILED',
      error: { code: 3, message: 'Bad film' },
    });
    expect(() => emulator.activate('files/none')).toThrow('The emulator has no file files/none');
  });
});

it('forgets a file after 48 hours', async () => {
  const emulator = await startEmulator();
  await upload1(emulator, 'x', { file: { name: 'files/old' } });
  emulator.advance(47 * HOUR);
  expect((await api(emulator, 'GET', '/v1beta/files/old')).status).toBe(200);
  emulator.advance(HOUR);
  expect(rpcError(await api(emulator, 'GET', '/v1beta/files/old'))).toEqual(noAccess('old'));
  expect(json(await api(emulator, 'GET', '/v1beta/files'))).toEqual({});
  expect((await start(emulator, { file: { name: 'files/old' } })).status).toBe(200);
});

describe('the storage quota', () => {
  it.each([
    ['start', 'none'],
    ['finalize', 'int64-max'],
  ] as const)('is told at %s, with RetryInfo %s', async (conflictStage, quotaRetryInfo) => {
    const emulator = await startEmulator({ storageQuotaBytes: 10, conflictStage, quotaRetryInfo });
    await upload1(emulator, '123456', { file: { name: 'files/six' } });
    await upload1(emulator, '123456', { key: 'another project' });
    const started = await start(emulator, { length: 5 });
    const full =
      conflictStage === 'start'
        ? started
        : await upload(String(started.headers['x-goog-upload-url']), 'upload, finalize', 0, '12345');
    const docs = 'https://ai.google.dev/gemini-api/docs/rate-limits';
    const metric = 'generativelanguage.googleapis.com/file_storage_bytes';
    expect(full.status).toBe(429);
    expect(json(full)).toEqual({
      error: {
        code: 429,
        message:
          `You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: ${docs}.\n` +
          `* Quota exceeded for metric: ${metric}, limit: 10`,
        status: 'RESOURCE_EXHAUSTED',
        details: [
          {
            '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
            violations: [{ quotaMetric: metric, quotaId: 'FileStorageBytesPerProject', quotaValue: '10' }],
          },
          {
            '@type': 'type.googleapis.com/google.rpc.Help',
            links: [{ description: 'Learn more about Gemini API quotas', url: docs }],
          },
          ...(quotaRetryInfo === 'none'
            ? []
            : [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: '9223372036854775807s' }]),
        ],
      },
    });
    await api(emulator, 'DELETE', '/v1beta/files/six');
    expect((await start(emulator, { length: 5 })).status).toBe(200);
  });
});

describe('generateContent', () => {
  const prompt = (part: object): string =>
    JSON.stringify({ contents: [{ parts: [part, { text: 'What is it?' }] }] });

  it.each(['fileData', 'file_data'])('refuses %s that is not ACTIVE or not there', async (field) => {
    const emulator = await startEmulator({ outcome: 'NEVER' });
    const film = await upload1(emulator, 'film', { type: 'video/mp4' });
    const id = film.name.slice('files/'.length);
    const ask = (fileUri: string): ReturnType<typeof api> => {
      const data = field === 'fileData' ? { fileUri } : { file_uri: fileUri };
      return api(
        emulator,
        'POST',
        '/v1beta/models/gemini-x:generateContent',
        undefined,
        prompt({ [field]: data }),
      );
    };
    const inactive = {
      http: 400,
      code: 400,
      message: `The File ${id} is not in an ACTIVE state and usage is not allowed.`,
      status: 'FAILED_PRECONDITION',
    };
    expect(rpcError(await ask(film.uri))).toEqual(inactive);
    emulator.fail(film.name);
    expect(rpcError(await ask(`https://generativelanguage.googleapis.com/v1beta/${film.name}`))).toEqual(
      inactive,
    );
    expect(rpcError(await ask(`${emulator.url}/v1beta/files/none`))).toEqual(noAccess('none'));
    expect((await ask('gs://bucket/object')).status).toBe(400);
    // The provider takes some that are not its files.
    expect((await ask('https://www.youtube.com/watch?v=x')).status).toBe(200);
    expect((await ask('https://generativelanguage.googleapis.com/v1beta/files/')).status).toBe(400);
    emulator.activate(film.name);
    expect(json(await ask(film.name))).toEqual({
      candidates: [
        {
          content: { role: 'model', parts: [{ text: 'Answer of the Gemini Files emulator.' }] },
          finishReason: 'STOP',
          index: 0,
        },
      ],
      usageMetadata: { promptTokenCount: 2, candidatesTokenCount: 1, totalTokenCount: 3 },
      modelVersion: 'gemini-x',
    });
    expect(emulator.requests.at(-1)).toMatchObject({
      operation: 'generateContent',
      json: { contents: expect.any(Array) as unknown },
    });
  });

  it.each(['text/plain; charset=utf-8', 'text/plain;charset=utf-8'])(
    'refuses a file of the type %s',
    async (type) => {
      const emulator = await startEmulator();
      const file = await upload1(emulator, 'text', { type });
      expect(file).toMatchObject({ state: 'ACTIVE', mimeType: type });
      const body = prompt({ fileData: { fileUri: file.uri } });
      for (const method of ['generateContent', 'streamGenerateContent', 'countTokens'])
        expect(
          rpcError(await api(emulator, 'POST', `/v1beta/models/m:${method}`, undefined, body)),
        ).toMatchObject({
          http: 400,
          message: `Unsupported MIME type: ${type}`,
        });
    },
  );

  it('needs contents', async () => {
    const emulator = await startEmulator();
    expect((await api(emulator, 'POST', '/v1/models/m:generateContent', undefined, '{}')).status).toBe(400);
  });
});

it('serves nothing else', async () => {
  const emulator = await startEmulator();
  for (const [method, path] of [
    ['GET', '/'],
    ['PUT', '/v1beta/files/x'],
    ['POST', '/v1beta/files'],
    ['GET', '/v2/files'],
    ['POST', '/v1beta/files:register'],
  ] as const) {
    expect(rpcError(await api(emulator, method, path))).toMatchObject({
      http: 501,
      status: 'UNIMPLEMENTED',
    });
  }
});

it('refuses an option that it does not know, as in JavaScript', async () => {
  const misspelt = { procesing: '5s' } as EmulatorOptions;
  await expect(GeminiFilesEmulator.start(misspelt)).rejects.toThrow(
    new RangeError('procesing is not an option of the emulator'),
  );
});

it.each<[EmulatorOptions, string]>([
  [{ outcome: 'failed' as never }, 'outcome: "failed" is none of ACTIVE, FAILED, NEVER'],
  [{ persistBroken: 'some' as never }, 'persistBroken: "some" is none of all, granular, none'],
  [{ pathPrefix: 'gemini' }, 'pathPrefix: "gemini" does not begin with a slash'],
  [{ pathPrefix: 7 as never }, 'pathPrefix: 7 is not a string'],
  [{ host: 7 as never }, 'host: 7 is not a string'],
  [{ port: 'x' as never }, 'port: "x" is not a whole number from 0 to 65535'],
  [{ port: Number.NaN }, 'port: NaN is not a whole number from 0 to 65535'],
  [{ time: 7 as never }, 'time: 7 is not a function'],
  [{ apiKeys: 'sk-secret' as never }, 'apiKeys is not a list of keys'],
  [{ processingTypes: 'video/' as never }, 'processingTypes: "video/" is not a list of strings'],
  [{ visibleAfter: {} as never }, 'visibleAfter: {} is not a duration'],
  [{ retention: null as never }, 'retention: null is not a duration'],
  [{ tooLargeStatus: 999 as never }, 'tooLargeStatus: 999 is none of 400, 413'],
  [{ wrongOffsetText: 'x' as never }, 'wrongOffsetText: "x" is not a function'],
  [{ rejectMimeType: true as never }, 'rejectMimeType: true is not a function'],
  [{ answer: 7 as never }, 'answer: 7 is not a string'],
  [{ faults: {} as never }, 'faults: {} is not a list'],
  [{ stateFile: 7 as never }, 'stateFile: 7 is not a string'],
  [null as never, 'The options are not an object'],
])('refuses %o', async (options, message) => {
  await expect(GeminiFilesEmulator.start(options)).rejects.toThrow(new RangeError(message));
});

it('keeps a file for a moment if the retention is short', async () => {
  const emulator = await startEmulator({ retention: '200ms' });
  const name = emulator.addFile({ content: 'x' });
  expect(emulator.files.has(name)).toBe(true);
});
