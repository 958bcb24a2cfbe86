import { randomUUID } from 'node:crypto';
import { readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from './make-folder.js';
import { isRunning, startOf } from './process-id.js';

/**
 * An empty file whose name identifies the process that made it. It counts only while that process runs, so a process that is killed
 * leaves nothing behind that counts. No name is used twice, so any process may remove the file of one that has ended.
 */
export class ProcessMarker {
  private constructor(
    private readonly folder: string,
    readonly name: string,
  ) {}

  static place(folder: string): ProcessMarker {
    makeFolder(folder, 0o700);
    const name = `${process.pid}_${startOf(process.pid)}_${randomUUID()}`;
    writeFileSync(join(folder, name), '', { flag: 'wx', mode: 0o600 });
    return new ProcessMarker(folder, name);
  }

  remove(): void {
    rmSync(join(this.folder, this.name), { force: true });
  }
}

/** The names of the markers whose processes run, in alphabetical order. Removes the others. */
export function livingMarkers(folder: string): string[] {
  const living: string[] = [];
  for (const name of namesIn(folder)) {
    const [, pid, started = ''] = /^(\d+)_([\w-]+)_[\w-]+$/.exec(name) ?? [];
    if (pid === undefined) continue;
    if (isRunning({ pid: Number(pid), started })) living.push(name);
    else rmSync(join(folder, name), { force: true });
  }
  return living.sort();
}

export const pidOfMarker = (name: string): string => name.split('_', 1)[0] ?? '';

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
