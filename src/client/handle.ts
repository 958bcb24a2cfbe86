/** One run, as a program holds it. */

import type { WorkflowHandle } from '@temporalio/client';
import type { ActiveFile, UploadStatus } from '../contract/file.js';
import { CHECK_NOW_SIGNAL, STATUS_QUERY } from '../contract/names.js';
import type { UploadOptions } from '../contract/options.js';
import { fromWorkflowFailure } from './failures.js';

/** @typeParam T - what the workflow returns: `ActiveFile`, or the `uri` */
export class UploadHandle<T = ActiveFile> {
  constructor(
    /** Temporal's own handle, for all that is not here. */
    readonly workflow: WorkflowHandle<(input: UploadOptions) => Promise<T>>,
  ) {}

  get workflowId(): string {
    return this.workflow.workflowId;
  }

  /**
   * The run's result.
   *
   * @throws the contract's errors (`UploadInactiveError`, …); `WorkflowFailedError` where it was cancelled or terminated
   */
  async result(): Promise<T> {
    try {
      return await this.workflow.result();
    } catch (error) {
      throw fromWorkflowFailure(error);
    }
  }

  /** Where the run is; needs a worker that answers. */
  async status(): Promise<UploadStatus> {
    return this.workflow.query<UploadStatus>(STATUS_QUERY);
  }

  /** Ends the current sleep: the file is checked at once. */
  async checkNow(): Promise<void> {
    await this.workflow.signal(CHECK_NOW_SIGNAL);
  }

  /** Asks the run to end; it deletes the file first, unless `cleanupOnTimeout` is false. */
  async cancel(): Promise<void> {
    await this.workflow.cancel();
  }
}
