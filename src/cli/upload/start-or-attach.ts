/** The run of a file: the open one, or one that is started. */

import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { GeminiFilesClient, type UploadHandle } from '../../client/index.js';
import type { UploadOptions } from '../../contract/options.js';
import type { CommandContext } from '../command-context.js';
import { chooseRun, type ChosenRun } from './choose-run.js';
import type { RunId } from './run-id.js';

export interface RunChoice {
  /** Start a run also if one of this file is open. */
  readonly new?: boolean;
  /** For a detached process: the workflow id that the first process has chosen. */
  readonly as?: string;
}

/** @param taskQueue - of a run that is started */
export async function startOrAttach(
  context: CommandContext,
  id: RunId,
  options: UploadOptions,
  taskQueue: string,
  choice: RunChoice,
): Promise<UploadHandle> {
  const files = new GeminiFilesClient(context.client, { taskQueue });
  const { path, source, ...settings } = options;
  const from = path === undefined ? { source } : { path };
  for (;;) {
    const { workflowId, open } = await context.interrupt.race(chooseAndSay(context, id, choice));
    if (open) return files.attach(workflowId);
    try {
      const workflowIdConflictPolicy = choice.new ? 'FAIL' : 'USE_EXISTING';
      return await files.start(from, settings, { workflowId, workflowIdConflictPolicy });
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
