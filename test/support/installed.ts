/** Programs and libraries of release tests, which are installed once into the user's cache folder. */

import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { lastLines, runCommand } from '../../src/util/run-command.js';
import { userFolder } from '../../src/util/user-folder.js';

const cached = (name: string) => join(userFolder('cache', process.env), name);

/** The path of a program that Go's modules bring, such as `github.com/versity/versitygw/cmd/versitygw`. */
export async function goProgram(module: string, version: string): Promise<string> {
  const name = module.split('/').at(-1) ?? '';
  const folder = cached(`${name}-${version}`);
  const program = join(folder, name);
  if (!existsSync(program))
    await run('go', ['install', `${module}@${version}`], { ...process.env, GOBIN: folder });
  return program;
}

/** A folder whose `node_modules` has the packages, each as `name@version`. */
export async function npmFolder(name: string, packages: readonly string[]): Promise<string> {
  const folder = cached(`${name}-${packages.map((one) => one.split('@').at(-1)).join('-')}`);
  if (existsSync(folder)) return folder;
  const making = `${folder}-${process.pid}`;
  try {
    await mkdir(making, { recursive: true });
    const options = ['--ignore-scripts', '--no-audit', '--no-fund', '--no-save'];
    await run('npm', ['install', '--prefix', making, ...options, ...packages], process.env);
    // Whoever is first has installed them.
    await rename(making, folder).catch(() => undefined);
    return folder;
  } finally {
    await rm(making, { recursive: true, force: true });
  }
}

async function run(command: string, args: string[], env: NodeJS.ProcessEnv): Promise<void> {
  const { code, output } = await runCommand(command, args, { env, timeoutMs: 280_000 });
  if (code !== 0) throw new Error(`${command} ${args[0]}: ${lastLines(output)}`);
}
