/**
 * The file of a hold: its upload, its renewals and its checks.
 *
 * K1. A renewal is another upload and wait, under a new name. Only one is under way at a time, and the old file is handed out meanwhile.
 * K2. Nobody is given a file that has less than a minute left, or that the provider was just found to deny.
 * K3. A renewal that fails is tried again until the old file expires; then its failure ends the hold. While the old file can be used, the
 *     upload has half of what is left of it; after that, its whole time.
 */

import { ensureTemporalFailure } from '@temporalio/common';
import { ContinueAsNew, log, patched } from '@temporalio/workflow';
import { FileChangedError } from '../../contract/errors.js';
import { toApplicationFailure } from '../../contract/failure.js';
import type { ActiveFile } from '../../contract/file.js';
import type { HoldPhase, HoldStatus, ResolvedHoldOptions } from '../../contract/hold.js';
import type { ResolvedUploadOptions } from '../../contract/options.js';
import type { CarriedUpload } from '../carried-upload.js';
import { waitOf } from '../deletion.js';
import { activitiesFor } from '../proxies.js';
import type { WaitState } from '../wait-state.js';
import { toHoldFailure } from './answers.js';
import { HeldFiles } from './held-files.js';
import { HeldUpload } from './held-upload.js';
import { toKeptFileData, type KeptFileData, type ParkedUpload } from './kept-file-data.js';
import { isDenied } from './recheck.js';
import { afterFailure, afterUpload, NO_RENEWAL } from './renewal.js';
import { isStale, renewalTime, renewalTimeout, usableUntil } from './schedule.js';
import type { Due, KeeperContext } from './tasks.js';

export class FileKeeper {
  private readonly files: HeldFiles;
  private renewal = NO_RENEWAL;
  private upload: HeldUpload | undefined;
  /** The upload that the run before handed on, or that this one is handing on. */
  private parked: ParkedUpload | undefined;
  /** Whether the file is to be checked, or is being checked, before it is handed out. */
  private check: 'wanted' | 'under way' | undefined;

  constructor(
    private readonly options: ResolvedHoldOptions,
    private readonly context: KeeperContext,
    data?: KeptFileData,
  ) {
    this.files = new HeldFiles(options.upload, data?.files);
    if (data) this.renewal = data.renewal;
    if (data?.check) this.check = 'wanted';
    if (data?.wait) this.parked = { wait: data.wait.state };
    else if (data?.upload) this.parked = { upload: data.upload.state.upload };
  }

  /** The file that can be handed out now; undefined too as long as it is to be checked before. */
  ready(now: number): ActiveFile | undefined {
    return this.check === undefined ? this.files.usable(now) : undefined;
  }

  /** The file as the query shows it. */
  usable(now: number): ActiveFile | undefined {
    return this.files.usable(now);
  }

  get firstActiveAt(): number | undefined {
    return this.renewal.firstActiveAt;
  }

  get isUploading(): boolean {
    return this.upload !== undefined || this.parked !== undefined;
  }

  /** The upload as the next run can go on with it, if an attempt is under way. */
  get openUpload(): CarriedUpload | undefined {
    return this.upload?.open;
  }

  /** When the next renewal begins; undefined if none is to be waited for. */
  get renewAt(): number | undefined {
    return this.files.current && !this.upload && !this.check ? this.renewal.renewAt : undefined;
  }

  get phase(): Exclude<HoldPhase, 'ending' | 'done'> {
    if (!this.files.current) {
      return this.upload?.isUploaded ? 'processing' : 'uploading';
    }
    const renews = this.upload || this.renewal.failures > 0 || !this.files.usable(Date.now());
    return renews ? 'renewing' : 'active';
  }

  get summary(): Pick<HoldStatus, 'renewals' | 'lastError'> {
    return { renewals: this.renewal.renewals, lastError: this.renewal.lastError };
  }

  /** Has the file checked before it is handed out to another caller, unless it was checked a moment ago. */
  checkIfStale(now: number): void {
    if (isStale(this.renewal.checkedAt, now)) this.wantCheck();
  }

  /** Ends the current sleep: of a wait, or of a renewal that failed; or checks the file. */
  checkNow(): void {
    const { parked } = this;
    if (this.upload) this.upload.checkNow();
    // A wait that begins in this task. Earlier versions forgot the signal.
    else if (parked?.wait && patched('check-now-before-first-task')) {
      this.parked = { wait: { ...parked.wait, nudged: true } };
    } else if (this.renewal.failures > 0) this.renewal = { ...this.renewal, renewAt: Date.now() };
    else this.wantCheck();
  }

  /** Ends the sleep of an upload, so that it can continue in the next run. */
  hastenWait(): void {
    this.upload?.hasten();
  }

