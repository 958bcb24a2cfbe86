import { once } from 'node:events';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { cliHome, type CliHome } from '../support/cli.js';
import { listensOn } from '../support/listeners.js';

let home: CliHome;
beforeAll(async () => {
  home = await cliHome();
});
afterAll(() => home[Symbol.asyncDispose]());

function startUpload(url: string): Promise<Response> {
  const headers = {
    'x-goog-api-key': 'any',
    'x-goog-upload-protocol': 'resumable',
    'x-goog-upload-command': 'start',
  };
  return fetch(`${url}/upload/v1beta/files`, { method: 'POST', headers });
}

it.each(['SIGINT', 'SIGHUP'] as const)(
  'prints {"url": …} and answers there until %s, which ends it with exit 0',
  async (signal) => {
    const emulator = home.start(['emulator', '--port', '0', '--processing', '3s', '--json']);
    const [line] = await emulator.stdout(/^.*\n/);
    const { url } = JSON.parse(line) as { url: string };
    expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    const answer = await fetch(`${url}/v1beta/files`, { headers: { 'x-goog-api-key': 'any' } });
    expect(answer.status).toBe(200);
    if (process.platform === 'linux') expect(listensOn(emulator.child.pid ?? 0)).toEqual(['127.0.0.1']);
    emulator.child.kill(signal);
    const end = await emulator.ended;
    expect(end).toMatchObject({ code: 0, signal: null, stdout: `{"url":"${url}"}\n` });
    expect(end.stderr).toContain(`GOOGLE_GEMINI_BASE_URL=${url}`);
  },
);

it('plays the faults of a file, and hides new files if asked', async () => {
  const faults = [
    { on: 'get', do: 'respond', status: 503 },
    { on: 'get', do: 'explode' },
  ];
  await home.file('bad.json', JSON.stringify(faults));
  const refused = await home.run(['emulator', '--faults', 'bad.json', '--json']);
  expect(refused.code).toBe(2);
  expect(refused.stderr).toContain('entry 1: fault: do "explode" is none of');

  await home.file('faults.json', JSON.stringify(faults.slice(0, 1)));
  const args = ['emulator', '--faults', 'faults.json', '--visible-after', '1h', '--json'];
  const emulator = home.start(args);
  const [line] = await emulator.stdout(/^.*\n/);
  const { url } = JSON.parse(line) as { url: string };
  const headers = { 'x-goog-api-key': 'any' };
  expect((await fetch(`${url}/v1beta/files/a`, { headers })).status).toBe(503);
  expect((await fetch(`${url}/v1beta/files/a`, { headers })).status).toBe(403);
  const uploadUrl = (await startUpload(url)).headers.get('x-goog-upload-url') ?? '';
  const data = { 'x-goog-upload-command': 'upload, finalize', 'x-goog-upload-offset': '0' };
  const finalized = await fetch(uploadUrl, { method: 'POST', headers: data, body: 'x' });
  const { file } = (await finalized.json()) as { file: { name: string } };
  expect((await fetch(`${url}/v1beta/${file.name}`, { headers })).status).toBe(403);
  emulator.child.kill('SIGINT');
  expect((await emulator.ended).code).toBe(0);
});

it.each([
  ['refuses more than a project may hold', [], 429],
  ['takes more if it is the embedded one, whose files no command deletes', ['--no-storage-quota'], 200],
])('%s', async (_, more, status) => {
  const stateFile = join(home.path, 'full.json');
  await rm(stateFile, { force: true });
  {
    await using full = await GeminiFilesEmulator.start({ stateFile });
    full.addFile({ content: 'x', apiKey: 'any' });
  }
  const state = await readFile(stateFile, 'utf8');
  await writeFile(stateFile, state.replace('"sizeBytes": 1', '"sizeBytes": 21474836481'));
  const emulator = home.start(['emulator', '--state-file', stateFile, '--json', ...more]);
  const [line] = await emulator.stdout(/^.*\n/);
  const { url } = JSON.parse(line) as { url: string };
  expect((await startUpload(url)).status).toBe(status);
  emulator.child.kill('SIGINT');
  expect((await emulator.ended).code).toBe(0);
});

it('reports that a port is in use, and what to do', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  const { port } = taken.address() as AddressInfo;
  const end = await home.run(['emulator', '--port', String(port), '--json']);
  taken.close();
  expect(end.code).toBe(1);
  const message = `Port ${port} is in use on 127.0.0.1; give another with --port, or 0 for any free one`;
  expect(end.json()).toEqual({ error: { type: 'Error', message } });
});

it.each(['localhost', '127.0.0.1', '127.8.9.10', '::1', '0:0:0:0:0:0:0:1', '::ffff:127.0.0.1'])(
  'warns of no other clients where there are none: --host %s',
  async (host) => {
    const emulator = home.start(['emulator', '--host', host, '--json']);
    await emulator.stdout(/^.*\n/);
    await emulator.stderr(/Ctrl-C ends it/);
    emulator.child.kill('SIGINT');
    const end = await emulator.ended;
    expect(end.code).toBe(0);
    expect(end.stderr).not.toContain('Every client');
  },
);

it('listens on another address if told, and says so', async () => {
  const emulator = home.start(['emulator', '--host', '0.0.0.0', '--json']);
  const [line] = await emulator.stdout(/^.*\n/);
  const { url } = JSON.parse(line) as { url: string };
  expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
  if (process.platform === 'linux') expect(listensOn(emulator.child.pid ?? 0)).toEqual(['0.0.0.0']);
  emulator.child.kill('SIGINT');
  const end = await emulator.ended;
  expect(end.stderr).toContain(
    'The emulator listens on 0.0.0.0. Every client that reaches this address can use it',
  );

  const refused = await home.run(['emulator', '--host', '192.0.2.1']);
  expect(refused.code).toBe(1);
  expect(refused.stderr).toContain('--host 192.0.2.1 is not an address of this machine');
  const empty = await home.run(['emulator', '--host', '']);
  expect(empty.code).toBe(2);
  expect(empty.stderr).toContain('expected an address');
});
