import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, resolve } from 'node:path';
import type { Env } from './paths.js';
import { lastLines, reason, run } from './run.js';

export interface CliVersions {
  /** The CLI's own version, e.g. 1.9.1. */
  readonly cliVersion: string;
  /** The version of the server it carries, e.g. 1.32.0. */
  readonly serverVersion: string;
}

export const executableName = process.platform === 'win32' ? 'temporal.exe' : 'temporal';

/** Why the path is no executable file, or undefined where it is one. */
export async function notExecutable(path: string): Promise<string | undefined> {
  try {
    if (!(await stat(path)).isFile()) return 'not a file';
    await access(path, constants.X_OK);
    return undefined;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'no such file';
    return code === 'EACCES' ? 'not executable' : reason(error);
  }
}

export async function findOnPath(name: string, env: Env): Promise<string | undefined> {
  for (const directory of (env.PATH ?? '').split(delimiter)) {
    if (directory === '') continue;
    const candidate = resolve(directory, name);
    if ((await notExecutable(candidate)) === undefined) return candidate;
  }
  return undefined;
}

/**
 * Asks the binary what it is. A file of the right name may be another program, a version manager's empty shim or a build for another
 * platform; only its own answer tells.
 */
export async function askVersions(path: string, env: Env): Promise<CliVersions> {
  const { code, output } = await run(path, ['--version'], { env, timeoutMs: 20_000 });
  const found = /temporal version (\S+) \(Server ([^,)\s]+)/.exec(output);
  if (code !== 0 || found === null) {
    throw new Error(
      `"${path} --version" did not answer as the Temporal CLI does (exit ${code}: ${lastLines(output) || 'nothing'})`,
    );
  }
  return { cliVersion: found[1] ?? '', serverVersion: found[2] ?? '' };
}
