/** A container that runs under an arbitrary user id: no HOME, and no entry in the user database. */

import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { cliHome, type CliHome } from '../support/cli.js';

const NO_HOME = ['setpriv', '--reuid=61234', '--regid=61234', '--clear-groups', 'env', '-u', 'HOME'];

let home: CliHome;
beforeEach(async () => {
  home = await cliHome();
});
afterEach(() => home[Symbol.asyncDispose]());

const run = (
  script: string | undefined,
  args: readonly string[],
  env: Record<string, string | undefined> = {},
) => home.run(args, { prefix: NO_HOME, cwd: '/', ...(script !== undefined && { script }), env });

const needsRoot = it.skipIf(process.platform !== 'linux' || process.getuid?.() !== 0);

needsRoot('--help works (needs root and setpriv)', async () => {
  const end = await run(undefined, ['--help']);
  expect(end).toMatchObject({ code: 0 });
  expect(end.stdout).toMatch(/^Usage: temporal-gemini-files/);
});

needsRoot('importing the worker works, and so do its settings (needs root and setpriv)', async () => {
  const module = fileURLToPath(new URL('../../dist/worker/internal.js', import.meta.url));
  const code = `import(${JSON.stringify(module)}).then(({ resolveSettings }) => console.log(resolveSettings().configPath ?? 'none'))`;
  const end = await run('-e', [code], { XDG_CONFIG_HOME: undefined });
  expect(end).toMatchObject({ code: 0, stdout: 'none\n' });
});

needsRoot('upload names the variable that helps, and doctor too (needs root and setpriv)', async () => {
  const noState = {
    XDG_STATE_HOME: undefined,
    XDG_CONFIG_HOME: undefined,
    GEMINI_API_KEY: 'sk-test-0123456789',
  };
  const message = 'This user has no home folder: set HOME, or set XDG_STATE_HOME to a folder of yours.';
  const upload = await run(undefined, ['upload', '/etc/hostname', '--json'], noState);
  expect(upload.code).toBe(1);
  expect(upload.json()).toEqual({ error: { type: 'Error', message } });
  const doctor = await run(undefined, ['doctor', '--offline', '--json'], noState);
  const { checks } = doctor.json<{ checks: { name: string; ok: boolean; detail: string }[] }>();
  expect(checks.find(({ name }) => name === 'state folder')).toMatchObject({ ok: false, detail: message });
});

it.skipIf(process.platform !== 'linux')(
  'a home in which no folder can be created ends in one sentence',
  async () => {
    const env = { HOME: '/proc', XDG_STATE_HOME: undefined, XDG_CONFIG_HOME: undefined };
    const problem =
      /^The state folder \/proc\/\.local\/state\/temporal-gemini-files .*ENOENT.* XDG_STATE_HOME to a folder of yours\.$/;
    const upload = await home.run(['upload', '/etc/hostname', '--json'], { env });
    expect(upload.code).toBe(1);
    expect(upload.json<{ error: { message: string } }>().error.message).toMatch(problem);
    const doctor = await home.run(['doctor', '--offline', '--json'], { env });
    const { checks } = doctor.json<{ checks: { name: string; ok: boolean; detail: string }[] }>();
    const state = checks.find(({ name }) => name === 'state folder');
    expect(state).toMatchObject({ ok: false, detail: expect.stringContaining('/proc') as string });
  },
);

it.skipIf(process.platform !== 'linux')(
  'doctor does not promise a Temporal CLI in a cache that cannot be written',
  async () => {
    const env = { HOME: '/proc', XDG_CACHE_HOME: undefined, TEMPORAL_CLI: undefined, PATH: '/usr/bin:/bin' };
    const doctor = await home.run(['doctor', '--offline', '--json'], { env });
    const { checks } = doctor.json<{ checks: { name: string; ok: boolean; fix?: string }[] }>();
    expect(checks.find(({ name }) => name === 'temporal cli')).toMatchObject({
      ok: false,
      fix: expect.stringMatching(/XDG_CACHE_HOME|https:\/\/docs\.temporal\.io\/cli/) as string,
    });
  },
);

it('a working directory that was removed ends in one sentence', async () => {
  const removed = ['sh', '-c', 'mkdir gone && cd gone && rmdir ../gone && exec "$@"', 'sh'];
  const end = await home.run(['doctor', '--offline', '--json'], {
    prefix: removed,
    cwd: home.path,
  });
  expect(end.json()).toMatchObject({
    error: { message: expect.stringContaining('The working directory does not exist any more') as string },
  });
});
