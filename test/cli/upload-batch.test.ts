/** `upload` of several files. */

import { randomBytes, randomUUID } from 'node:crypto';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { useConfiguredCli } from '../support/configured-cli.js';

const { temporal, emulator, home } = await useConfiguredCli();
const newVideo = () => home.file(`${randomUUID()}.mp4`, randomBytes(2000));
const newText = (text = 'hello') => home.file(`${randomUUID()}.txt`, text);
const fileOf = (path: string) =>
  [...emulator.files.values()].find(({ displayName }) => displayName === basename(path));
const until = (path: string) => emulator.waitFor(() => fileOf(path)?.name);
interface Line {
  path: string;
  state?: string;
  error?: { type: string; workflowId?: string };
}
const lines = (stdout: string) =>
  stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as Line);
const FLAGS = ['--poll-interval', '200ms', '--max-poll-interval', '500ms'];

describe('the result', () => {
  it('has a line of JSON for each file as it ends, with its path; the exit code is 0 if all are ACTIVE', async () => {
    const [video, text] = [await newVideo(), await newText()];
    const name = basename(text);
    const upload = home.start(['upload', video, name, text, '--json', ...FLAGS]);
    const [, first = ''] = await upload.stdout(/^(.*)\n/);
    // The same file by another name is the same upload.
    expect(JSON.parse(first)).toMatchObject({ path: name, state: 'ACTIVE', id: fileOf(text)?.name });
    emulator.activate(await until(video));
    const end = await upload.ended;
    expect(end.code, end.stderr).toBe(0);
    expect(lines(end.stdout)).toMatchObject([
      { path: name },
      { path: video, state: 'ACTIVE', workflowId: expect.stringMatching(/^gemini-files-/) as string },
    ]);
    expect(end.stderr).toMatch(/^2 files: 2 ACTIVE; 2 kB in \d+\.\d s$/m);
    expect(end.stderr).toContain(`${video}: check 1: `);
  });

  it('is a table for people, in the order of the arguments; a failure is named, and what to do about it comes last', async () => {
    const [video, text] = [await newVideo(), await newText()];
    const end = await home.run(['upload', video, text, '--timeout', '300ms', ...FLAGS]);
    expect(end.code).toBe(3);
    expect(end.stdout.split('\n').map((line) => line.split(/ {2,}/).slice(0, 2))).toEqual([
      ['FILE', 'STATE'],
      [video, 'UploadInactiveError'],
      [text, 'ACTIVE'],
      [''],
    ]);
    expect(end.stdout).not.toContain('\u001B');
    expect(end.stderr).toMatch(
      /\n2 files: 1 ACTIVE, 1 not ACTIVE in time; .*\nLong videos take minutes.*\n$/,
    );
    expect(fileOf(video)).toBeUndefined();
  });

  it('exits with 1 if one failed in another way', async () => {
    const [video, late] = [await newVideo(), await newVideo()];
    const upload = home.start(['upload', video, late, '--json', '--timeout', '2s', ...FLAGS]);
    emulator.fail(await until(video), { code: 3, message: 'no video in it' });
    const end = await upload.ended;
    expect(end.code).toBe(1);
    expect(lines(end.stdout).map(({ path, error }) => [path, error?.type])).toEqual([
      [video, 'UploadFailedError'],
      [late, 'UploadInactiveError'],
    ]);
    const runs = lines(end.stdout).map(({ error }) => error?.workflowId);
    for (const [at, path] of [video, late].entries())
      expect(end.stderr).toContain(`${path}: Run: ${runs[at]} `);
  });
});

describe('before the first byte is sent', () => {
  it('all files are looked at, and each that cannot be uploaded is named', async () => {
    const [video, empty] = [await newVideo(), await newText('')];
    const unknown = await home.file(`${randomUUID()}.unknown`, randomBytes(100));
    const end = await home.run(['upload', video, empty, 'nowhere.mp4', unknown, '--json']);
    expect(end.code).toBe(1);
    const failed = new Map(lines(end.stdout).map(({ path, error }) => [path, error?.type]));
    expect(end.stdout).not.toContain('workflowId');
    expect(failed).toEqual(
      new Map([
        [empty, 'EmptyFileError'],
        ['nowhere.mp4', 'FileNotFoundError'],
        [unknown, 'InvalidOptionsError'],
      ]),
    );
    expect(end.stderr).toContain('Nothing was sent');
    expect(end.stderr).toMatch(/^4 files: 3 failed, 1 not started/m);
    expect(fileOf(video)).toBeUndefined();
  });

  it.each([
    [['--display-name', 'all'], '--display-name is for one file'],
    [['--concurrency', '0'], 'expected a whole number from 1 to 500'],
    [['--timeout', 'soon'], 'timeout'],
  ])('%s is refused', async (flags, message) => {
    const end = await home.run(['upload', await newText(), await newText(), ...flags]);
    expect(end.code).toBe(2);
    expect(end.stderr).toContain(message);
  });

  it('--detach without a server of one’s own is refused, and starts no server', async () => {
    const env = { TEMPORAL_ADDRESS: undefined };
    const end = await home.run(['upload', await newText(), await newText(), '--detach'], { env });
    expect(end.code).toBe(2);
    expect(end.stderr).toMatch(/^UsageError: --detach of several files needs a Temporal server/);
  });
});

