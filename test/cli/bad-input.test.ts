/** Invalid input is reported at once: before a server is started or a request is made. */

import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdir, truncate } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adviceLine } from '../../src/cli/advice.js';
import { cliHome, type CliHome } from '../support/cli.js';

let home: CliHome;
beforeAll(async () => {
  home = await cliHome();
  await mkdir(join(home.path, 'folder'));
  await home.file('empty.txt', '');
  await truncate(await home.file('big.bin', 'x'), 2 * 1024 ** 3 + 1);
  await home.file('good.txt', 'hello');
  await chmod(await home.file('secret.txt', 'hello'), 0o000);
  execFileSync('mkfifo', [join(home.path, 'fifo')]);
  await home.file('closed.json', '{"apiKey": "sk-secret-1", "colour": 1}');
});
afterAll(() => home[Symbol.asyncDispose]());

/** Root can read every file, unless it gives up that right. */
const asUser =
  process.getuid?.() === 0 ? ['setpriv', '--bounding-set', '-dac_override,-dac_read_search'] : [];
const canDropRoot = asUser.length === 0 || existsSync('/usr/bin/setpriv');

describe('a path that cannot be uploaded', () => {
  it.each([
    ['missing.mp4', 'FileNotFoundError', /^not found: .*missing\.mp4$/],
    ['folder', 'NotAFileError', /folder is not a regular file/],
    ['empty.txt', 'EmptyFileError', /empty\.txt is empty/],
    ['big.bin', 'FileTooLargeError', /2\.15 GB \(2147483649 bytes\)/],
    ['fifo', 'NotAFileError', /fifo is not a regular file/],
    ['/dev/null', 'NotAFileError', /not a regular file/],
  ])('%s is %s, exit 1', async (path, type, message) => {
    const end = await home.run(['upload', path, '--json']);
    expect(end.code).toBe(1);
    const { error } = end.json<{ error: Record<string, string> }>();
    expect(error).toEqual({ type, message: expect.stringMatching(message) as string, provider: 'google' });
    expect(end.stderr).toBe(`${type}: ${error.message}\n${adviceLine({ type, message: '' }, 'upload')}\n`);
  });

  it.skipIf(!canDropRoot)(
    `an unreadable file is PathNotAllowedError, exit 1${canDropRoot ? '' : ' (SKIPPED: no setpriv here to take root its rights)'}`,
    async () => {
      const end = await home.run(['upload', 'secret.txt', '--json'], { prefix: asUser });
      expect(end.code).toBe(1);
      expect(end.json()).toMatchObject({ error: { type: 'PathNotAllowedError' } });
      expect(end.stderr).toMatch(/may not read .*secret\.txt \(EACCES\)/);
    },
  );
});

describe('a file of which the type is not known', () => {
  it.each(['blob', 'talk.zzz'])('%s is refused before a server is started', async (name) => {
    await home.file(name, new Uint8Array([0, 1, 2, 250, 251, 252]));
    const end = await home.run(['upload', name]);
    expect(end).toMatchObject({ code: 2, stdout: '' });
    expect(end.stderr).toMatch(
      /^InvalidOptionsError: .*tells its type.*\nOn the command line, mimeType is --mime-type\./,
    );
  });

  it('so is an LFS pointer that is named like a video', async () => {
    await home.file(
      'talk.mov',
      `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 12345\n`,
    );
    const end = await home.run(['upload', 'talk.mov']);
    expect(end.code).not.toBe(0);
    expect(end.stderr).toContain('git lfs pull');
  });
});

