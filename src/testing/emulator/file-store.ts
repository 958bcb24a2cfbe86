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
}

export class FileStore {
  readonly #records = new Map<string, FileRecord>();
  #sequence = 0;

  constructor(
    private readonly options: ResolvedOptions,
    private readonly clock: EmulatorClock,
    private readonly stateFile: StateFile | undefined,
  ) {
    for (const record of stateFile?.read() ?? []) {
      this.#records.set(record.name, record);
      this.#sequence = Math.max(this.#sequence, record.sequence);
    }
  }

  /** All files of all owners that have not expired, oldest first. */
  all(): FileRecord[] {
    this.#dropExpired();
    return [...this.#records.values()];
  }

  get(name: string): FileRecord | undefined {
    this.#dropExpired();
    return this.#records.get(name);
  }

  /** Names are global: one that another owner holds is taken too. */
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
    const { displayName, ...rest } = file;
    const name = file.name ?? this.#freeName();
    const nowMs = this.clock.now();
    const { after, outcome = 'ACTIVE' } = this.options.processingOf({
      name,
      displayName: displayName ?? '',
      mimeType: file.mimeType,
      sizeBytes: file.sizeBytes,
    });
    const record: FileRecord = {
      ...rest,
      name,
      sequence: ++this.#sequence,
      ...(displayName !== undefined && displayName !== '' && { displayName }),
      ...fileTimes(nowMs, this.options.retentionMs),
      settlesAtMs: Math.floor(nowMs) + durationMs(after, 'processing'),
      outcome,
    };
    this.#records.set(name, record);
    this.#save();
    return record;
  }

  /** Changes an existing file; throws for an unknown name. */
  change(name: string, change: Partial<FileRecord>): void {
    const record = this.get(name);
    if (!record) throw new RangeError(`The emulator has no file ${name}`);
    this.#records.set(name, { ...record, ...change });
    this.#save();
  }

  delete(name: string): boolean {
    const deleted = this.#records.delete(name);
    if (deleted) this.#save();
    return deleted;
  }

  #dropExpired(): void {
    const nowMs = this.clock.now();
    const expired = [...this.#records.values()].filter((record) => isExpired(record, nowMs));
    if (expired.length === 0) return;
    for (const record of expired) this.#records.delete(record.name);
    this.#save();
  }

  #freeName(): string {
    const name = `files/${Array.from({ length: 12 }, () => randomInt(36).toString(36)).join('')}`;
    return this.isTaken(name) ? this.#freeName() : name;
  }

  #save(): void {
    this.stateFile?.write([...this.#records.values()]);
  }
}
