/** The example in Python, with Temporal's published SDK. It is installed by pip into a virtual environment below `.cache`. */

import { execFile, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { useTestFolder } from '../support/files.js';
import { scenario } from '../support/scenario.js';
import { useSharedDevServer } from '../support/temporal.js';

const env = await useSharedDevServer();
const folder = await useTestFolder();
const PACKAGE = 'temporalio==1.35.0';
const environment = fileURLToPath(new URL('../../.cache/python-temporalio', import.meta.url));
const python = join(environment, 'bin', 'python');
const program = fileURLToPath(new URL('../../examples/python/upload.py', import.meta.url));

/** Why the SDK cannot be had here; undefined if it is there. */
function missing(): string | undefined {
  const works = () => spawnSync(python, ['-c', 'import temporalio.client']).status === 0;
  if (existsSync(python) && works()) return undefined;
  if (spawnSync('python3', ['-m', 'venv', environment]).status !== 0) return 'no python3 with venv here';
  const pip = spawnSync(python, ['-m', 'pip', 'install', '--quiet', PACKAGE], { timeout: 100_000 });
  return pip.status === 0 && works() ? undefined : 'pip cannot install temporalio here';
}

const reason = missing();

it.skipIf(reason)(
  `a Python program starts and awaits an upload by name${reason === undefined ? '' : ` (SKIPPED: ${reason})`}`,
  async () => {
    await folder.file('clip.mp4', 1000);
    await using world = await scenario(env, folder, { processing: '200ms', outcome: 'ACTIVE' });
    const run = async (path: string) => {
      const settings = { ...process.env, TEMPORAL_ADDRESS: env.address, TASK_QUEUE: world.taskQueue };
      const ended = promisify(execFile)(python, [program, path], { env: settings });
      return ended.then(
        ({ stdout }) => ({ code: 0, stdout }),
        (error: unknown) => error as { code: number; stdout: string },
      );
    };
    await world.run(async () => {
      const uploaded = await run('clip.mp4');
      const [file] = world.emulator.files.values();
      expect(uploaded).toEqual({ code: 0, stdout: `ACTIVE ${file?.uri}\n` });
      const missing = await run('none.mp4');
      expect(missing.code).toBe(1);
      expect(missing.stdout).toMatch(
        /^FileNotFoundError: .*none\.mp4.* \{'provider': 'google', 'polls': 0\}\n$/,
      );
    });
  },
);
