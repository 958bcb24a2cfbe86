import envPaths from 'env-paths';
import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const NAME = 'temporal-gemini-files';

export type Env = Readonly<Record<string, string | undefined>>;

/** This file is three levels below the package's root, as `src/cli/embedded/paths.ts` and as `dist/cli/embedded/paths.js`. */
const packageRoot = fileURLToPath(new URL('../../../', import.meta.url));

export const cliRequirements = join(packageRoot, 'temporal', 'cli-requirements.txt');

/** `$XDG_CACHE_HOME/temporal-gemini-files`, or the platform's own place for caches. */
export function cacheDirectory(env: Env = process.env): string {
  return env.XDG_CACHE_HOME
    ? resolve(env.XDG_CACHE_HOME, NAME)
    : resolve(envPaths(NAME, { suffix: '' }).cache);
}

/** `$XDG_STATE_HOME/temporal-gemini-files`, by default below `~/.local/state`. */
export function stateDirectory(env: Env = process.env): string {
  if (env.XDG_STATE_HOME) return resolve(env.XDG_STATE_HOME, NAME);
  const paths = envPaths(NAME, { suffix: '' });
  // env-paths has no name for XDG_STATE_HOME: on Linux its `log` is that folder, elsewhere `log` is one that systems clean up.
  return resolve(process.platform === 'linux' ? paths.log : paths.data);
}

/** A script that is run as a process of its own. Node cannot run the TypeScript, so from `src` too it is the built one. */
export function builtScript(name: 'host' | 'sdk-download-main'): string {
  const script = join(packageRoot, 'dist', 'cli', 'embedded', `${name}.js`);
  if (!existsSync(script)) throw new Error(`${script} is missing; run "npm run build"`);
  return script;
}

/** What the embedded server keeps in its state folder. */
export function stateFiles(stateDir: string) {
  return {
    database: join(stateDir, 'temporal.db'),
    emulator: join(stateDir, 'emulator-files.json'),
    log: join(stateDir, 'embedded.log'),
    ports: join(stateDir, 'ports.json'),
    version: join(stateDir, 'server-version.json'),
  };
}
