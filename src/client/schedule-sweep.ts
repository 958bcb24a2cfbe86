import type { Client, ScheduleHandle } from '@temporalio/client';
import type { Duration } from '../contract/duration.js';
import { TASK_QUEUE, WORKFLOW } from '../contract/names.js';
import { resolveSweepOptions, type SweepOptions, type SweepResult } from '../contract/sweep.js';

export interface ScheduleSweepOptions extends SweepOptions {
  /** @default 'gemini-files-sweep' */
  readonly scheduleId?: string;
  /** @default '1h' */
  readonly every?: Duration;
  /** Task queue of the sweep's workflow and activities. @default 'gemini-files' */
  readonly taskQueue?: string;
}

/**
 * Creates a Temporal Schedule that runs `sweepAbandonedFiles`; one sweep at a time.
 *
 * By default it covers runs of this package's own workflow types, `uploadAndWaitActive` and `preuploadAndWaitActive`. It does
 * not cover workflows of yours that call the functions inline: create another schedule for them, with another `scheduleId` and a
 * filter that names their types, such as `query: "WorkflowType = 'transcribe'"`.
 *
 * @throws InvalidOptionsError for the sweep's own options; ScheduleAlreadyRunning if the id is in use
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
    action: { type: 'startWorkflow', workflowType: WORKFLOW.sweepAbandonedFiles, taskQueue, args: [sweep] },
  });
}
