/**
 * The lock in the state folder: who hosts the embedded server, and where it is.
 *
 * Its file is `embedded-<n>.lock`, and the highest n counts. A stale lock is never removed to make room, since whoever removes a file
 * by name may remove the fresh one that another process has just put there. It is outbid: link(2) makes n+1 for one process alone.
 * A host that ends leaves its file behind, marked as ended, so that n only grows; the next holder clears the lower ones away.
 */
import { linkSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readJson, temporaryBeside, writeJson } from './json-file.js';
import type { EmbeddedAddresses } from './protocol.js';

export interface EmbeddedLock {
  readonly pid: number;
  readonly controlPort: number;
  readonly token: string;
  readonly startedAt: string;
  /** The Temporal server that this host is to end; from a dead host's lock on, that host's orphan. */
  readonly serverPid?: number;
  /** There once the server answers. */
  readonly server?: EmbeddedAddresses;
  /** When the host ended, by itself and cleanly. */
  readonly endedAt?: string;
}

export interface LockEntry {
  readonly generation: number;
  /** Undefined where the file holds no lock, as after a crash of the machine. */
  readonly lock: EmbeddedLock | undefined;
}

const pathOf = (stateDir: string, generation: number): string =>
  join(stateDir, `embedded-${generation}.lock`);

function generations(stateDir: string): number[] {
  return readdirSync(stateDir)
    .map((name) => /^embedded-(\d{1,15})\.lock$/.exec(name)?.[1])
    .filter((digits) => digits !== undefined)
    .map(Number);
}

export function readLatestLock(stateDir: string): LockEntry {
  const generation = Math.max(0, ...generations(stateDir));
  const content = readJson(pathOf(stateDir, generation)) as Partial<EmbeddedLock> | null | undefined;
  const whole =
    typeof content?.pid === 'number' &&
    typeof content.controlPort === 'number' &&
    typeof content.token === 'string';
  return { generation, lock: whole ? (content as EmbeddedLock) : undefined };
}

/** The lock that this process holds. */
export class HeldLock {
  private constructor(
    private readonly stateDir: string,
    readonly generation: number,
    private content: EmbeddedLock,
  ) {}

  /** Outbids the generation that the caller has found to be stale; undefined where another process was first. */
  static outbid(stateDir: string, stale: number, content: EmbeddedLock): HeldLock | undefined {
    const generation = stale + 1;
    const path = pathOf(stateDir, generation);
    const temporary = temporaryBeside(path);
    writeFileSync(temporary, JSON.stringify(content), { mode: 0o600 });
    try {
      linkSync(temporary, path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return undefined;
      throw error;
    } finally {
      rmSync(temporary, { force: true });
    }
    const held = new HeldLock(stateDir, generation, content);
    if (held.isOutbid()) {
      // The number was free again only because later holders had come and cleared it away.
      rmSync(path, { force: true });
      return undefined;
    }
    for (const lower of generations(stateDir)) {
      if (lower < generation) rmSync(pathOf(stateDir, lower), { force: true });
    }
    return held;
  }

  /** Whether another process has taken this lock for stale. */
  isOutbid(): boolean {
    return generations(this.stateDir).some((other) => other > this.generation);
  }

  get serverPid(): number | undefined {
    return this.content.serverPid;
  }

  update(change: Partial<EmbeddedLock>): void {
    this.content = { ...this.content, ...change };
    if (!this.isOutbid()) writeJson(pathOf(this.stateDir, this.generation), this.content);
  }

  end(): void {
    const { pid, controlPort, token, startedAt } = this.content;
    this.content = { pid, controlPort, token, startedAt };
    this.update({ endedAt: new Date().toISOString() });
  }
}