  /**
   * Begins what is due.
   *
   * @param wanted - whether anybody needs the file: else it is not uploaded
   */
  begin(now: number, wanted: boolean): void {
    const { tasks } = this.context;
    const { nextDelete = Infinity } = this.files;
    if (nextDelete <= now) tasks.begin(() => this.files.deleteReplaced(now));
    if (this.check === 'under way') return;
    const isDue = this.parked || (wanted && (!this.files.current || now >= this.renewal.renewAt));
    if (isDue && !this.upload) {
      if (this.check && !this.checksBesideUpload(now)) this.check = undefined;
      this.startUpload(this.parked);
      this.parked = undefined;
    }
    if (this.check === 'wanted') {
      this.check = 'under way';
      tasks.begin(() => this.checkFile());
    }
  }

  /** What is due next, apart from the renewal. */
  due(now: number): (Due | undefined)[] {
    const { nextDelete } = this.files;
    return [
      nextDelete === undefined
        ? undefined
        : { at: nextDelete, summary: 'until the replaced file is deleted' },
      this.files.usable(now) && {
        at: usableUntil(this.files.expiresAt),
        summary: 'until the file is about to expire',
      },
    ];
  }

  /** Ends what is under way, and deletes every file. */
  async end(): Promise<'deleted' | 'failed'> {
    this.upload?.cancel();
    await this.context.tasks.settled();
    await this.files.deleteAll();
    if (this.parked?.wait) await this.files.delete(this.parked.wait);
    if (this.parked?.upload) await this.files.deleteUploaded(this.parked.upload);
    return this.files.cleanup(Date.now());
  }

  toData(upload?: ParkedUpload): KeptFileData {
    this.parked = upload;
    const { files, renewal, check } = this;
    return toKeptFileData({ files: files.toData(), renewal, isCheckWanted: check !== undefined }, upload);
  }

  /** What the next run has to know if it is a new hold: that a file of this one could not be deleted. */
  toDataOfNewHold(): KeptFileData | undefined {
    const { leftUntil } = this.files.toData();
    if (leftUntil <= Date.now()) return undefined;
    return { files: { replaced: [], leftUntil }, renewal: NO_RENEWAL };
  }

  private wantCheck(): void {
    if (this.files.current && (!this.upload || this.checksBesideUpload(Date.now()))) this.check ??= 'wanted';
  }

  /** Whether an upload that is under way leaves a file to check. Earlier versions handed it out unchecked. */
  private checksBesideUpload(now: number): boolean {
    return this.files.usable(now) !== undefined && patched('check-beside-upload');
  }

  private startUpload(parked?: ParkedUpload): void {
    const { tasks, onChange, onLong } = this.context;
    const upload = new HeldUpload(onChange);
    this.upload = upload;
    tasks.begin(async () => {
      try {
        await this.accept(await upload.run(this.uploadOptions(), parked, onLong));
      } catch (error) {
        if (error instanceof ContinueAsNew) throw error;
        if (upload.isLeft) this.files.noteLeft(Date.now());
        if (!upload.isCancelled) this.noteFailure(ensureTemporalFailure(error));
      } finally {
        this.upload = undefined;
      }
    });
  }

  private uploadOptions(): ResolvedUploadOptions {
    const { upload } = this.options;
    const now = Date.now();
    if (!this.files.current) return upload;
    // The old file is denied, or expired while no worker was there: the upload need not end before it expires.
    if (!this.files.usable(now) && patched('renewal-of-unusable-file')) return upload;
    return { ...upload, uploadTimeout: renewalTimeout(upload.uploadTimeout, this.files.expiresAt, now) };
  }

  private async accept(file: ActiveFile): Promise<void> {
    const state = waitOf(file) as WaitState;
    const { current } = this.files;
    if (current && current.file.sha256 !== file.sha256) {
      const cleanup = await this.files.delete(state);
      const message = `The content changed since the hold began: SHA-256 ${file.sha256}, not ${current.file.sha256}`;
      throw toApplicationFailure(new FileChangedError(message, { id: file.id, cleanup }));
    }
    const now = Date.now();
    this.files.replace(file, state, now + this.options.grace);
    // A check that is under way is one of the old file.
    this.check = undefined;
    const renewAt = renewalTime(this.files.expiresAt, now, this.options.renewBefore);
    this.renewal = afterUpload(this.renewal, { isFirst: !current, now, renewAt });
    log.info(current ? 'The held file was renewed' : 'The file is held', { file: file.id });
  }

  /** @throws the failure if it ends the hold (K3) */
  private noteFailure(failure: Error): void {
    const now = Date.now();
    const { current, expiresAt } = this.files;
    if (!current || now >= expiresAt) throw failure;
    const { type, message } = toHoldFailure(failure);
    this.renewal = afterFailure(this.renewal, { error: { type, message }, now, expiresAt });
    log.warn('The renewal of the held file failed', { type, attempts: this.renewal.failures });
  }

  private async checkFile(): Promise<void> {
    const { current } = this.files;
    const isReplaced = () => this.files.current?.file.id !== current?.file.id;
    try {
      const activities = activitiesFor(this.options.upload);
      const denied = current && (await isDenied(current.state, this.options.upload, activities));
      if (isReplaced()) return;
      const now = Date.now();
      if (denied) this.files.deny();
      this.renewal = { ...this.renewal, checkedAt: now, ...(denied && { renewAt: now }) };
    } finally {
      if (!isReplaced()) this.check = undefined;
    }
  }
}
