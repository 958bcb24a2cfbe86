import { ControlClient } from './control-client.js';
import { HeldLock, readLatestLock, type EmbeddedLock } from './lock.js';
import { stateFiles } from './paths.js';
import { endOrphan } from './process-info.js';

/** Takes the lock; undefined where another live host holds it. A stale lock is replaced, and the server it left behind is ended. */
export async function acquireLock(stateDir: string, content: EmbeddedLock): Promise<HeldLock | undefined> {
  for (;;) {
    const { generation, lock } = readLatestLock(stateDir);
    if (lock !== undefined && (await hostLives(lock, stateDir))) return undefined;
    const orphan = lock?.serverPid;
    // The orphan goes into the new lock at once: should this process die before it has ended it, the next one knows of it.
    const mine = orphan === undefined ? content : { ...content, serverPid: orphan };
    const held = HeldLock.outbid(stateDir, generation, mine);
    if (held === undefined) continue;
    if (orphan !== undefined) await endOrphan(orphan, stateFiles(stateDir).database);
    return held.isOutbid() ? undefined : held;
  }
}

export async function hostLives(lock: EmbeddedLock, stateDir: string): Promise<boolean> {
  if (lock.endedAt !== undefined) return false;
  const client = await ControlClient.open(lock, stateDir, { probe: true });
  client?.drop();
  return client !== undefined;
}
