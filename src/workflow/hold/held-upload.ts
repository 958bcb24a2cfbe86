/** An upload of a hold, from its attempts to the ACTIVE file. */

import { CancellationScope } from '@temporalio/workflow';
import type { ActiveFile } from '../../contract/file.js';
import type { ResolvedUploadOptions } from '../../contract/options.js';
import { leftInAttempt, type CarriedUpload } from '../carried-upload.js';
import { withUploadMetrics } from '../metrics.js';
import { run, type RunContext } from '../run.js';
import { RunStatus } from '../status.js';
import { HISTORY_LIMIT, isHistoryLong } from './history-limit.js';
import type { ParkedUpload } from './kept-file-data.js';

export class HeldUpload {
  private readonly scope = new CancellationScope();
  private readonly status: RunStatus;
  private attempt: CarriedUpload | undefined;

  /** @param onChange - called after each change that is shown */
  constructor(onChange: () => void) {
    this.status = new RunStatus('', false, onChange);
  }

  /** Whether the provider has the whole file. */
  get isUploaded(): boolean {
    return this.status.state !== null;
  }

  /** Whether a file exists that could not be deleted. */
  get isLeft(): boolean {
    return this.status.isLeft;
  }

  get isCancelled(): boolean {
    return this.scope.consideredCancelled;
  }

  /** The upload as the next run can go on with it, if an attempt is under way. */
  get open(): CarriedUpload | undefined {
    return this.attempt && leftInAttempt(this.attempt);
  }

  /**
   * @param parked - what the run before handed on
   * @param onLong - called if the history is long and the upload can continue in the next run: throws to continue as new with it
   */
  async run(
    options: ResolvedUploadOptions,
    parked: ParkedUpload | undefined,
    onLong: (upload: ParkedUpload) => Promise<void>,
  ): Promise<ActiveFile> {
    const context: RunContext = {
      isTopLevel: false,
      status: this.status,
      historyLimit: HISTORY_LIMIT,
      onHistoryLarge: (wait) => onLong({ wait }),
      ...(parked?.wait && { carried: parked.wait }),
      upload: {
        ...(parked?.upload && { carried: parked.upload }),
        onAttempt: (attempt) => void (this.attempt = attempt),
        onSlept: async (upload) => (isHistoryLong() ? onLong({ upload }) : undefined),
      },
    };
    return this.scope.run(() =>
      withUploadMetrics(() => run({ ...options, cleanupOnTimeout: true }, context)),
    );
  }

  cancel(): void {
    this.scope.cancel();
  }

  /** Ends the current sleep of any kind. */
  checkNow(): void {
    this.status.checkRequested = true;
  }

  /** Ends a sleep, so that the upload can continue in the next run. */
  hasten(): void {
    const { phase } = this.status;
    if (phase === 'processing' || phase === 'quota-wait') this.checkNow();
  }
}
