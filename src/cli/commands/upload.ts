import { resolveUploadOptions, type UploadOptions } from '../../contract/options.js';
import { TASK_QUEUE } from '../../contract/names.js';
import { withCommandContext, type CommandContext } from '../command-context.js';
import { EXIT } from '../exit.js';
import { installInterruptHandler } from '../terminal/interrupt.js';
import { createOutput, table } from '../terminal/output.js';
import { toOrigin } from '../upload/argument.js';
import { runDetached } from '../upload/detach.js';
import { examineFile, settingsToExamine } from '../upload/examine-file.js';
import { toUploadOptions } from '../upload/flags.js';
import { follow } from '../upload/follow.js';
import { preloadWorker, withInlineWorker, withWorkflows } from '../upload/inline-worker.js';
import { planUpload, type CommandFlags } from '../upload/plan.js';
import { isUploadQueue, toRunId, type RunId } from '../upload/run-id.js';
import { fetchNotedLink } from '../upload/run-link.js';
import { afterwardsOf, chooseAndSay, startOrAttach } from '../upload/start-or-attach.js';

export interface UploadCommandFlags extends CommandFlags {
  readonly concurrency: number;
}

export async function upload(
  given: string,
  allFlags: UploadCommandFlags,
  args: readonly string[],
): Promise<number> {
  // A detached process also has the flags of the one that has started it.
  const flags = allFlags.as === undefined ? allFlags : { ...allFlags, detach: false, new: false };
  const origin = await toOrigin(given);
  const options = toUploadOptions(origin, flags);
  resolveUploadOptions(options);
  const plan = await planUpload(flags);

  const output = createOutput(flags.json ?? false);
  using interrupt = installInterruptHandler();
  const settings = settingsToExamine(plan, flags);
  const fingerprint = await interrupt.race(examineFile({ given, options }, settings, interrupt.signal));
  return await withCommandContext(
    plan,
    { output, interrupt },
    async (context) => {
      const id = toRunId(origin, fingerprint, context.endpoint);
      if (flags.detach && context.devServer) {
        const { workflowId } = await interrupt.race(chooseAndSay(context, id, flags));
        return runDetached(context, workflowId, args);
      }
      return flags.worker && !flags.detach
        ? runInline(context, id, options, flags)
        : startRemote(context, id, options, flags);
    },
    flags.detach ? undefined : () => void preloadWorker(),
  );
}

/** Starts the worker before the run: if the worker cannot start, it leaves no run behind. */
async function runInline(
  context: CommandContext,
  id: RunId,
  options: UploadOptions,
  flags: UploadCommandFlags,
): Promise<number> {
  const { taskQueue } = id;
  return withInlineWorker(context, { ...flags, taskQueue, file: options }, async (host) => {
    const run = await startOrAttach(context, id, options, taskQueue, flags);
    const { handle, taskQueue: queue } = run;
    const worksOnIt = isUploadQueue(queue, id);
    const finish = () =>
      follow(handle, context, {
        ownTaskQueue: worksOnIt ? queue : taskQueue,
        afterwards: afterwardsOf(run, options),
      });
    // An earlier command may have started the run as one of several.
    return worksOnIt && queue !== taskQueue ? withWorkflows(host, queue, finish) : finish();
  });
}

/** Leaves the work to the workers of the configured Temporal, which poll the common queue. */
async function startRemote(
  context: CommandContext,
  id: RunId,
  options: UploadOptions,
  flags: UploadCommandFlags,
): Promise<number> {
  const run = await startOrAttach(context, id, options, TASK_QUEUE, flags);
  const { handle } = run;
  if (!flags.detach) return follow(handle, context, { afterwards: afterwardsOf(run, options) });
  const link = await fetchNotedLink(context, handle.workflow);
  context.output.result(
    link,
    table([
      ['id', link.workflowId],
      ['run', link.webUrl],
    ]),
  );
  return EXIT.done;
}
