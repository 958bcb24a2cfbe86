/** The state file, and the life of the server. */

import { mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { GeminiFilesEmulator, type EmulatedFile, type EmulatorOptions } from '../../src/testing/index.js';
import {
  api,
  errorOf,
  KEY,
  received,
  send,
  session,
  sha256,
  startEmulator,
  upload,
  uploadWhole,
} from './emulator-http.js';

async function folder(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'emulator-'));
  onTestFinished(() => rm(path, { recursive: true }));
  return path;
}

const withoutUri = (files: ReadonlyMap<string, EmulatedFile>): unknown[] =>
  [...files.values()].map((file) => ({ ...file, uri: undefined }));

it('keeps files over a restart, but no key, content or open session', async () => {
  const directory = await folder();
  const stateFile = join(directory, 'deep', 'state.json');
  const first = await startEmulator({ stateFile, processing: '1h', outcome: 'FAILED' });
  await uploadWhole(first, 'the content', { file: { name: 'files/kept', displayName: 'Kept' } });
  await uploadWhole(first, 'film', { type: 'video/mp4', file: { name: 'files/film' } });
  await uploadWhole(first, 'gone', { file: { name: 'files/gone' } });
  await api(first, 'DELETE', '/v1beta/files/gone');
  const url = new URL(await session(first));
  const before = withoutUri(first.files);
  await first.close();

  expect((await stat(stateFile)).mode & 0o777).toBe(0o600);
  expect(await readdir(join(directory, 'deep'))).toEqual(['state.json']);
  const text = await readFile(stateFile, 'utf8');
  expect(text).not.toContain(KEY);
  expect(text).not.toContain('the content');

  const second = await startEmulator({ stateFile });
  expect(withoutUri(second.files)).toEqual(before);
  expect((await api(second, 'GET', '/v1beta/files/kept')).status).toBe(200);
  expect((await api(second, 'GET', '/v1beta/files/kept', 'other')).status).toBe(403);
  expect((await upload(`${second.url}${url.pathname}${url.search}`, 'query')).status).toBe(404);
  second.advance(3_600_000);
  expect(second.files.get('files/film')?.state).toBe('FAILED');
  second.advance(48 * 3_600_000);
  expect(second.files.size).toBe(0);
  expect(JSON.parse(await readFile(stateFile, 'utf8'))).toEqual({ version: 1, files: [] });
});

it.each([
  ['', 'it is not JSON'],
  ['{"version":1,"files":[{"name":"files/a"', 'it is not JSON'],
  ['{"version":2,"files":[]}', 'it is not a state of version 1'],
  ['{"version":1,"files":[{"name":"files/a"}]}', 'it is not a state of version 1'],
  ['null', 'it is not a state of version 1'],
])('does not start with the state file %j, and leaves it alone', async (text, reason) => {
  const stateFile = join(await folder(), 'state.json');
  await writeFile(stateFile, text);
  await expect(GeminiFilesEmulator.start({ stateFile })).rejects.toMatchObject({
    name: 'EmulatorStateError',
    message: expect.stringContaining(`state file ${stateFile} cannot be used: ${reason}`) as string,
  });
  expect(await readFile(stateFile, 'utf8')).toBe(text);
});

it('does not start with a state file that is a folder', async () => {
  await expect(GeminiFilesEmulator.start({ stateFile: await folder() })).rejects.toThrow('EISDIR');
});

