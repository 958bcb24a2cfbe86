/** Keeps file metadata over restarts, as JSON. */

import { closeSync, fsyncSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { dirname, resolve } from 'node:path';
import { makeFolder } from '../../util/make-folder.js';
import type { FileRecord } from './file-record.js';

const VERSION = 1;

/** The state file is there but is not one; it was left as it is. */
export class EmulatorStateError extends Error {
  /** Name of the class. */
  override readonly name = 'EmulatorStateError';
}

export class StateFile {
  readonly #path: string;

  constructor(path: string) {
    this.#path = resolve(path);
  }

  /** Throws an `EmulatorStateError` for anything but a whole state file; a file that is not there is an empty one. */
  read(): FileRecord[] {
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw this.#unreadable((error as Error).message, error);
    }
    let state: unknown;
    try {
      state = JSON.parse(text);
    } catch (error) {
      throw this.#unreadable(`it is not JSON: ${(error as Error).message}`, error);
    }
    if (!isState(state)) throw this.#unreadable(`it is not a state of version ${VERSION}`);
    return state.files;
  }

  /** The old content or the new is there at any time, never a part of one. */
  write(files: readonly FileRecord[]): void {
    makeFolder(dirname(this.#path));
    const temporary = `${this.#path}.${randomUUID()}.tmp`;
    try {
      const handle = openSync(temporary, 'wx', 0o600);
      try {
        writeFileSync(handle, `${JSON.stringify({ version: VERSION, files }, null, 2)}\n`);
        fsyncSync(handle);
      } finally {
        closeSync(handle);
      }
      renameSync(temporary, this.#path);
    } catch (error) {
      rmSync(temporary, { force: true });
      throw error;
    }
  }

  #unreadable(reason: string, cause?: unknown): EmulatorStateError {
    return new EmulatorStateError(
      `The emulator's state file ${this.#path} cannot be used: ${reason}. Move it away, or name another.`,
      { cause },
    );
  }
}

const TEXT_FIELDS = ['name', 'owner', 'mimeType', 'sha256', 'createTime', 'expirationTime'] as const;

function isState(value: unknown): value is { files: FileRecord[] } {
  const state = value as { version?: unknown; files?: unknown } | null;
  return (
    typeof state === 'object' &&
    state?.version === VERSION &&
    Array.isArray(state.files) &&
    state.files.every(isRecord)
  );
}

function isRecord(value: unknown): value is FileRecord {
  const record = value as Partial<FileRecord> | null;
  return (
    typeof record === 'object' &&
    record !== null &&
    TEXT_FIELDS.every((field) => typeof record[field] === 'string') &&
    !Number.isNaN(Date.parse(record.createTime ?? '')) &&
    !Number.isNaN(Date.parse(record.expirationTime ?? '')) &&
    Number.isSafeInteger(record.sizeBytes) &&
    Number.isSafeInteger(record.sequence) &&
    typeof record.settlesAtMs === 'number' &&
    ['number', 'undefined'].includes(typeof record.visibleAtMs) &&
    ['ACTIVE', 'FAILED', 'NEVER'].includes(record.outcome ?? '')
  );
}
