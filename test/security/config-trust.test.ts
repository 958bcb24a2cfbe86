/** A configuration file that is found, and not named, must be the user's own, and cannot redirect a key from elsewhere. */

import { execFileSync } from 'node:child_process';
import { chmod, lchown, mkdir, mkdtemp, realpath, rm, symlink, writeFile, chown } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { InvalidOptionsError } from '../../src/contract/errors.js';
import { loadConfig } from '../../src/worker/config-file.js';
import { resolveSettings, type GeminiFilesOptions } from '../../src/worker/internal.js';

const NAME = '.temporal-gemini-filesrc';
let shared: string;
let work: string;
beforeEach(async () => {
  shared = await realpath(await mkdtemp(join(tmpdir(), 'gemini-files-shared-')));
  work = join(shared, 'home', 'project');
  await mkdir(work, { recursive: true });
  vi.stubEnv('XDG_CONFIG_HOME', join(shared, 'xdg'));
  vi.spyOn(process, 'cwd').mockReturnValue(work);
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await rm(shared, { recursive: true });
});

const put = async (path: string, content: object, mode = 0o644) => {
  await writeFile(path, JSON.stringify(content));
  await chmod(path, mode);
  return path;
};
const thrown = (action: () => unknown): unknown => {
  try {
    return action();
  } catch (error) {
    return error;
  }
};
const refusal = (path: string, why: string) =>
  new InvalidOptionsError(
    `The configuration file ${path} was found, but it is not used: it ${why}. If it is yours, name it (configFile, --config ${path}) ` +
      'or make it writable for you alone (chown, chmod go-w). If it is not, remove it or work in another folder',
  );
/** What `work` returns to a user who may not look into the folders of the test. */
function asUser<T>(user: number, work: () => T): T {
  process.seteuid?.(user);
  try {
    return work();
  } finally {
    process.seteuid?.(0);
  }
}
const isRoot = process.getuid?.() === 0;
const asRoot = (name: string, test: () => void | Promise<void>) =>
  it.skipIf(!isRoot)(`${name}${isRoot ? '' : ' (SKIPPED: only root can act as another user)'}`, test);

describe('a file in the working directory', () => {
  it.each([
    ['is writable by everyone', 0o666],
    ['is writable by everyone', 0o602],
  ])('that %s (%o) is refused, unless it is named', async (why, mode) => {
    const path = await put(join(shared, NAME), { tier: 'tier1' }, mode);
    expect(thrown(() => loadConfig(undefined, shared))).toEqual(refusal(path, why));
    expect(loadConfig(path, work).config).toEqual({ tier: 'tier1' });
  });

  it.each([0o600, 0o400, 0o644, 0o444])('of the user’s own, mode %o, is used', async (mode) => {
    await put(join(shared, NAME), { tier: 'tier1' }, mode);
    expect(loadConfig(undefined, shared).config).toEqual({ tier: 'tier1' });
  });

  it('that is a pipe without a writer is refused at once', () => {
    const path = join(shared, NAME);
    execFileSync('mkfifo', [path]);
    expect(thrown(() => loadConfig(undefined, shared))).toEqual(refusal(path, 'is not a regular file'));
  });

  it('that leads to a device without an end is refused, and so is one that is too large', async () => {
    const path = join(shared, NAME);
    await symlink('/dev/zero', path);
    expect(thrown(() => loadConfig(undefined, shared))).toEqual(refusal(path, 'is not a regular file'));
    await rm(path);
    await writeFile(path, `"${'x'.repeat(1024 * 1024)}"`);
    expect(thrown(() => loadConfig(undefined, shared))).toEqual(refusal(path, 'has more than 1048576 bytes'));
  });

  it('that is a link to itself is ignored', async () => {
    await symlink(NAME, join(shared, NAME));
    expect(loadConfig(undefined, shared)).toEqual({ config: {} });
  });

  asRoot('is ignored if the process may not look into the folder, as one started by another user', () => {
    expect(asUser(12345, () => thrown(() => loadConfig(undefined, shared)))).toEqual({ config: {} });
  });

  asRoot('of another user is refused, unless it is named', async () => {
    const path = await put(join(shared, NAME), { tier: 'tier1' });
    await chown(path, 12345, 12345);
    expect(thrown(() => loadConfig(undefined, shared))).toEqual(
      refusal(path, 'belongs to another user (12345)'),
    );
    expect(loadConfig(path, work).config).toEqual({ tier: 'tier1' });
  });

  asRoot('that another user’s link leads to is refused', async () => {
    const own = await put(join(work, 'downloaded.json'), { tier: 'tier1' });
    const path = join(shared, NAME);
    await symlink(own, path);
    await lchown(path, 12345, 12345);
    expect(thrown(() => loadConfig(undefined, shared))).toEqual(
      refusal(path, 'belongs to another user (12345)'),
    );
  });

  asRoot('of a group is refused, but for the group of the user’s own number', async () => {
    const path = await put(join(shared, NAME), { tier: 'tier1' }, 0o664);
    expect(loadConfig(undefined, shared).config).toEqual({ tier: 'tier1' });
    await chown(path, 0, 12345);
    expect(thrown(() => loadConfig(undefined, shared))).toEqual(
      refusal(path, 'is writable by a group (12345)'),
    );
    await chmod(path, 0o644);
    expect(loadConfig(undefined, shared).config).toEqual({ tier: 'tier1' });
    vi.spyOn(process, 'geteuid').mockReturnValue(12345);
    await chown(path, 12345, 12345);
    await chmod(path, 0o664);
    expect(loadConfig(undefined, shared).config).toEqual({ tier: 'tier1' });
  });

  asRoot('in the user’s configuration folder is held to the same', async () => {
    await mkdir(join(shared, 'xdg', 'temporal-gemini-files'), { recursive: true });
    const path = await put(join(shared, 'xdg', 'temporal-gemini-files', 'config.json'), {});
    await chown(path, 12345, 12345);
    expect(thrown(() => loadConfig(undefined, shared))).toEqual(
      refusal(path, 'belongs to another user (12345)'),
    );
  });
});