it('uploads no more than --concurrency at a time', async () => {
  const videos = [await newVideo(), await newVideo(), await newVideo()];
  const upload = home.start(['upload', ...videos, '--json', '--concurrency', '1', ...FLAGS]);
  for (const [at, video] of videos.entries()) {
    const name = await until(video);
    for (const later of videos.slice(at + 1)) expect(fileOf(later)).toBeUndefined();
    emulator.activate(name);
  }
  const end = await upload.ended;
  expect(lines(end.stdout).map(({ path }) => path)).toEqual(videos);
});

it('Ctrl-C cancels all, waits for all clean-ups and exits 130; what had no run has no line', async () => {
  const videos = [await newVideo(), await newVideo(), await newVideo()];
  const upload = home.start(['upload', ...videos, '--json', '--concurrency', '2', '--poll-interval', '10s']);
  await Promise.all(videos.slice(0, 2).map(until));
  upload.child.kill('SIGINT');
  const end = await upload.ended;
  expect(end).toMatchObject({ code: 130, signal: null });
  expect(end.stderr.match(/Cancelling; waiting/g)).toHaveLength(1);
  expect(end.stderr).toMatch(/^3 files: 2 cancelled, 1 not started/m);
  expect(lines(end.stdout)).toMatchObject([
    { error: { type: 'CancelledFailure', cleanup: 'deleted' } },
    { error: { type: 'CancelledFailure', cleanup: 'deleted' } },
  ]);
  for (const video of videos) expect(fileOf(video)).toBeUndefined();
});

describe('a run that a killed command has left open', () => {
  async function killed(...args: string[]) {
    const first = home.start(['upload', ...args, '--json', ...FLAGS]);
    await Promise.all(args.map(until));
    await first.stderr(/check 1: PROCESSING/);
    first.child.kill('SIGKILL');
    await first.ended;
  }
  const startsOf = (path: string) =>
    emulator.requests.filter(
      ({ operation, json }) => operation === 'start' && JSON.stringify(json).includes(basename(path)),
    );

  it('by several files is resumed by the upload of one of them', async () => {
    const [video, other] = [await newVideo(), await newVideo()];
    await killed(video, other);
    emulator.activate(fileOf(video)?.name ?? '');
    const end = await home.run(['upload', video, '--json']);
    expect(end.code, end.stderr).toBe(0);
    expect(end.stderr).toContain('Attached to the open run');
    expect(startsOf(video)).toHaveLength(1);
    emulator.activate(fileOf(other)?.name ?? '');
    expect((await home.run(['upload', other, '--json'])).code).toBe(0);
  });

  it('by several files is resumed after the name of the host has changed, by several and by one', async () => {
    const [video, other, third] = [await newVideo(), await newVideo(), await newVideo()];
    await killed(video, other, third);
    for (const path of [video, other, third]) emulator.activate(fileOf(path)?.name ?? '');
    const renamed = await home.file(
      'renamed-host.mjs',
      `import os from 'node:os';
      import { syncBuiltinESMExports } from 'node:module';
      os.hostname = () => 'renamed';
      syncBuiltinESMExports();`,
    );
    const env = { NODE_OPTIONS: `--import ${pathToFileURL(renamed).href}` };
    for (const paths of [[video, other], [third]]) {
      const end = await home.run(['upload', ...paths, '--json'], { env });
      expect(end.code, end.stderr).toBe(0);
      expect(end.stderr.match(/Attached to the open run/g)).toHaveLength(paths.length);
    }
    for (const path of [video, other, third]) expect(startsOf(path)).toHaveLength(1);
  });

  it('by one file is resumed by the upload of several', async () => {
    const [video, text] = [await newVideo(), await newText()];
    await killed(video);
    emulator.activate(fileOf(video)?.name ?? '');
    const end = await home.run(['upload', text, video, '--json']);
    expect(end.code, end.stderr).toBe(0);
    expect(end.stderr).toContain(`${video}: Attached to the open run`);
    expect(startsOf(video)).toHaveLength(1);
  });
});

it('--detach starts a run of each on the configured server, and leaves', async () => {
  const texts = [await newText(), await newText()];
  const end = await home.run(['upload', ...texts, '--detach', '--json']);
  expect(end.code, end.stderr).toBe(0);
  const started = lines(end.stdout) as unknown as { path: string; workflowId: string }[];
  expect(started.map(({ path }) => path)).toEqual(texts);
  for (const { workflowId } of started) await temporal.client.workflow.getHandle(workflowId).terminate();
});

it('a file at a source is named by its source', async () => {
  await using strict = await GeminiFilesEmulator.start();
  const env = { GOOGLE_GEMINI_BASE_URL: strict.url };
  const end = await home.run(['upload', await newText(), 'nobody:a.mp4', '--json'], { env });
  expect(end.code).toBe(1);
  expect(lines(end.stdout)).toMatchObject([
    { source: 'nobody:a.mp4', error: { type: 'SourceNotAllowedError' } },
  ]);
  expect(strict.requests).toEqual([]);
});