describe('an invalid command line', () => {
  // The others, in one process: test/cli/invalid-command-line.test.ts.
  it.each([
    [['upload', 'good.txt', '--no-worker'], 'UsageError', /--no-worker needs a Temporal server/],
    [['emulator', '--faults', 'good.txt'], 'UsageError', /--faults.*not JSON/],
    [['emulator', '--faults', 'closed.json'], 'UsageError', /--faults.*a list of faults/],
  ])('%j is %s, exit 2', async (args, type, message) => {
    const end = await home.run([...args, '--json']);
    expect(end.code).toBe(2);
    const { error } = end.json<{ error: Record<string, string> }>();
    expect(error.type).toBe(type);
    expect(error.message).toMatch(message);
    expect(end.stderr).toMatch(message);
    expect(end.stdout + end.stderr).not.toContain('sk-secret');
  });

  it('prints nothing on stdout without --json', async () => {
    const end = await home.run(['upload', 'good.txt', '--timeout', 'abc']);
    expect(end).toMatchObject({ code: 2, stdout: '' });
  });

  it('a worker refuses a root that does not exist, and an unknown tier', async () => {
    const env = { GEMINI_API_KEY: 'key' };
    const root = await home.run(['worker', '--allow-root', 'nowhere'], { env });
    expect(root).toMatchObject({ code: 2, stdout: '' });
    expect(root.stderr).toMatch(/allowed root .*nowhere can't be read/);
    const tier = await home.run(['worker', '--tier', 'gold'], { env });
    expect(tier).toMatchObject({ code: 2, stderr: expect.stringMatching(/tier.*"gold"/) as string });
  });

  it('a worker takes one file as its root', async () => {
    const env = { GEMINI_API_KEY: 'key', TEMPORAL_ADDRESS: '127.0.0.1:1' };
    const end = await home.run(['worker', '--allow-root', 'good.txt'], { env, prefix: asUser });
    expect(end.code).toBe(1);
    expect(end.stderr).toMatch(/No Temporal server answers at 127\.0\.0\.1:1/);
  });
});

describe('no key for the real API', () => {
  it.each([
    [['upload', 'good.txt'], { TEMPORAL_ADDRESS: '127.0.0.1:1' }],
    [['upload', 'good.txt'], { GOOGLE_GEMINI_BASE_URL: 'http://127.0.0.1:1' }],
    [['worker'], {}],
    [['list'], {}],
    [['delete', 'files/a', '--yes'], {}],
    [['usage'], {}],
  ])('%j with %j', async (args, env) => {
    const end = await home.run([...args, '--json'], { env });
    expect(end.code).toBe(1);
    const { error } = end.json<{ error: Record<string, string> }>();
    expect(error.type).toBe('MissingCredentialsError');
    for (const word of ['GEMINI_API_KEY', 'apiKey', '--config', 'temporal-gemini-files doctor'])
      expect(error.message).toContain(word);
    expect(error.message).not.toContain('worker option');
  });

  it('a credentials profile that is not there is named with those that are', async () => {
    const config = await home.file('profiles.json', '{"profiles": {"team-a": {"apiKey": "sk-secret-2"}}}');
    const end = await home.run(['upload', 'good.txt', '--credentials', 'team-b', '--config', config]);
    expect(end.code).toBe(1);
    expect(end.stderr).toMatch(/^MissingCredentialsError: .*"team-b".*it has team-a\n[^\n]*\n$/);
    // Without the flag, it would look at another file.
    expect(end.stderr).toContain(
      `\ntemporal-gemini-files doctor --config ${config} shows which key and which profiles are found.\n`,
    );
  });
});

describe('status, where no command has ever had a run', () => {
  it('lists none', async () => {
    const [text, json] = await Promise.all([home.run(['status']), home.run(['status', '--json'])]);
    expect(text).toMatchObject({ code: 0, stdout: '' });
    expect(text.stderr).toMatch(
      /^No run is open, and none has ended: the embedded Temporal server has never run\.$/m,
    );
    expect(json.json()).toEqual([]);
  });

  it('finds none', async () => {
    const end = await home.run(['status', 'clip']);
    expect(end.code).toBe(1);
    expect(end.stderr).toMatch(/^RunNotFoundError: No run clip: the embedded Temporal server has never run/);
  });
});

it('has started nothing and made no state', () => {
  expect(existsSync(home.stateDir)).toBe(false);
});
