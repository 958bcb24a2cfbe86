/** The upload sessions, by their id. */

import { randomBytes } from 'node:crypto';
import type { EmulatorClock } from './clock.js';
import type { ResolvedOptions } from './options.js';
import { UploadSession, type SessionStart } from './upload-session.js';

export class SessionTable {
  readonly #sessions = new Map<string, UploadSession>();

  constructor(
    private readonly options: ResolvedOptions,
    private readonly clock: EmulatorClock,
  ) {}

  open(start: Omit<SessionStart, 'id' | 'startedAtMs'>): UploadSession {
    const id = randomBytes(48).toString('base64url');
    const session = new UploadSession(
      { ...start, id, startedAtMs: this.clock.now() },
      this.options.granularity,
    );
    this.#sessions.set(id, session);
    return session;
  }

  /** In the order of their starts, without those that are too old. */
  all(): UploadSession[] {
    this.#dropOld();
    return [...this.#sessions.values()];
  }

  get(id: string): UploadSession | undefined {
    this.#dropOld();
    return this.#sessions.get(id);
  }

  #dropOld(): void {
    const newestOld = this.clock.now() - this.options.sessionLifetimeMs;
    for (const [id, session] of this.#sessions) {
      if (session.start.startedAtMs > newestOld) return;
      session.interrupt();
      this.#sessions.delete(id);
    }
  }
}
