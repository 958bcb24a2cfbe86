/** What the query, the signal and the Web UI see of a run. */

import { defineQuery, defineSignal, setCurrentDetails, setHandler } from '@temporalio/workflow';
import type { Cleanup } from '../contract/errors.js';
import type { UploadStatus } from '../contract/file.js';
import { CHECK_NOW_SIGNAL, STATUS_QUERY } from '../contract/names.js';

/** Query of a run: its phase, the file's id and state, and the times of the wait. */
export const uploadStatus = defineQuery<UploadStatus>(STATUS_QUERY);
/** Signal to a run: ends the current sleep, so that the file is checked at once. */
export const checkNow = defineSignal(CHECK_NOW_SIGNAL);

export class RunStatus {
  private status: UploadStatus;
  /** What became of the file. A cancelled run has no failure that could tell it, so the details do. */
  private cleanup: Cleanup | undefined;
  /** Set by `checkNow`; each sleep begins with it false. */
  checkRequested = false;

  /**
   * @param own - whether the run is a workflow of its own; inline, query, signal and details belong to the caller.
   * @param onUpdate - called after each change
   */
  constructor(
    id: string,
    private readonly own: boolean,
    private readonly onUpdate: () => void = () => {},
  ) {
    this.status = { phase: 'uploading', id, state: null, polls: 0, nextCheckAt: null, deadline: null };
    if (own) {
      setHandler(uploadStatus, () => this.status, {
        description: 'Phase of the run, state of the file, checks and the times of the wait',
      });
      setHandler(checkNow, () => void (this.checkRequested = true), {
        description: 'Ends the current sleep, so that the file is checked at once',
      });
    }
    this.show();
  }

  update(change: Partial<UploadStatus>): void {
    this.status = { ...this.status, ...change };
    this.show();
    this.onUpdate();
  }

  end(cleanup: Cleanup | undefined): void {
    this.cleanup = cleanup;
    this.update({ phase: 'done', nextCheckAt: null });
  }

  get id(): string {
    return this.status.id;
  }

  get phase(): UploadStatus['phase'] {
    return this.status.phase;
  }

  /** Whether a file exists that could not be deleted. */
  get isLeft(): boolean {
    return this.cleanup === 'failed';
  }

  get polls(): number {
    return this.status.polls;
  }

  get state(): UploadStatus['state'] {
    return this.status.state;
  }

  private show(): void {
    if (!this.own) return;
    const { phase, id, state, polls, nextCheckAt, deadline } = this.status;
    const lines = [
      `**${phase}** \`${id}\`\n`, // Temporal's Web UI shows a list only below an empty line
      state && `- state: ${state}`,
      `- checks: ${polls}`,
      nextCheckAt && `- next ${phase === 'quota-wait' ? 'upload' : 'check'}: ${readable(nextCheckAt)}`,
      deadline && `- deadline: ${readable(deadline)}`,
      this.cleanup && `- clean-up: ${this.cleanup}`,
    ];
    setCurrentDetails(lines.filter(Boolean).join('\n'));
  }
}

/** A time as the Web UI shows it. @param iso - as `2026-11-23T22:03:29.566Z` */
export function readable(iso: string): string {
  return iso.replace('T', ' ').replace(/(\.\d+)?Z$/, ' UTC');
}
