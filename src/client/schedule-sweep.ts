import type { Client, ScheduleHandle } from '@temporalio/client';
import type { Duration } from '../contract/duration.js';
import { defaulted, readOptions } from '../contract/fields.js';
import { duration, textOfBytes } from '../contract/kinds.js';
import { TASK_QUEUE, WORKFLOW } from '../contract/names.js';
import { taskQueue } from '../contract/options.js';
import { resolveSweepOptions, type SweepOptions, type SweepResult } from '../contract/sweep.js';

/** Options of `scheduleSweep`: those of the sweep, and those of its schedule. */
export interface ScheduleSweepOptions extends SweepOptions {
  /** Id of the Temporal schedule. @default 'gemini-files-sweep' */
  readonly scheduleId?: string;
  /** Time between two sweeps, 1 s to 365 days. @default '1h' */
  readonly every?: Duration;
  /**
   * Task queue of the sweep's workflow and activities. Name that of a host if all workers were started with `--host-queue`: then no
   * worker takes activities of the common queue.
   *
   * @default 'gemini-files'
   */
  readonly taskQueue?: string;
}

const YEAR_MS = 365 * 24 * 3600 * 1000;

/** With Temporal's own bounds, but for the longest interval. */
const SCHEDULE_FIELDS = {
  scheduleId: defaulted(textOfBytes(1000), 'gemini-files-sweep'),
  every: defaulted(duration(1000, YEAR_MS), '1h'),
  taskQueue: defaulted(taskQueue, TASK_QUEUE),
};

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
 * @throws InvalidOptionsError that names the option; ScheduleAlreadyRunning if the id is in use
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
  const { scheduleId, every, taskQueue } = readOptions(SCHEDULE_FIELDS, options);
  const sweep: SweepOptions = Object.fromEntries(
    Object.entries(options).filter(([name]) => !Object.hasOwn(SCHEDULE_FIELDS, name)),
  );
  resolveSweepOptions(sweep);
  return client.schedule.create<(input: SweepOptions) => Promise<SweepResult>>({
    scheduleId,
    spec: { intervals: [{ every }] },
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
