/**
 * A lock for the processes of one machine: a folder of markers.
 *
 * 1. A process places its marker and then lists the folder. It holds the lock if no other living process has a marker there. If two
 *    processes do this at once, at least one of them sees the other, so they never both hold it.
 * 2. If both see each other, the first one by name keeps its marker and waits; the other removes its marker and waits.
 * 3. The marker of a process that was killed does not count. The lock is never taken over, so it cannot be taken from a process that
 *    is only slow.
 */

import { setTimeout as delay } from 'node:timers/promises';
import { livingMarkers, pidOfMarker, ProcessMarker } from './process-marker.js';

const POLL_MS = 25;

/** No process got the lock in time. */
export class ProcessLockError extends Error {
  override readonly name = 'ProcessLockError';

  /** @param pids - the processes that hold the lock or wait for it */
  constructor(readonly pids: readonly string[]) {
    super(`The lock is held by process ${pids.join(', ')}`);
  }
}

/**
 * Runs `work` while no other process runs its own.
 *
 * @throws ProcessLockError if another process holds the lock for longer than `patienceMs`
 */
export async function withProcessLock<T>(
  folder: string,
  patienceMs: number,
  work: () => Promise<T>,
): Promise<T> {
  const deadline = performance.now() + patienceMs;
  let mine: ProcessMarker | undefined;
  try {
    for (;;) {
      const others = livingMarkers(folder).filter((name) => name !== mine?.name);
      const [first] = others;
      if (first === undefined) {
        if (mine !== undefined) return await work();
        mine = ProcessMarker.place(folder);
        continue;
      }
      if (performance.now() >= deadline) throw new ProcessLockError(others.map(pidOfMarker));
      if (mine !== undefined && first < mine.name) {
        mine.remove();
        mine = undefined;
      }
      await delay(POLL_MS);
    }
  } finally {
    mine?.remove();
  }
}
