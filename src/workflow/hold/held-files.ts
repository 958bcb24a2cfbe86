/** The files that a hold owns: the one that it hands out, and replaced ones in their time of grace. */

import { FILE_LIFETIME_MS, type ActiveFile } from '../../contract/file.js';
import type { ResolvedUploadOptions } from '../../contract/options.js';
import type { CarriedUpload } from '../carried-upload.js';
import { deleteFileQuietly, hintsForFailedUpload, hintsForUploaded } from '../deletion.js';
import { activitiesFor } from '../proxies.js';
import { toCarriedWait, type CarriedWait, type WaitState } from '../wait-state.js';
import { expiryOf, usableUntil } from './schedule.js';

interface Current {
  readonly file: ActiveFile;
  /** What its delete and its checks have to know. */
  readonly state: WaitState;
  /** Whether the provider denies it, so that nobody can use it. */
  readonly denied: boolean;
}

interface Replaced {
  readonly state: WaitState;
  readonly deleteAt: number;
}

/** The files as data. Each is an open wait to a sweep, which finds it by that. */
export interface HeldFilesData {
  readonly current?: Omit<Current, 'state'> & { readonly wait: CarriedWait };
  readonly replaced: readonly { readonly wait: CarriedWait; readonly deleteAt: number }[];
  readonly leftUntil: number;
}

export class HeldFiles {
  current: Current | undefined;
  private replaced: readonly Replaced[] = [];
  /** Until when a file exists that could not be deleted. */
  private leftUntil = 0;

  constructor(
    private readonly options: ResolvedUploadOptions,
    data?: HeldFilesData,
  ) {
    if (!data) return;
    if (data.current) {
      const { wait, ...current } = data.current;
      this.current = { ...current, state: wait.state };
    }
    this.replaced = data.replaced.map(({ wait, deleteAt }) => ({ state: wait.state, deleteAt }));
    this.leftUntil = data.leftUntil;
  }

  /** When the provider forgets the current file. */
  get expiresAt(): number {
    return this.current ? expiryOf(this.current.file, this.current.state.uploadedAt) : 0;
  }

  /** The current file if a prompt can use it. */
  usable(now: number): ActiveFile | undefined {
    if (!this.current || this.current.denied || now >= usableUntil(this.expiresAt)) return undefined;
    return this.current.file;
  }

  /** @param deleteOldAt - until then, the file that is replaced stays */
  replace(file: ActiveFile, state: WaitState, deleteOldAt: number): void {
    if (this.current)
      this.replaced = [...this.replaced, { state: this.current.state, deleteAt: deleteOldAt }];
    this.current = { file, state, denied: false };
  }

  deny(): void {
    if (this.current) this.current = { ...this.current, denied: true };
  }

  /** When the next replaced file is to be deleted. */
  get nextDelete(): number | undefined {
    return this.replaced.map(({ deleteAt }) => deleteAt).sort((a, b) => a - b)[0];
  }

  /** Deletes the replaced files whose time of grace is over. Never throws. */
  async deleteReplaced(now: number): Promise<void> {
    const due = this.replaced.filter(({ deleteAt }) => deleteAt <= now);
    this.replaced = this.replaced.filter(({ deleteAt }) => deleteAt > now);
    await Promise.all(due.map(({ state }) => this.delete(state)));
  }

  /** Deletes all files. Never throws. */
  async deleteAll(): Promise<void> {
    const states = [...(this.current ? [this.current] : []), ...this.replaced].map(({ state }) => state);
    this.current = undefined;
    this.replaced = [];
    await Promise.all(states.map((state) => this.delete(state)));
  }

  async delete(state: WaitState): Promise<'deleted' | 'failed'> {
    const { name, expirationTime } = state.file;
    const activities = activitiesFor(this.options);
    const cleanup = await deleteFileQuietly(activities, name, this.options, hintsForUploaded(state));
    if (cleanup === 'failed')
      this.leftUntil = Math.max(this.leftUntil, expiryOf({ expirationTime }, state.uploadedAt));
    return cleanup;
  }

  /** Deletes what attempts at an upload may have created, or may still create. Never throws. */
  async deleteUploaded({ name, runs }: CarriedUpload): Promise<void> {
    if (runs.length === 0) return;
    const hints = hintsForFailedUpload(undefined, runs);
    const cleanup = await deleteFileQuietly(activitiesFor(this.options), name, this.options, hints);
    if (cleanup === 'failed') this.noteLeft(Date.now());
  }

  /** Notes that a file that an upload left could not be deleted. */
  noteLeft(now: number): void {
    this.leftUntil = Math.max(this.leftUntil, now + FILE_LIFETIME_MS);
  }

  /** `failed` as long as a file exists that could not be deleted. */
  cleanup(now: number): 'deleted' | 'failed' {
    return now < this.leftUntil ? 'failed' : 'deleted';
  }

  toData(): HeldFilesData {
    const { current, replaced, leftUntil } = this;
    return {
      ...(current && {
        current: { file: current.file, denied: current.denied, wait: toCarriedWait(current.state) },
      }),
      replaced: replaced.map(({ state, deleteAt }) => ({ wait: toCarriedWait(state), deleteAt })),
      leftUntil,
    };
  }
}
