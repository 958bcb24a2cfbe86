/** `upload` without any configuration: it uses the embedded server and the emulator, and leaves no process. */

import { copyFile, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { readDevServerStatus } from '../../src/cli/dev-server/index.js';
import { CHECK_NOW_SIGNAL } from '../../src/contract/names.js';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { startOf } from '../../src/util/process-id.js';
import { cliHome, type CliHome } from '../support/cli.js';
import { killDevServer } from '../support/dev-server.js';
import { stopwatch } from '../support/stopwatch.js';

const SAMPLE = fileURLToPath(new URL('../../samples/sample.mp4', import.meta.url));
const START = fileURLToPath(new URL('../../scripts/start.js', import.meta.url));

let home: CliHome;
beforeEach(async () => {
  home = await cliHome();
});
afterEach(async () => {
  killDevServer(home.stateDir);
  await home[Symbol.asyncDispose]();
});

const filesKept = async () =>
  (
    JSON.parse(await readFile(join(home.stateDir, 'emulator-files.json'), 'utf8')) as {
      files: { name: string; displayName: string }[];
    }
  ).files;

/** Has the run check its file until the command that follows it has ended. */
async function checkUntilEnded(workflowId: string, { child }: ReturnType<CliHome['start']>): Promise<void> {
  const address = readDevServerStatus(home.stateDir)?.address;
  const connection = await Connection.connect({ ...(address !== undefined && { address }) });
  const run = new Client({ connection }).workflow.getHandle(workflowId);
  // The server may end with the command.
  const checkNow = () =>
    connection.withDeadline(Date.now() + 1000, () => run.signal(CHECK_NOW_SIGNAL)).catch(() => undefined);
  await expect.poll(async () => (await checkNow(), child.exitCode), { interval: 500 }).toBe(0);
  await connection.close();
}

it('npm start uploads the sample, reports that it is the emulator, and leaves no process', async () => {
  const start = home.start(['--poll-interval', '200ms', '--max-poll-interval', '500ms'], { script: START });
  await start.stderr(/^No API key \(GEMINI_API_KEY is not set\): this run uses the Gemini Files emulator/m);
  await start.stderr(/^Run: http:\/\/127\.0\.0\.1:\d+\/namespaces\/default\/workflows\//m);
  const status = readDevServerStatus(home.stateDir);
  expect(status).toMatchObject({ users: 1, emulatorPid: expect.any(Number) as number });
  const end = await start.ended;
  expect(end.code).toBe(0);
  const names = end.stdout.match(/^\S+(?= {2})/gm);
  expect(names).toEqual(['provider', 'id', 'uri', 'state', 'type', 'size', 'expires', 'waited', 'run']);
  expect([status?.pid, status?.emulatorPid].map((pid) => startOf(pid ?? 0))).toEqual([undefined, undefined]);
});

it('two at once, of different files, share server and emulator; one that is killed is resumed when it is repeated', async () => {
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
  // The server may end with the command, and the link with it.
  expect(ends[1]?.json()).toMatchObject({ webUrl: null });
  expect((await filesKept()).map(({ displayName }) => displayName).sort()).toEqual([
    'other.mp4',
    'sample.mp4',
  ]);
});

it('--detach continues the run in a process of its own, and another upload attaches to that run', async () => {
  // The next check is in an hour, so the run stays open until a signal asks for one.
  const intervals = ['--poll-interval', '1h', '--max-poll-interval', '1h'];
  const detached = await home.run(['--detach', '--json', ...intervals], { script: START });
  expect(detached.code, detached.stderr).toBe(0);
  const { workflowId, log } = detached.json<{ workflowId: string; log: string }>();
  const attached = home.start(['upload', SAMPLE, '--json']);
  await attached.stderr(/^Attached to the open run/m);
  await checkUntilEnded(workflowId, attached);
  const end = await attached.ended;
  expect(end).toMatchObject({ code: 0 });
  expect(end.json()).toMatchObject({ workflowId, state: 'ACTIVE' });
  expect(await filesKept()).toHaveLength(1);

  const status = await home.run(['status', workflowId]);
  expect(status).toMatchObject({ code: 0 });
  expect(status.stdout).toMatch(/^status +COMPLETED$/m);
  await expect.poll(() => readFile(log, 'utf8')).toContain('"state":"ACTIVE"');
});

it.each([
  ['values and files that look like flags', ['--display-name', '--new', '--', '--detach'], '--new'],
  ['a name of 240 bytes, which is too long as a part of the log’s', ['𠮷'.repeat(60)], '𠮷'.repeat(60)],
])('--detach of %s', async (_, args, displayName) => {
  await home.file(args.at(-1) ?? '', 'hello');
  const end = await home.run(['upload', '--detach', '--json', ...args]);
  expect(end.code, end.stderr).toBe(0);
  const { log } = end.json<{ log: string }>();
  await expect.poll(() => readFile(log, 'utf8')).toContain('"state":"ACTIVE"');
  expect(await filesKept()).toMatchObject([{ displayName }]);
});

it('that loses its terminal leaves the run open, and the same command follows it to its end', async () => {
  const flags = ['upload', SAMPLE, '--json', '--poll-interval', '1s'];
  const first = home.start(flags);
  await first.stderr(/^check \d+: PROCESSING/m);
  first.child.kill('SIGHUP');
  const end = await first.ended;
  expect(end).toMatchObject({ code: 130, signal: null });
  expect(end.json()).toMatchObject({ error: { type: 'InterruptedError' } });
  expect(end.stderr).not.toContain('Cancelling');
  expect(readDevServerStatus(home.stateDir)).toMatchObject({ users: 0 });
  const again = await home.run(flags);
  expect(again.stderr).toMatch(/^Attached to the open run/m);
  expect(again.code).toBe(0);
  expect(await filesKept()).toHaveLength(1);
  expect(readDevServerStatus(home.stateDir)).toBeUndefined();
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

it('fails within seconds when the server is killed in mid-wait, and resumes when it is repeated', async () => {
  const flags = ['upload', SAMPLE, '--json', '--poll-interval', '1s', '--jitter', '0'];
  const first = home.start(flags);
  await first.stderr(/^check \d+: PROCESSING/m);
  const elapsed = stopwatch();
  killDevServer(home.stateDir);
  const end = await first.ended;
  expect(elapsed()).toBeLessThan(5000);
  expect(end.code).toBe(1);
  expect(end.json<{ error: { message: string } }>().error.message).toMatch(
    /embedded Temporal server is gone.*Repeat the command to resume the run/,
  );
  const second = await home.run(flags);
  expect(second.code).toBe(0);
  expect(second.stderr).toMatch(/^Attached to the open run/m);
  expect(await filesKept()).toHaveLength(1);
});

it('fails within seconds when the state folder is deleted in mid-wait, and leaves no process', async () => {
  const upload = home.start(['upload', SAMPLE, '--json', '--poll-interval', '1s']);
  await upload.stderr(/^check \d+: PROCESSING/m);
  const status = readDevServerStatus(home.stateDir);
  const elapsed = stopwatch();
  await rm(home.stateDir, { recursive: true, maxRetries: 5 });
  const end = await upload.ended;
  expect(elapsed()).toBeLessThan(5000);
  expect(end.code).toBe(1);
  expect(end.json<{ error: { message: string } }>().error.message).toContain(
    `its state folder ${home.stateDir} was deleted while it was in use`,
  );
  expect([status?.pid, status?.emulatorPid].map((pid) => startOf(pid ?? 0))).toEqual([undefined, undefined]);
});

it('Ctrl-C while the server starts leaves no process', async () => {
  const upload = home.start(['upload', SAMPLE]);
  await upload.stderr(/^Starting the embedded Temporal server/m);
  upload.child.kill('SIGINT');
  expect(await upload.ended).toMatchObject({ code: 130, signal: null });
  expect(readDevServerStatus(home.stateDir)).toBeUndefined();
});

it('that is killed leaves the server running, doctor reports it, and the next command stops it', async () => {
  const flags = ['upload', SAMPLE, '--json', '--poll-interval', '1s'];
  const killed = home.start(flags);
  await killed.stderr(/^check \d+: PROCESSING/m);
  killed.child.kill('SIGKILL');
  await killed.ended;
  const left = readDevServerStatus(home.stateDir);
  expect(left).toMatchObject({ users: 0 });
  const doctor = await home.run(['doctor', '--offline', '--json']);
  const { checks } = doctor.json<{ checks: { name: string; detail: string; fix?: string }[] }>();
  const temporal = checks.find(({ name }) => name === 'temporal');
  expect(temporal?.detail).toContain(
    `runs at ${left?.address} (process ${left?.pid}, emulator ${left?.emulatorPid})`,
  );
  expect(temporal?.detail).toContain('used by no command');
  expect(temporal?.fix).toMatch(/A command was killed/);
  const { workflowId } = (await home.run(flags)).json<{ workflowId: string }>();
  expect(readDevServerStatus(home.stateDir)).toBeUndefined();
  expect((await home.run(['status', workflowId, '--json'])).json()).toMatchObject({ status: 'COMPLETED' });
  expect(readDevServerStatus(home.stateDir)).toBeUndefined();
});