describe('the base URL of a file that was discovered in the working directory', () => {
  const elsewhere = { baseUrl: 'https://elsewhere.example' };
  const env = { GEMINI_API_KEY: 'key-of-the-environment' };

  it.each<[string, GeminiFilesOptions, Record<string, string>]>([
    ['in GEMINI_API_KEY', {}, env],
    ['in GOOGLE_API_KEY', {}, { GOOGLE_API_KEY: 'key-of-the-environment' }],
    ['of the option apiKey', { apiKey: 'key-of-the-option' }, {}],
    ['of the option apiKey', { apiKey: () => 'key-of-the-option' }, {}],
  ])('does not get the key %s', async (which, options, environment) => {
    const path = await put(join(work, NAME), elsewhere);
    const error = thrown(() => resolveSettings(options, environment));
    expect(error).toBeInstanceOf(InvalidOptionsError);
    expect(String(error)).toContain(
      `${path}, which was discovered and not named, would send the key ${which} to https://elsewhere.example`,
    );
    expect(String(error)).not.toContain('key-of');
  });

  it('gets its own file’s key, and so do profiles', async () => {
    const profiles = { a: { apiKey: 'key-of-a', baseUrl: 'https://a.example' } };
    await put(join(work, NAME), { ...elsewhere, apiKey: 'key-of-the-file', profiles });
    const settings = resolveSettings({}, env);
    expect(await settings.connect()).toMatchObject({ apiKey: 'key-of-the-file' });
    expect((await settings.connect()).baseUrl.origin).toBe('https://elsewhere.example');
    expect((await settings.connect('a')).baseUrl.origin).toBe('https://a.example');
  });

  it.each<[string, GeminiFilesOptions]>([
    ['where the file is named', { configFile: NAME }],
    ['where the option says another', { baseUrl: 'https://option.example' }],
  ])('is taken %s', async (_, options) => {
    await put(join(work, NAME), elsewhere);
    expect((await resolveSettings(options, env).connect()).apiKey).toBe('key-of-the-environment');
  });

  it('is accepted if it is this machine, for an emulator', async () => {
    await put(join(work, NAME), { baseUrl: 'http://127.0.0.1:8080' });
    expect((await resolveSettings({}, env).connect()).baseUrl.origin).toBe('http://127.0.0.1:8080');
  });

  it('is taken from the user’s own configuration folder', async () => {
    await mkdir(join(shared, 'xdg', 'temporal-gemini-files'), { recursive: true });
    await put(join(shared, 'xdg', 'temporal-gemini-files', 'config.json'), elsewhere);
    expect((await resolveSettings({}, env).connect()).baseUrl.origin).toBe('https://elsewhere.example');
  });
});
