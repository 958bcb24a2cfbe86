/** A run that waits for a worker which is not there waits silently: tells the user. */

import type { WorkflowExecutionDescription, WorkflowHandle } from '@temporalio/client';
import { optionalTsToDate } from '@temporalio/common/lib/time.js';
import { isScheduled } from '../../client/pending-activities.js';
import type { CommandContext } from '../command-context.js';
import { commandLine } from '../own-command.js';
import { freshPollers, type SeenPollers, type Tasks } from '../pollers.js';

/** A worker that has just started is visible as a poller after this time. */
const UNATTENDED_MS = 5000;
/** Time between two later looks: a worker may end in the middle of a run. */
const UNATTENDED_AGAIN_MS = 30_000;

/** Queue and tasks for which a run needs a worker now. */
export interface Need {
  readonly taskQueue: string;
  readonly tasks: Tasks;
}

/** @param ownTaskQueue - on which this process works on workflows */
export function needsOf(
  { taskQueue, raw }: Pick<WorkflowExecutionDescription, 'taskQueue' | 'raw'>,
  ownTaskQueue?: string,
): Need[] {
  const queues = (raw.pendingActivities ?? [])
    .filter(isScheduled)
    // Servers before 1.28 do not tell the queue.
    .flatMap(({ activityOptions }) => activityOptions?.taskQueue?.name || []);
  return [
    ...(taskQueue === ownTaskQueue ? [] : [{ taskQueue, tasks: 'workflows' } as const]),
    ...[...new Set(queues)].map((taskQueue) => ({ taskQueue, tasks: 'activities' }) as const),
  ];
}

/** A run's first workflow task is scheduled with its start. Between the two, its signals may be stored. */
const FIRST_TASK_MS = 500;
/** `PENDING_WORKFLOW_TASK_STATE_SCHEDULED`: no worker has taken it. */
const SCHEDULED = 1;

/** Whether the run's first workflow task waits. A worker that was killed counts as a poller for minutes. */
function isUntaken({ startTime, raw }: Pick<WorkflowExecutionDescription, 'startTime' | 'raw'>): boolean {
  const { state, scheduledTime } = raw.pendingWorkflowTask ?? {};
  const scheduled = optionalTsToDate(scheduledTime);
  return Number(state) === SCHEDULED && Number(scheduled) - Number(startTime) < FIRST_TASK_MS;
}

export type WatchContext = Pick<CommandContext, 'client' | 'temporal' | 'output' | 'devServer'>;

/** Looks until it is stopped. @returns a function that stops it */
export function warnIfUnattended(
  { workflow }: { readonly workflow: Pick<WorkflowHandle, 'describe'> },
  { client, temporal, output, devServer }: WatchContext,
  ownTaskQueue: string | undefined,
): () => void {
  const warned = new Set<string>();
  const seen: SeenPollers = new Map();
  const look = async () => {
    const description = await workflow.describe();
    const known = { seen, serverMs: description.startTime.getTime() };
    for (const { taskQueue, tasks } of needsOf(description, ownTaskQueue)) {
      const need = `${tasks} ${taskQueue}`;
      if (warned.has(need)) continue;
      const pollers = await freshPollers(client.workflowService, temporal.namespace, taskQueue, tasks, known);
      const hasPollers = pollers.length > 0;
      if (hasPollers && !(tasks === 'workflows' && isUntaken(description))) continue;
      warned.add(need);
      const remedy = devServer
        ? `. The embedded server has only those of upload and wait: press Ctrl-C, and repeat the command${tasks === 'activities' ? ' without --task-queue' : ''}.`
        : ` (${commandLine('worker', ['--task-queue', taskQueue])}).`;
      output.say(
        hasPollers
          ? `No worker has taken this run yet: the workers of its task queue ${taskQueue} are busy, or were killed. The run waits for one${remedy}`
          : `No worker takes ${tasks} from the task queue ${taskQueue} of this run: it waits for one${remedy}`,
      );
    }
  };
  const lookQuietly = () => void look().catch(() => undefined);
  const first = setTimeout(lookQuietly, UNATTENDED_MS);
  const later = setInterval(lookQuietly, UNATTENDED_AGAIN_MS);
  return () => {
    clearTimeout(first);
    clearInterval(later);
  };
}
