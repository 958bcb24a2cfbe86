/** A handle to one run. */

import type { WorkflowHandle } from '@temporalio/client';
import type { ActiveFile, UploadStatus } from '../contract/file.js';
import { CHECK_NOW_SIGNAL, STATUS_QUERY } from '../contract/names.js';
import type { UploadOptions } from '../contract/options.js';
import type { WaitOptions } from '../contract/wait-options.js';
import { fromWorkflowFailure } from './failures.js';
import { queryRun } from './query-run.js';

/**
 * A run of `uploadAndWaitActive` or `waitActive`. `GeminiFilesClient.start`, `startWait` and `attach` make it.
 *
 * @typeParam T - what the workflow returns: `ActiveFile`, or the `uri`
 */
export class UploadHandle<T = ActiveFile> {
  constructor(
    /** Temporal's handle, for everything else. */
    readonly workflow: WorkflowHandle<(input: UploadOptions | WaitOptions) => Promise<T>>,
  ) {}

  /** Id of the run's workflow. */
  get workflowId(): string {
    return this.workflow.workflowId;
  }

  /**
   * The run's result.
   *
   * @throws the contract's errors (`UploadInactiveError`, …); `WorkflowFailedError` if it was cancelled or terminated
   */
  async result(): Promise<T> {
    try {
      return await this.workflow.result();
    } catch (error) {
      throw fromWorkflowFailure(error);
    }
  }

  /**
   * The run's status, by a query: needs a running worker.
   *
   * @throws Temporal's own errors, such as one for a query that no worker answers
   */
  async status(): Promise<UploadStatus> {
    return queryRun<UploadStatus>(this.workflow, STATUS_QUERY);
  }

  /**
   * Ends the current sleep, so that the file is checked now.
   *
   * @throws WorkflowNotFoundError of Temporal if the run has ended
   */
  async checkNow(): Promise<void> {
    await this.workflow.signal(CHECK_NOW_SIGNAL);
  }

  /**
   * Requests cancellation. The run deletes its file before it ends, unless `cleanupOnTimeout` is false. Returns at once: `result` rejects
   * when the run has ended.
   *
   * @throws WorkflowNotFoundError of Temporal if the run has ended
   */
  async cancel(): Promise<void> {
    await this.workflow.cancel();
  }
}
