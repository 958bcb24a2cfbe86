import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export type Env = Readonly<Record<string, string | undefined>>;

/** This file is three levels below the package's root, as `src/cli/temporal-cli/paths.ts` and as `dist/cli/temporal-cli/paths.js`. */
const packageRoot = fileURLToPath(new URL('../../../', import.meta.url));

export const cliRequirements = join(packageRoot, 'temporal', 'cli-requirements.txt');

/** The built script, because Node 20 cannot run TypeScript. */
export function builtScript(name: 'main' | 'temporal-cli/sdk-download-main'): string {
  const script = join(packageRoot, 'dist', 'cli', `${name}.js`);
  if (!existsSync(script)) throw new Error(`${script} is missing; run "npm run build"`);
  return script;
}
