import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, resolve } from 'node:path';
import { errorMessage } from '../../util/error-message.js';
import { lastLines, runCommand } from '../../util/run-command.js';
import type { Env } from './paths.js';

export interface CliVersions {
  /** The CLI's own version, e.g. 1.9.1. */
  readonly cliVersion: string;
  /** The version of the server that it contains, e.g. 1.32.0. */
  readonly serverVersion: string;
}

export const executableName = process.platform === 'win32' ? 'temporal.exe' : 'temporal';

/** Why the path is not an executable file; undefined if it is one. */
export async function notExecutable(path: string): Promise<string | undefined> {
  try {
    if (!(await stat(path)).isFile()) return 'not a file';
    await access(path, constants.X_OK);
    return undefined;
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    if (code === 'ENOENT' || code === 'ENOTDIR') return 'no such file';
    return code === 'EACCES' ? 'not executable' : errorMessage(error);
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
 * Runs the binary with `--version`. A file of the right name may be another program, a version manager's empty shim or a build for
 * another platform.
 */
export async function askVersions(path: string, env: Env): Promise<CliVersions> {
  const { code, output } = await runCommand(path, ['--version'], { env, timeoutMs: 20_000 });
  const found = /temporal version (\S+) \(Server ([^,)\s]+)/.exec(output);
  if (code !== 0 || found === null) {
    throw new Error(
      `"${path} --version" did not answer as the Temporal CLI does (exit ${code}: ${lastLines(output) || 'nothing'})`,
    );
  }
  return { cliVersion: found[1] ?? '', serverVersion: found[2] ?? '' };
}
