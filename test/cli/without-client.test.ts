/** Commands load Temporal's client when they run. A package manager that installs no peer dependencies has left it out. */

import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

/** Fails as Node.js does for a package that is not installed. */
const HOOKS = `export function resolve(name, context, next) {
  if (name !== '@temporalio/client') return next(name, context);
  const error = new Error("Cannot find package '@temporalio/client' imported from " + context.parentURL);
  throw Object.assign(error, { code: 'ERR_MODULE_NOT_FOUND' });
}`;
const asModule = (code: string) => `data:text/javascript,${encodeURIComponent(code)}`;
const REGISTER = asModule(
  `import { register } from 'node:module'; register(${JSON.stringify(asModule(HOOKS))});`,
);

const runWithout = (...args: string[]) => {
  const env = { ...process.env, XDG_STATE_HOME: tmpdir() };
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', REGISTER, MAIN, ...args], {
    encoding: 'utf8',
    env,
  });
  return { status, stdout, stderr };
};

it.each([[['status', 'a-run']], [['upload', 'package.json', '--json']], [['list']], [['worker']]])(
  '%j names the package, and the line that installs all',
  (args) => {
    const { status, stdout, stderr } = runWithout(...args);
    expect(stderr).toMatch(
      /^temporal-gemini-files needs the package @temporalio\/client, which is not installed.*\n$/,
    );
    expect(stderr).toContain('npm install temporal-gemini-files @google/genai @temporalio/client');
    expect(status).toBe(1);
    expect(stdout).toBe('');
  },
);

it('a mistake in the command line needs no client', () => {
  const { status, stdout, stderr } = runWithout('upload', 'package.json', '--bogus', '--json');
  expect(stderr).toContain("unknown option '--bogus'");
  expect(JSON.parse(stdout)).toEqual({ error: { type: 'UsageError', message: "unknown option '--bogus'" } });
  expect(status).toBe(2);
});

it('--help and --version need no client', () => {
  expect(runWithout('--version')).toMatchObject({
    status: 0,
    stdout: expect.stringMatching(/^\d/) as string,
  });
  expect(runWithout('upload', '--help')).toMatchObject({ status: 0, stderr: '' });
});
