import { Option, type Command } from 'commander';
import { resolveUploadOptions, type UploadOptions } from '../../contract/options.js';
import { TASK_QUEUE } from '../../contract/names.js';
import { withCommandContext, type CommandContext } from '../command-context.js';
import { EXIT } from '../exit-code.js';
import { installInterruptHandler } from '../terminal/interrupt.js';
import { createOutput, table } from '../terminal/output.js';
import { toOrigin } from '../upload/argument.js';
import { concurrencyArgument, DEFAULT_CONCURRENCY } from '../upload/concurrency.js';
import { runDetached } from '../upload/detach.js';
import { addTemporalFlags } from '../temporal-target.js';
import { examineFile, settingsToExamine } from '../upload/examine-file.js';
import { addUploadFlags, toUploadOptions } from '../upload/flags.js';
import { follow } from '../upload/follow.js';
import { preloadWorker, withInlineWorker, withWorker } from '../upload/inline-worker.js';
import { planUpload, type CommandFlags } from '../upload/plan.js';
import { batchQueue, toRunId, type RunId } from '../upload/run-id.js';
import { fetchRunLink } from '../upload/run-link.js';
import { afterwardsOf, chooseAndSay, startOrAttach } from '../upload/start-or-attach.js';
import { addUnreachableFlag } from '../upload/unreachable-flag.js';
import type { ToAction } from './to-action.js';

interface Flags extends CommandFlags {
  readonly concurrency: number;
}

interface CommandLine {
  /** All arguments, including the command's name. */
  readonly args: readonly string[];
  /** The file to upload if no path is given; without it, the path is required. */
  readonly defaultPath?: string;
}

const FILES = 'files to upload, each a path, https://…, or NAME:KEY of a source that the configuration names';

export function addUploadCommand(
  program: Command,
  toAction: ToAction,
  { args, defaultPath }: CommandLine,
): void {
  const command = program.command('upload').description('upload files and wait until they are ACTIVE');
  if (defaultPath === undefined) command.argument('<path...>', FILES);
  else command.argument('[path...]', FILES, [defaultPath]);
  addUnreachableFlag(addTemporalFlags(addUploadFlags(command)))
    .option('--detach', 'start the run, print its id and leave')
    .option('--new', 'start another run, also if one of this file is open')
    .addOption(new Option('--as <id>').hideHelp())
    .option('--no-worker', `leave the work to workers on the task queue ${TASK_QUEUE}`)
    .addOption(
      new Option('--concurrency <number>', 'of several files, how many are uploaded or waited for at a time')
        .default(DEFAULT_CONCURRENCY)
        .argParser(concurrencyArgument),
    )
    .option('--config <file>', 'configuration file')
    .option('--json', 'print the result as JSON on stdout; of several files, a line for each as it ends')
    .option('--verbose', "Temporal's log at INFO")
    .addHelpText(
      'after',
      `
Several files: all are looked at before the first byte is sent. If one cannot be uploaded, nothing is sent. Exits with 0
if all are ACTIVE, with 3 if the only failures are files that were not ACTIVE in time, and otherwise with 1.`,
    )
    .action(
      toAction(async (paths: readonly string[], flags: Flags, { args: given }: Command) => {
        const [path = '', ...more] = paths;
        // Other commands start without it.
        if (more.length > 0) return (await import('../upload/batch.js')).uploadBatch(paths, flags);
        return upload(path, flags, given.length === 0 ? [...args, path] : args);
      }),
    );
}

async function upload(given: string, flags: Flags, args: readonly string[]): Promise<number> {
  const origin = await toOrigin(given);
  const options = toUploadOptions(origin, flags);
  resolveUploadOptions(options);
  const plan = await planUpload(flags);

  const output = createOutput(flags.json ?? false);
  const interrupt = installInterruptHandler();
  try {
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
  } finally {
    interrupt.remove();
  }
}

/** Starts the worker before the run: if the worker cannot start, it leaves no run behind. */
async function runInline(
  context: CommandContext,
  id: RunId,
  options: UploadOptions,
  flags: Flags,
): Promise<number> {
  const { taskQueue } = id;
  return withInlineWorker(context, { ...flags, taskQueue, file: options }, async (host) => {
    const run = await startOrAttach(context, id, options, taskQueue, flags);
    const { handle, taskQueue: queue } = run;
    const finish = () =>
      follow(handle, context, {
        // An earlier command may have started the run as one of several.
        ownTaskQueue: queue === batchQueue() ? queue : taskQueue,
        afterwards: afterwardsOf(run, options),
      });
    return queue === batchQueue()
      ? withWorker(host, { taskQueue: queue, tasks: 'workflows' }, finish)
      : finish();
  });
}

/** Leaves the work to the workers of the configured Temporal, which poll the common queue. */
async function startRemote(
  context: CommandContext,
  id: RunId,
  options: UploadOptions,
  flags: Flags,
): Promise<number> {
  const run = await startOrAttach(context, id, options, TASK_QUEUE, flags);
  const { handle } = run;
  if (!flags.detach) return follow(handle, context, { afterwards: afterwardsOf(run, options) });
  const link = await fetchRunLink(context, handle.workflow);
  context.output.result(
    link,
    table([
      ['id', link.workflowId],
      ['run', link.webUrl],
    ]),
  );
  return EXIT.done;
}