describe('a state file that cannot be written', () => {
  /** An emulator with one file, whose state folder `block` replaces by a file and `unblock` brings back. */
  async function blockable(options: EmulatorOptions = {}): Promise<{
    emulator: GeminiFilesEmulator;
    stateFile: string;
    block: () => Promise<void>;
    unblock: () => Promise<void>;
  }> {
    const sub = join(await folder(), 'sub');
    const stateFile = join(sub, 'state.json');
    const emulator = await startEmulator({ ...options, stateFile });
    await uploadWhole(emulator, 'old', { file: { name: 'files/old' } });
    return {
      emulator,
      stateFile,
      block: async () => {
        await rename(sub, `${sub}-away`);
        await writeFile(sub, 'a file where a folder is needed');
      },
      unblock: async () => {
        await rm(sub);
        await rename(`${sub}-away`, sub);
      },
    };
  }
  const failure = {
    status: 500,
    text: expect.stringContaining('The emulator failed: Error: EEXIST') as string,
  };

  it('makes a finalize fail that has changed nothing, and that can be repeated as it was', async () => {
    const { emulator, stateFile, block, unblock } = await blockable();
    const url = await session(emulator, { length: 3, file: { name: 'files/new' } });
    const before = emulator.sessions.at(-1);
    await block();
    expect(await upload(url, 'upload, finalize', 0, 'abc')).toMatchObject(failure);
    expect([...emulator.files.keys()]).toEqual(['files/old']);
    expect(emulator.sessions.at(-1)).toEqual(before);
    expect(await received(url)).toBe(0);
    await unblock();
    expect((await upload(url, 'upload, finalize', 0, 'abc')).status).toBe(200);
    expect(emulator.files.get('files/new')?.sha256).toBe(sha256('abc'));
    expect(await readFile(stateFile, 'utf8')).toContain('files/new');
  });

  it('makes a slow finalize fail that keeps the bytes of its upload, and nothing else', async () => {
    const { emulator, block, unblock } = await blockable();
    emulator.addFaults({ on: 'finalize', do: 'slowFinalize', ms: 60_000 });
    const url = await session(emulator, { length: 3, file: { name: 'files/new' } });
    const answer = upload(url, 'upload, finalize', 0, 'abc');
    await emulator.waitFor(() => emulator.sessions.at(-1)?.state === 'finalizing');
    await block();
    emulator.advance(60_000);
    expect(await answer).toMatchObject(failure);
    expect([...emulator.files.keys()]).toEqual(['files/old']);
    expect(emulator.sessions.at(-1)).toMatchObject({ state: 'active', receivedBytes: 3 });
    await unblock();
    expect((await upload(url, 'finalize', 3)).status).toBe(200);
    expect(emulator.files.get('files/new')?.sha256).toBe(sha256('abc'));
  });

  it('makes a delete fail that has deleted nothing', async () => {
    const { emulator, stateFile, block, unblock } = await blockable();
    await block();
    expect(await api(emulator, 'DELETE', '/v1beta/files/old')).toMatchObject(failure);
    expect((await api(emulator, 'GET', '/v1beta/files/old')).status).toBe(200);
    await unblock();
    expect(await readFile(stateFile, 'utf8')).toContain('files/old');
    expect((await api(emulator, 'DELETE', '/v1beta/files/old')).status).toBe(200);
    expect(JSON.parse(await readFile(stateFile, 'utf8'))).toEqual({ version: 1, files: [] });
  });

  it('makes the steering of a file and a seed fail without effect', async () => {
    const { emulator, block } = await blockable();
    const before = [...emulator.files.values()];
    await block();
    for (const steer of [
      () => emulator.activate('files/old'),
      () => emulator.fail('files/old'),
      () => emulator.hold('files/old'),
      () => emulator.addFile({ name: 'files/seed', content: 'x' }),
    ])
      expect(steer).toThrow('EEXIST');
    expect([...emulator.files.values()]).toEqual(before);
  });

  it('does not disturb the expiry of files, nor the requests that read', async () => {
    const { emulator, stateFile, block, unblock } = await blockable();
    await block();
    emulator.advance(48 * 3_600_000);
    expect(emulator.files.size).toBe(0);
    expect((await api(emulator, 'GET', '/v1beta/files/old')).status).toBe(403);
    expect((await api(emulator, 'GET', '/v1beta/files')).text).toBe('{}\n');
    await unblock();
    expect(emulator.files.size).toBe(0);
    expect(JSON.parse(await readFile(stateFile, 'utf8'))).toEqual({ version: 1, files: [] });
  });
});

it('keeps over a restart until when a file is denied', async () => {
  const stateFile = join(await folder(), 'state.json');
  const first = await startEmulator({ stateFile, visibleAfter: '1h' });
  await uploadWhole(first, 'x', { file: { name: 'files/late' } });
  await first.close();
  const second = await startEmulator({ stateFile });
  expect((await api(second, 'GET', '/v1beta/files/late')).status).toBe(403);
  second.advance(3_600_000);
  expect((await api(second, 'GET', '/v1beta/files/late')).status).toBe(200);
});

it('refuses bad options and a port that is taken', async () => {
  await expect(GeminiFilesEmulator.start({ granularity: 0 })).rejects.toThrow(
    'granularity: 0 is not a whole number above 0',
  );
  await expect(GeminiFilesEmulator.start({ processing: '3 moons' as '3s' })).rejects.toThrow(
    'processing: "3 moons" is not a duration',
  );
  const { url } = await startEmulator();
  await expect(GeminiFilesEmulator.start({ port: Number(new URL(url).port) })).rejects.toThrow('EADDRINUSE');
});

it('listens on loopback only, closes once, and disposes', async () => {
  let url: string;
  {
    await using emulator = await GeminiFilesEmulator.start();
    url = emulator.url;
    expect(new URL(url).hostname).toBe('127.0.0.1');
    await Promise.all([emulator.close(), emulator.close()]);
  }
  expect(await errorOf(send(url))).toBe('ECONNREFUSED');
});

it('holds only the newest requests, if configured', async () => {
  const emulator = await startEmulator({ maxRecordedRequests: 2 });
  for (const id of ['a', 'b', 'c']) await api(emulator, 'GET', `/v1beta/files/${id}`);
  expect(emulator.requests.map(({ file }) => file)).toEqual(['files/b', 'files/c']);
});
