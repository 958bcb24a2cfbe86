import { resolveWaitOptions } from '../../contract/wait-options.js';
import { TASK_QUEUE } from '../../contract/names.js';
import { invalidOption } from '../../contract/invalid-option.js';
import { withCommandContext, type CommandContext } from '../command-context.js';
import { mistakeInFileName } from '../file-name-argument.js';
import { installInterruptHandler } from '../terminal/interrupt.js';
import { createOutput } from '../terminal/output.js';
import { toWaitOptions } from '../upload/flags.js';
import { follow } from '../upload/follow.js';
import { preloadWorker, withInlineWorker } from '../upload/inline-worker.js';
import { planUpload, type CommandFlags } from '../upload/plan.js';
import { toWaitRunId } from '../upload/run-id.js';
import { startOrAttachWait } from '../upload/start-or-attach.js';

export async function wait(id: string, flags: CommandFlags): Promise<number> {
  const options = toWaitOptions(id, flags);
  const mistake = mistakeInFileName(options.id);
  if (mistake !== undefined) throw invalidOption('id', mistake);
  resolveWaitOptions(options);
  const plan = await planUpload(flags);
  const { json = false, verbose = false, worker, unreachableTimeout } = flags;
  const output = createOutput(json);
  using interrupt = installInterruptHandler();
  const work = async (context: CommandContext) => {
    const run = toWaitRunId(options, context.endpoint);
    const finish = async (taskQueue: string, own?: string) => {
      const { handle } = await startOrAttachWait(context, run, options, taskQueue);
      // A wait with other options would be another run.
      const afterwards = options.cleanupOnTimeout ? 'deleted by flag' : 'kept';
      return follow(handle, context, { afterwards, ...(own !== undefined && { ownTaskQueue: own }) });
    };
    if (!worker) return finish(TASK_QUEUE);
    const { taskQueue } = run;
    return withInlineWorker(context, { taskQueue, verbose, unreachableTimeout }, () =>
      finish(taskQueue, taskQueue),
    );
  };
  return await withCommandContext(
    plan,
    { output, interrupt },
    work,
    worker ? () => void preloadWorker() : undefined,
  );
}
