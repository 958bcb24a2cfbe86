/** Files per key: each project sees its own files only, and names are global. */

import { expect, it } from 'vitest';
import {
  api,
  json,
  rpcError,
  send,
  session,
  start,
  startEmulator,
  upload,
  uploadWhole,
} from './emulator-http.js';
import type { GeminiFilesEmulator } from '../../src/testing/index.js';

const file = { name: 'files/mine' };
const message = 'You do not have permission to access the File mine or it may not exist.';
const denied = { http: 403, code: 403, status: 'PERMISSION_DENIED', message };

function generate(emulator: GeminiFilesEmulator, key: string): ReturnType<typeof api> {
  const body = JSON.stringify({ contents: [{ parts: [{ fileData: { fileUri: file.name } }] }] });
  return api(emulator, 'POST', '/v1beta/models/m:generateContent', key, body);
}

async function expectDenied(emulator: GeminiFilesEmulator, key: string): Promise<void> {
  expect(rpcError(await api(emulator, 'GET', '/v1beta/files/mine', key))).toEqual(denied);
  expect(rpcError(await api(emulator, 'DELETE', '/v1beta/files/mine', key))).toEqual(denied);
  expect(rpcError(await generate(emulator, key))).toEqual(denied);
  expect(json(await api(emulator, 'GET', '/v1beta/files', key))).toEqual({});
  expect(rpcError(await start(emulator, { key, file }))).toMatchObject({
    http: 409,
    status: 'ALREADY_EXISTS',
  });
  expect([...emulator.filesOf(key).keys()]).toEqual([]);
}

async function expectOwned(emulator: GeminiFilesEmulator, key: string): Promise<void> {
  expect((await api(emulator, 'GET', '/v1beta/files/mine', key)).status).toBe(200);
  expect((await generate(emulator, key)).status).toBe(200);
  expect(json(await api(emulator, 'GET', '/v1beta/files', key))).toMatchObject({ files: [file] });
  expect([...emulator.filesOf(key).keys()]).toEqual([file.name]);
}

it.each([undefined, ['a', 'b']])(
  'the file of one key is denied to another, with apiKeys %j',
  async (apiKeys) => {
    const emulator = await startEmulator({ ...(apiKeys && { apiKeys }) });
    await uploadWhole(emulator, 'x', { key: 'a', file });
    await expectOwned(emulator, 'a');
    await expectDenied(emulator, 'b');
    expect((await api(emulator, 'DELETE', '/v1beta/files/mine', 'a')).status).toBe(200);
    expect((await start(emulator, { key: 'b', file })).status).toBe(200);
  },
);

it('keys of one project see the same files', async () => {
  const emulator = await startEmulator({ apiKeys: ['other', ['old', 'new']] });
  await uploadWhole(emulator, 'x', { key: 'old', file });
  await expectOwned(emulator, 'old');
  await expectOwned(emulator, 'new');
  await expectDenied(emulator, 'other');
  const unknown = await api(emulator, 'GET', '/v1beta/files/mine', 'unknown');
  expect(rpcError(unknown)).toMatchObject({ http: 400, status: 'INVALID_ARGUMENT' });
  expect((await api(emulator, 'DELETE', '/v1beta/files/mine', 'new')).status).toBe(200);
  expect(emulator.filesOf('old').size).toBe(0);
});

it("a file is its upload's, whichever key comes with the data", async () => {
  const emulator = await startEmulator();
  const url = await session(emulator, { key: 'a', length: 1, file });
  const headers = { 'x-goog-upload-command': 'upload, finalize', 'x-goog-upload-offset': '0' };
  expect((await send(url, { headers: { ...headers, 'x-goog-api-key': 'b' }, body: 'x' })).status).toBe(200);
  await expectOwned(emulator, 'a');
  await expectDenied(emulator, 'b');
  expect((await upload(url, 'query')).headers['x-goog-upload-status']).toBe('final');
});

it("a seed belongs to its key's project", async () => {
  const emulator = await startEmulator({ apiKeys: [['old', 'new'], 'other'] });
  emulator.addFile({ ...file, content: 'x', apiKey: 'new' });
  await expectOwned(emulator, 'old');
  await expectDenied(emulator, 'other');
});
