/** The run that a command follows: the open one of its file or of its wait, or one that it starts. */

import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { GeminiFilesClient, type UploadHandle } from '../../client/index.js';
import type { UploadOptions } from '../../contract/options.js';
import type { WaitOptions } from '../../contract/wait-options.js';
import type { CommandContext } from '../command-context.js';
import type { FileAfterwards } from '../terminal/deadline-warning.js';
import { chooseRun, type ChosenRun } from './choose-run.js';
import type { RunId } from './run-id.js';

export interface RunChoice {
  /** Start a run also if one of this file is open. */
  readonly new?: boolean;
  /** For a detached process: the workflow id that the first process has chosen. `--detach` and `--new` were for that one. */
  readonly as?: string;
}

export interface FollowedRun {
  readonly handle: UploadHandle;
  /** The run's own task queue: an earlier command may have started it on another one. */
  readonly taskQueue: string;
  /** Whether it was open already, with options of its own. */
  readonly attached: boolean;
}

/** What becomes of the run's file on timeout, if it is known. @param options - of a run that is started */
export function afterwardsOf(
  { attached }: FollowedRun,
  { cleanupOnTimeout = true }: Pick<UploadOptions, 'cleanupOnTimeout'>,
): FileAfterwards {
  if (attached) return undefined;
  return cleanupOnTimeout ? 'deleted' : 'kept';
}

type Context = Pick<CommandContext, 'client' | 'output' | 'interrupt'>;

/** @param taskQueue - of a run that is started */
export function startOrAttach(
  context: Context,
  id: RunId,
  { path, source, ...settings }: UploadOptions,
  taskQueue: string,
  choice: RunChoice,
): Promise<FollowedRun> {
  const from = path === undefined ? { source } : { path };
  return attachOrStart(
    context,
    taskQueue,
    () => chooseAndSay(context, id, choice),
    (files, workflowId) => files.start(from, settings, { workflowId, workflowIdConflictPolicy: 'FAIL' }),
  );
}

/** The same of a wait. A run that is being cancelled, or that cleans up, returns no file any more. */
export function startOrAttachWait(
  context: Context,
  { workflowId }: RunId,
  { id, ...settings }: WaitOptions,
  taskQueue: string,
): Promise<FollowedRun> {
  const { client, output } = context;
  const choose = async () => {
    const run = await chooseRun(new GeminiFilesClient(client), workflowId, false);
    if (run.open) output.say(`Attached to the open run of this wait: ${run.workflowId}`);
    else for (const other of run.besides) output.say(`${other}: starting another wait for this file.`);
    return run;
  };
  return attachOrStart(context, taskQueue, choose, (files, workflowId) =>
    files.startWait(id, settings, { workflowId, workflowIdConflictPolicy: 'FAIL' }),
  );
}

async function attachOrStart(
  { client, interrupt }: Context,
  taskQueue: string,
  choose: () => Promise<ChosenRun>,
  start: (files: GeminiFilesClient, workflowId: string) => Promise<UploadHandle>,
): Promise<FollowedRun> {
  const files = new GeminiFilesClient(client, { taskQueue });
  for (;;) {
    const { workflowId, open } = await interrupt.race(choose());
    if (open) {
      const handle = files.attach(workflowId);
      return { handle, taskQueue: (await handle.workflow.describe()).taskQueue, attached: true };
    }
    try {
      return { handle: await start(files, workflowId), taskQueue, attached: false };
    } catch (error) {
      // Another command has started a run under this id in between.
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  }
}

export async function chooseAndSay(
  { client, output }: Pick<CommandContext, 'client' | 'output'>,
  { workflowId: fileId }: RunId,
  choice: RunChoice,
): Promise<ChosenRun> {
  const files = new GeminiFilesClient(client);
  const run = await chooseRun(files, choice.as ?? fileId, choice.new ?? false);
  if (run.open)
    output.say(
      `Attached to the open run of this file, with the options it was started with: ${run.workflowId} (--new starts another)`,
    );
  else for (const other of run.besides) output.say(`${other}: starting another run of this file.`);
  return run;
}
