/** The state file, and the life of the server. */

import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { GeminiFilesEmulator, type EmulatedFile } from '../../src/testing/index.js';
import { api, errorOf, KEY, send, session, startEmulator, upload, uploadWhole } from './emulator-http.js';

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

it('answers 500 where the state cannot be written', async () => {
  const directory = await folder();
  const emulator = await startEmulator({ stateFile: join(directory, 'sub', 'state.json') });
  await writeFile(join(directory, 'sub'), 'a file where a folder is needed');
  const url = await session(emulator);
  const answer = await upload(url, 'upload, finalize', 0, 'x');
  expect(answer.status).toBe(500);
  expect(answer.text).toContain('The emulator failed: Error: EEXIST');
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

it('holds the newest requests only, if told', async () => {
  const emulator = await startEmulator({ maxRecordedRequests: 2 });
  for (const id of ['a', 'b', 'c']) await api(emulator, 'GET', `/v1beta/files/${id}`);
  expect(emulator.requests.map(({ file }) => file)).toEqual(['files/b', 'files/c']);
});
