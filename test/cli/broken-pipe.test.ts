/** The reader of the output goes away: the command ends in order, quietly, with 128 and SIGPIPE. If the disk is full, it says so. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readDevServerStatus } from '../../src/cli/dev-server/index.js';
import { cliHome, type CliHome } from '../support/cli.js';
import { killDevServer } from '../support/dev-server.js';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

let home: CliHome;
beforeAll(async () => {
  home = await cliHome();
  await home.file('notes.txt', 'hello');
});
afterAll(async () => {
  killDevServer(home.stateDir);
  await home[Symbol.asyncDispose]();
});

/** Runs a command whose reader of one stream goes away at once, or after the first bytes. */
async function runInto(args: readonly string[], closed: 'stdout' | 'stderr', afterFirst = false) {
  const child = spawn(process.execPath, [MAIN, ...args], { cwd: home.path, env: home.env });
  const other = closed === 'stdout' ? child.stderr : child.stdout;
  let text = '';
  other.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  if (afterFirst) child[closed].once('data', () => child[closed].destroy());
  else child[closed].destroy();
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  return { code, signal, text };
}

it.each([
  ['emulator', ['emulator', '--json']],
  ['doctor', ['doctor', '--offline', '--json']],
  ['--help', ['--help']],
])('%s | true', async (_, args) => {
  const end = await runInto(args, 'stdout');
  expect(end).toMatchObject({ code: 141, signal: null });
  expect(end.text).not.toMatch(/EPIPE|Error|^ +at /m);
});

const FULL = '/dev/full';

describe.skipIf(!existsSync(FULL))('> /dev/full', () => {
  /** stdout is a file on a disk that is full; so is stderr, if it is to be. */
  const runFull = async (args: readonly string[], alsoStderr = false) => {
    const full = openSync(FULL, 'w');
    const child = spawn(process.execPath, [MAIN, ...args], {
      cwd: home.path,
      env: home.env,
      stdio: ['ignore', full, alsoStderr ? full : 'pipe'],
    });
    closeSync(full);
    let text = '';
    child.stderr?.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
    const [code] = (await once(child, 'close')) as [number | null];
    return { code, text };
  };
  const REASON = /^The result could not be written: ENOSPC.*$/m;

  it.each([
    ['--version', ['--version']],
    ['--help', ['--help']],
    ['emulator', ['emulator', '--json']],
    ['doctor', ['doctor', '--offline']],
    ['status', ['status', '--json']],
    ['an error as JSON', ['upload', 'none.txt', '--json']],
    ['an unknown flag', ['upload', '--nonsense', '--json']],
  ])('%s says so in one sentence, and exits with 1', async (_, args) => {
    const { code, text } = await runFull(args);
    expect(code).toBe(1);
    expect(text).toMatch(REASON);
    expect(text.match(/could not be written/g)).toHaveLength(1);
    expect(text).not.toMatch(/^ +at /m);
  });

  it('exits with 1 if the sentence cannot be written either', async () => {
    expect((await runFull(['--version'], true)).code).toBe(1);
  });
});

it('upload --json | true: the run is complete, the server is stopped', async () => {
  const end = await runInto(['upload', 'notes.txt', '--json'], 'stdout');
  expect(end).toMatchObject({ code: 141, signal: null });
  expect(end.text).toMatch(/^Run: /m);
  expect(end.text).not.toMatch(/EPIPE|Error/);
  expect(readDevServerStatus(home.stateDir)).toBeUndefined();
});

it('upload 2>&1 | head -1: the run stays open, and the same command follows it to its end', async () => {
  await home.file('clip.mp4', 'x'.repeat(2000));
  const left = await runInto(
    ['upload', 'clip.mp4', '--poll-interval', '1s', '--mime-type', 'video/mp4'],
    'stderr',
    true,
  );
  expect(left).toMatchObject({ code: 141, signal: null, text: '' });
  const again = await home.run(['upload', 'clip.mp4', '--json', '--mime-type', 'video/mp4']);
  expect(again.code, again.stderr).toBe(0);
  expect(readDevServerStatus(home.stateDir)).toBeUndefined();
});
