/** `upload` where nothing is configured: the embedded server and the emulator, and nothing left behind. */

import { execFileSync } from 'node:child_process';
import { copyFile, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readEmbeddedLock } from '../../src/cli/embedded/index.js';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { cliHome, type CliHome } from '../support/cli.js';

const SAMPLE = fileURLToPath(new URL('../../samples/sample.mp4', import.meta.url));
const START = fileURLToPath(new URL('../../scripts/start.js', import.meta.url));

let home: CliHome;
beforeEach(async () => {
  home = await cliHome();
});
afterEach(async () => {
  const left = await readEmbeddedLock(home.stateDir);
  for (const pid of [left?.hostPid, left?.serverPid])
    if (pid !== undefined && runs(pid)) process.kill(pid, 'SIGKILL');
  await home[Symbol.asyncDispose]();
});

const filesKept = async () =>
  (
    JSON.parse(await readFile(join(home.stateDir, 'emulator-files.json'), 'utf8')) as {
      files: { name: string; displayName: string }[];
    }
  ).files;

function runs(pid: number): boolean {
  try {
    return !execFileSync('ps', ['-o', 'stat=', '-p', String(pid)], { encoding: 'utf8' }).startsWith('Z');
  } catch {
    return false;
  }
}

it('npm start uploads the sample, says that it is the emulator, and leaves no process', async () => {
  const start = home.start(['--poll-interval', '200ms', '--max-poll-interval', '500ms'], { script: START });
  await start.stderr(/^No API key \(GEMINI_API_KEY is not set\): this run uses the Gemini Files emulator/m);
  await start.stderr(/^Run: http:\/\/127\.0\.0\.1:\d+\/namespaces\/default\/workflows\//m);
  const lock = await readEmbeddedLock(home.stateDir);
  expect(lock?.alive).toBe(true);
  const end = await start.ended;
  expect(end.code).toBe(0);
  const names = end.stdout.match(/^\S+(?= {2})/gm);
  expect(names).toEqual(['provider', 'id', 'uri', 'state', 'type', 'size', 'expires', 'waited', 'run']);
  expect([lock?.hostPid, lock?.serverPid].map((pid) => runs(pid ?? 0))).toEqual([false, false]);
});

it('two at once, of different files, share the server; a kill -9 of one is gone on with', async () => {
  const other = join(home.path, 'other.mp4');
  await copyFile(SAMPLE, other);
  const flags = ['--json', '--poll-interval', '500ms'];
  const one = home.start(['upload', SAMPLE, ...flags]);
  const two = home.start(['upload', other, ...flags]);
  const [, url = ''] = await one.stderr(/^Run: (\S+)/m);
  const [, otherUrl = ''] = await two.stderr(/^Run: (\S+)/m);
  expect(new URL(otherUrl).origin).toBe(new URL(url).origin);
  await two.stderr(/^check \d+: PROCESSING/m);
  two.child.kill('SIGKILL');
  const again = home.start(['upload', other, ...flags]);
  await again.stderr(/^Attached to the open run of this file/m);
  const ends = await Promise.all([one.ended, again.ended]);
  expect(ends.map(({ code }) => code)).toEqual([0, 0]);
  expect(ends[1]?.json()).toMatchObject({ webUrl: otherUrl });
  expect((await filesKept()).map(({ displayName }) => displayName).sort()).toEqual([
    'other.mp4',
    'sample.mp4',
  ]);
});

it('--detach leaves the run going in a process of its own, which another upload attaches to', async () => {
  const detached = await home.run(['--detach', '--json', '--poll-interval', '8s'], { script: START });
  expect(detached.code).toBe(0);
  const { workflowId, log } = detached.json<{ workflowId: string; log: string }>();
  const attached = home.start(['upload', SAMPLE, '--json']);
  await attached.stderr(/^Attached to the open run/m);
  const end = await attached.ended;
  expect(end).toMatchObject({ code: 0 });
  expect(end.json()).toMatchObject({ workflowId, state: 'ACTIVE' });
  expect(await filesKept()).toHaveLength(1);

  const status = await home.run(['status', workflowId]);
  expect(status).toMatchObject({ code: 0 });
  expect(status.stdout).toMatch(/^status +COMPLETED$/m);
  await expect.poll(() => readFile(log, 'utf8'), { timeout: 10_000 }).toContain('"state":"ACTIVE"');
});

it('with a key and a base URL goes there, and not to the emulator of the state folder', async () => {
  await using emulator = await GeminiFilesEmulator.start();
  const notes = await home.file('notes.txt', 'hello');
  const env = { GEMINI_API_KEY: 'sk-test-0123456789', GOOGLE_GEMINI_BASE_URL: emulator.url };
  const end = await home.run(['upload', notes, '--json'], { env });
  expect(end.code).toBe(0);
  expect(end.stderr).not.toMatch(/emulator/);
  expect(end.json()).toMatchObject({ id: [...emulator.files.keys()][0] });
});

it('says so when the server is killed in mid-wait, ends at once, and goes on when it is run again', async () => {
  const flags = ['upload', SAMPLE, '--json', '--poll-interval', '1s', '--jitter', '0'];
  const first = home.start(flags);
  await first.stderr(/^check \d+: PROCESSING/m);
  const lock = await readEmbeddedLock(home.stateDir);
  for (const pid of [lock?.hostPid, lock?.serverPid]) process.kill(pid ?? 0, 'SIGKILL');
  const end = await first.ended;
  expect(end.code).toBe(1);
  expect(end.json<{ error: { message: string } }>().error.message).toMatch(
    /embedded Temporal server is gone.*same command again goes on/,
  );
  const second = await home.run(flags);
  expect(second.code).toBe(0);
  expect(second.stderr).toMatch(/^Attached to the open run/m);
  expect(await filesKept()).toHaveLength(1);
});
