import { existsSync } from 'node:fs';
import { hostLives } from './acquire-lock.js';
import { readLatestLock } from './lock.js';
import type { EmbeddedAddresses } from './protocol.js';

export interface EmbeddedStatus {
  /** False for a lock that a killed host has left behind. */
  readonly alive: boolean;
  readonly hostPid: number;
  readonly serverPid?: number;
  readonly startedAt: string;
  /** Missing while the server is starting. */
  readonly server?: EmbeddedAddresses;
}

/** What the state folder's lock says of the embedded server; undefined where none runs. Starts and changes nothing. */
export async function readEmbeddedLock(stateDir: string): Promise<EmbeddedStatus | undefined> {
  if (!existsSync(stateDir)) return undefined;
  const { lock } = readLatestLock(stateDir);
  if (lock === undefined || lock.endedAt !== undefined) return undefined;
  const { pid, serverPid, startedAt, server } = lock;
  return {
    alive: await hostLives(lock, stateDir),
    hostPid: pid,
    startedAt,
    ...(serverPid === undefined ? {} : { serverPid }),
    ...(server === undefined ? {} : { server }),
  };
}
