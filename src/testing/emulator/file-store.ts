/** The files of all projects: names, quota, expiry, pages. */

import { randomInt } from 'node:crypto';
import type { EmulatorClock } from './clock.js';
import { durationMs } from './duration-ms.js';
import { fileTimes, isExpired, type FileRecord } from './file-record.js';
import type { ResolvedOptions } from './options.js';
import type { StateFile } from './state-file.js';

export interface NewFile {
  /** `files/<id>`; undefined gets an id of the server's. */
  readonly name?: string | undefined;
  readonly owner: string;
  readonly displayName?: string | undefined;
  readonly mimeType: string;
  readonly sizeBytes: number;
  /** Lower-case hex. */
  readonly sha256: string;
  /** How long the new file is denied. @default the option `visibleAfter` */
  readonly visibleAfterMs?: number | undefined;
}

export class FileStore {
  #records: ReadonlyMap<string, FileRecord>;
  #sequence = 0;

  constructor(
    private readonly options: ResolvedOptions,
    private readonly clock: EmulatorClock,
    private readonly stateFile: StateFile | undefined,
  ) {
    const records = stateFile?.read() ?? [];
    this.#records = new Map(records.map((record) => [record.name, record]));
    this.#sequence = Math.max(0, ...records.map(({ sequence }) => sequence));
  }

  /** All files of all owners that have not expired, oldest first. */
  all(): FileRecord[] {
    this.#purge();
    const nowMs = this.clock.now();
    return [...this.#records.values()].filter((record) => !isExpired(record, nowMs));
  }

  get(name: string): FileRecord | undefined {
    this.#purge();
    const record = this.#records.get(name);
    return record && !isExpired(record, this.clock.now()) ? record : undefined;
  }

  /** Names are global: one that another owner holds is taken too (provider fact F-START-NAME-TAKEN). */
  isTaken(name: string): boolean {
    return this.get(name) !== undefined;
  }

  usedBytes(owner: string): number {
    return this.ownedBy(owner).reduce((sum, record) => sum + record.sizeBytes, 0);
  }

  ownedBy(owner: string): FileRecord[] {
    return this.all().filter((record) => record.owner === owner);
  }

  create(file: NewFile): FileRecord {
    const { displayName, visibleAfterMs, ...rest } = file;
    const name = file.name ?? this.#freeName();
    const nowMs = this.clock.now();
    const { mimeType, sizeBytes } = file;
    const uploaded = { name, displayName: displayName ?? '', mimeType, sizeBytes };
    const { after, outcome = 'ACTIVE' } = this.options.processingOf(uploaded);
    const hiddenMs = visibleAfterMs ?? this.options.visibleAfterMsOf(uploaded);
    const record: FileRecord = {
      ...rest,
      name,
      sequence: ++this.#sequence,
      ...(displayName !== undefined && displayName !== '' && { displayName }),
      ...fileTimes(nowMs, this.options.retentionMs),
      settlesAtMs: Math.floor(nowMs) + durationMs(after, 'processing'),
      outcome,
      ...(hiddenMs > 0 && { visibleAtMs: Math.floor(nowMs) + hiddenMs }),
    };
    this.#commit(new Map([...this.#records, [name, record]]));
    return record;
  }

  /** Changes an existing file; throws for an unknown name. */
  change(name: string, change: Partial<FileRecord>): void {
    const record = this.get(name);
    if (!record) throw new RangeError(`The emulator has no file ${name}`);
    this.#commit(new Map([...this.#records, [name, { ...record, ...change }]]));
  }

  delete(name: string): boolean {
    if (!this.#records.has(name)) return false;
    this.#commit(new Map([...this.#records].filter(([other]) => other !== name)));
    return true;
  }

  /** Reads do not depend on it: they skip expired files. So a state file that cannot be written is not an error here. */
  #purge(): void {
    const nowMs = this.clock.now();
    const left = [...this.#records].filter(([, record]) => !isExpired(record, nowMs));
    if (left.length === this.#records.size) return;
    try {
      this.#commit(new Map(left));
    } catch {
      // The next read or change tries again.
    }
  }

  #freeName(): string {
    const name = `files/${Array.from({ length: 12 }, () => randomInt(36).toString(36)).join('')}`;
    return this.isTaken(name) ? this.#freeName() : name;
  }

  /** All or nothing: what cannot be written to the state file does not become visible either. */
  #commit(records: ReadonlyMap<string, FileRecord>): void {
    this.stateFile?.write([...records.values()]);
    this.#records = records;
  }
}
