import { GeminiFilesClient, type UploadHandle } from '../../client/index.js';
import type { WaitOptions } from '../../contract/wait-options.js';
import type { CommandContext } from '../command-context.js';
import { chooseRun } from './choose-run.js';
import type { RunId } from './run-id.js';

/** The open run of this wait, or one that is started: a run that is being cancelled, or that cleans up, returns no file any more. */
export async function startOrAttachWait(
  { client, output, interrupt }: Pick<CommandContext, 'client' | 'output' | 'interrupt'>,
  { workflowId: waitId }: RunId,
  { id, ...settings }: WaitOptions,
  taskQueue: string,
): Promise<UploadHandle> {
  const files = new GeminiFilesClient(client, { taskQueue });
  const { workflowId, open, besides } = await interrupt.race(chooseRun(files, waitId, false));
  if (open) {
    output.say(`Attached to the open run of this wait: ${workflowId}`);
    return files.attach(workflowId);
  }
  for (const other of besides) output.say(`${other}: starting another wait for this file.`);
  return files.startWait(id, settings, { workflowId, workflowIdConflictPolicy: 'USE_EXISTING' });
}
