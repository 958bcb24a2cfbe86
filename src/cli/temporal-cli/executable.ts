import { constants } from 'node:fs';
import { access, stat } from 'node:fs/promises';
import { delimiter, resolve } from 'node:path';
import { errorMessage } from '../../util/error-message.js';
import { lastLines, runCommand } from '../../util/run-command.js';
import type { Env } from './paths.js';

export interface CliAnswers {
  /** The CLI's own version, e.g. 1.9.1. */
  readonly cliVersion: string;
  /** The version of the server that it contains, e.g. 1.32.0. */
  readonly serverVersion: string;
  /** Whether its dev server can keep the Web UI from asking for news: one that cannot refuses to start with that flag. */
  readonly hidesNews: boolean;
}

/** Keeps the Web UI of the dev server from asking for news. */
export const HIDE_NEWS = '--ui-disable-news-fetch';

const ANSWER_MS = 20_000;

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

/** All of that name, in the order of PATH. */
export async function findOnPath(name: string, env: Env): Promise<string[]> {
  const directories = new Set((env.PATH ?? '').split(delimiter).filter((directory) => directory !== ''));
  return executables([...directories].map((directory) => resolve(directory, name)));
}

/** Those of the paths that are executable files. */
export async function executables(paths: readonly string[]): Promise<string[]> {
  const problems = await Promise.all(paths.map(notExecutable));
  return paths.filter((_, index) => problems[index] === undefined);
}

/**
 * Runs the binary with `--version`, and asks for its flags at the same time. A file of the right name may be another program, a version
 * manager's empty shim or a build for another platform.
 */
export async function askCli(path: string, env: Env): Promise<CliAnswers> {
  const ask = (...args: string[]) => runCommand(path, args, { env, timeoutMs: ANSWER_MS });
  const [{ code, output }, help] = await Promise.all([
    ask('--version'),
    ask('server', 'start-dev', '--help'),
  ]);
  const found = /temporal version (\S+) \(Server ([^,)\s]+)/.exec(output);
  if (code !== 0 || found === null) {
    throw new Error(
      `"${path} --version" did not answer as the Temporal CLI does (exit ${code}: ${lastLines(output) || 'nothing'})`,
    );
  }
  const [, cliVersion = '', serverVersion = ''] = found;
  return { cliVersion, serverVersion, hidesNews: help.output.includes(HIDE_NEWS) };
}
