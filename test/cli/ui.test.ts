/** The Web UI after an upload: no command leaves a dead link, `ui` serves the page again, and `status` finds the server. */

import { createHash } from 'node:crypto';
import { constants } from 'node:os';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { readDevServerStatus } from '../../src/cli/dev-server/index.js';
import { cliHome, type CliHome } from '../support/cli.js';
import { killDevServer } from '../support/dev-server.js';
import { devServer } from '../support/temporal.js';

let home: CliHome;
let other: TestWorkflowEnvironment;
beforeAll(async () => {
  [home, other] = await Promise.all([cliHome(), devServer()]);
});
afterAll(async () => {
  await other.teardown();
  killDevServer(home.stateDir);
  await home[Symbol.asyncDispose]();
});

it('an upload leaves no link but the command that serves it; a run at another server is found there', async () => {
  await home.file('My notes.txt', 'hello');
  const upload = home.start(['upload', 'My notes.txt', '--json']);
  await upload.stderr(
    /^Run: http:\/\/127\.0\.0\.1:\d+\/namespaces\/default\/workflows\/\S+ \(while this command runs\)$/m,
  );
  const end = await upload.ended;
  expect(end.code).toBe(0);
  const { workflowId } = end.json<{ workflowId: string }>();
  expect(workflowId).toMatch(/^gemini-files-My-notes\.txt-[0-9a-f]{20}$/);
  expect(end.json()).toMatchObject({ webUrl: null });
  expect(end.stderr).toMatch(/^Temporal: 127\.0\.0\.1:\d+, namespace default \(the embedded server\)$/m);
  const hint = `temporal-gemini-files ui ${workflowId}`;
  expect(end.stderr.trimEnd().split('\n').at(-1)).toBe(`To see this run in Temporal's Web UI: ${hint}`);
  expect(readDevServerStatus(home.stateDir)).toBeUndefined();

  const closed = await home.run(['status', workflowId]);
  expect(closed.stdout).not.toContain('http://127.0.0.1:' + String(other.address.split(':')[1]));
  expect(closed.stdout).not.toMatch(/\/workflows\//);
  expect(closed.stderr).toContain(hint);

  const ui = home.start(['ui', workflowId, '--json']);
  const [line] = await ui.stdout(/^.*\n/);
  const { url } = JSON.parse(line) as { url: string };
  expect(new URL(url).searchParams.get('query')).toBe(`WorkflowId="${workflowId}"`);
  expect((await fetch(url)).status).toBe(200);

  const { address = '' } = readDevServerStatus(home.stateDir) ?? {};
  const settings = { env: { TEMPORAL_ADDRESS: other.address } };
  const wrong = await home.run(['status', workflowId, '--json'], settings);
  expect(wrong.code).toBe(1);
  expect(wrong.json<{ error: { message: string } }>().error.message).toContain(
    `No run ${workflowId} in the namespace default at ${other.address}`,
  );
  expect(wrong.stderr).toContain(`The server at ${address} has such a run: add --address ${address}.`);
  const right = await home.run(['status', workflowId, '--address', address, '--json'], settings);
  expect(right).toMatchObject({ code: 0 });
  expect(right.json()).toMatchObject({ workflowId, status: 'COMPLETED' });
  expect(right.stderr).toBe(`Temporal: ${address}, namespace default (--address)\n`);
  const nowhere = await home.run(['status', 'nobody'], settings);
  expect(nowhere.stderr).toContain(
    `Another Temporal server answers at ${address}, and has no such run either.`,
  );

  ui.child.kill('SIGINT');
  expect(await ui.ended).toMatchObject({ code: 0, signal: null });
  expect(readDevServerStatus(home.stateDir)).toBeUndefined();
});

it.each(['SIGTERM', 'SIGHUP'] as const)('%s ends ui in order: no server is left', async (signal) => {
  const ui = home.start(['ui', '--json']);
  await ui.stdout(/^.*\n/);
  expect(readDevServerStatus(home.stateDir)).toMatchObject({ users: 1 });
  ui.child.kill(signal);
  expect(await ui.ended).toMatchObject({ code: 0, signal: null });
  expect(readDevServerStatus(home.stateDir)).toBeUndefined();
});

/** Runs a command on a terminal of its own, which it closes when the command waits for Ctrl-C. Prints the signal that has ended the command. */
const ON_TERMINAL = `
import os, pty, sys
pid, terminal = pty.fork()
if pid == 0: os.execvp(sys.argv[1], sys.argv[1:])
text = b''
while b'until Ctrl-C' not in text: text += os.read(terminal, 4096)
os.close(terminal)
print(os.WTERMSIG(os.waitpid(pid, 0)[1]))`;

it('ui ends in order when its terminal is closed: no server is left, and Node.js does not abort', async () => {
  const end = await home.run(['ui'], { prefix: ['python3', '-c', ON_TERMINAL] });
  expect(end.stdout, end.stderr).toBe(`${constants.signals.SIGHUP}\n`);
  expect(readDevServerStatus(home.stateDir)).toBeUndefined();
});

it.each([
  ['upload', ['notes.txt', '--detach', '--json']],
  ['sweep', ['--dry-run', '--json']],
  ['doctor', ['--offline', '--json']],
])('%s says on stderr which server it uses', async (command, flags) => {
  await home.file('notes.txt', createHash('sha256').update(command).digest());
  const env = { GEMINI_API_KEY: 'sk-test-0123456789', TEMPORAL_ADDRESS: '127.0.0.1:1' };
  const end = await home.run([command, ...flags, '--address', other.address], { env });
  expect(end.stderr).toContain(`Temporal: ${other.address}, namespace default (--address)\n`);
  expect(end.stdout.trim()).toMatch(/^\{.*\}$/);
});
