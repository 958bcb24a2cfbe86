import { chmodSync } from 'node:fs';
import module from 'node:module';
import { join } from 'node:path';
import { makeFolder } from '../util/make-folder.js';
import { userFolder } from '../util/user-folder.js';

type EnableCompileCache = (folder: string) => unknown;

/**
 * Lets Node.js (22.8 and later) keep the compiled code of modules for the next command. It is in the user's own folder, because
 * Node.js runs what it finds there: others can write to its default, a folder in the system's temporary one. Node.js itself
 * takes `NODE_COMPILE_CACHE` instead, and nothing with `NODE_DISABLE_COMPILE_CACHE`.
 */
export function enableCompileCache(
  env: Readonly<Record<string, string | undefined>> = process.env,
  enable = (module as { enableCompileCache?: EnableCompileCache }).enableCompileCache,
): void {
  if (!enable || env.NODE_COMPILE_CACHE || env.NODE_DISABLE_COMPILE_CACHE) return;
  try {
    const folder = join(userFolder('cache', env), 'compiled');
    makeFolder(folder, 0o700);
    chmodSync(folder, 0o700);
    enable(folder);
  } catch {
    // Without a folder of its own, as with a home that is read-only, a command only starts more slowly.
  }
}
