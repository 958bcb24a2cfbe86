import type { Client, ScheduleHandle } from '@temporalio/client';
import type { Duration } from '../contract/duration.js';
import { TASK_QUEUE, WORKFLOW } from '../contract/names.js';
import { resolveSweepOptions, type SweepOptions, type SweepResult } from '../contract/sweep.js';

/** Options of `scheduleSweep`: those of the sweep, and those of its schedule. */
export interface ScheduleSweepOptions extends SweepOptions {
  /** Id of the Temporal schedule. @default 'gemini-files-sweep' */
  readonly scheduleId?: string;
  /** Time between two sweeps. @default '1h' */
  readonly every?: Duration;
  /**
   * Task queue of the sweep's workflow and activities. Name that of a host if all workers were started with `--host-queue`: then no
   * worker takes activities of the common queue.
   *
   * @default 'gemini-files'
   */
  readonly taskQueue?: string;
}

/** A sweep that cannot continue, such as after a rollback of its worker, must not keep the later ones from starting. */
const RUN_TIMEOUT = '1 day';

/**
 * Creates a Temporal Schedule that runs `sweepAbandonedFiles`; one sweep at a time.
 *
 * It covers runs that were terminated or timed out, of this package's own workflow types, `uploadAndWaitActive`,
 * `preuploadAndWaitActive` and `holdActiveFile`, however they were started. It does not cover workflows of yours that call the functions
 * inline, unless you name their types in `query`, which replaces the package's own.
 *
 * @param client - Temporal's client, which decides server, namespace and payload codec
 * @param options - the interval, and what the sweep covers
 * @throws InvalidOptionsError for the sweep's own options; ScheduleAlreadyRunning if the id is in use
 *
 * @example
 * ```ts
 * import { scheduleSweep } from 'temporal-gemini-files';
 *
 * const types = "'uploadAndWaitActive', 'preuploadAndWaitActive', 'holdActiveFile', 'transcribe'";
 * await scheduleSweep(client, { query: `WorkflowType IN (${types})` });
 * ```
 */
export async function scheduleSweep(
  client: Client,
  options: ScheduleSweepOptions = {},
): Promise<ScheduleHandle> {
  const { scheduleId = 'gemini-files-sweep', every = '1h', taskQueue = TASK_QUEUE, ...sweep } = options;
  resolveSweepOptions(sweep);
  return client.schedule.create<(input: SweepOptions) => Promise<SweepResult>>({
    scheduleId,
    spec: { intervals: [{ every: every as `${number}s` | number }] },
    policies: { overlap: 'SKIP' },
    action: {
      type: 'startWorkflow',
      workflowType: WORKFLOW.sweepAbandonedFiles,
      staticSummary: 'Delete the files of runs that were terminated or timed out',
      taskQueue,
      args: [sweep],
      workflowRunTimeout: RUN_TIMEOUT,
    },
  });
}
