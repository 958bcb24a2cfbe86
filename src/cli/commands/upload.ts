import { WorkflowExecutionAlreadyStartedError } from '@temporalio/client';
import { Option, type Command } from 'commander';
import { GeminiFilesClient, type UploadHandle } from '../../client/index.js';
import { resolveUploadOptions, type UploadOptions } from '../../contract/options.js';
import { TASK_QUEUE } from '../../contract/names.js';
import { loadSdk } from '../../gemini/sdk.js';
import { loadWorkerSdk } from '../../worker/load-sdk.js';
import {
  assertKey,
  planCommand,
  withCommandContext,
  type CommandContext,
  type CommandPlan,
} from '../command-context.js';
import { UsageError } from '../errors.js';
import { EXIT } from '../exit-code.js';
import { installInterruptHandler } from '../terminal/interrupt.js';
import { createOutput, table } from '../terminal/output.js';
import { fingerprintOf, toOrigin } from '../upload/argument.js';
import { chooseRun, type ChosenRun } from '../upload/choose-run.js';
import { runDetached } from '../upload/detach.js';
import { addTemporalFlags, configuredTemporal, type TemporalFlags } from '../temporal-target.js';
import { addUploadFlags, toUploadOptions, type UploadFlags } from '../upload/flags.js';
import { follow } from '../upload/follow.js';
import { preloadWorker, withInlineWorker } from '../upload/inline-worker.js';
import { toRunId, type RunId } from '../upload/run-id.js';
import { fetchRunLink } from '../upload/run-link.js';
import { addUnreachableFlag } from '../upload/unreachable-flag.js';
import type { ToAction } from './to-action.js';

interface Flags extends UploadFlags, TemporalFlags {
  readonly json?: boolean;
  readonly detach?: boolean;
  /** `--no-worker` */
  readonly worker: boolean;
  readonly config?: string;
  readonly verbose?: boolean;
  /** Start a run also if one of this file is open. */
  readonly new?: boolean;
  /** For a detached process: the workflow id that the first process has chosen. */
  readonly as?: string;
  /** In milliseconds. */
  readonly unreachableTimeout?: number;
}

interface CommandLine {
  /** All arguments, including the command's name. */
  readonly args: readonly string[];
  /** The file to upload if no path is given; without it, the path is required. */
  readonly defaultPath?: string;
}

const FILE = 'file to upload: a path, https://…, or NAME:KEY of a source that the configuration names';

export function addUploadCommand(
  program: Command,
  toAction: ToAction,
  { args, defaultPath }: CommandLine,
): void {
  const command = program.command('upload').description('upload a file and wait until it is ACTIVE');
  if (defaultPath === undefined) command.argument('<path>', FILE);
  else command.argument('[path]', FILE, defaultPath);
  addUnreachableFlag(addTemporalFlags(addUploadFlags(command)))
    .option('--detach', 'start the run, print its id and leave')
    .option('--new', 'start another run, also if one of this file is open')
    .addOption(new Option('--as <id>').hideHelp())
    .option('--no-worker', `leave the work to workers on the task queue ${TASK_QUEUE}`)
    .option('--config <file>', 'configuration file')
    .option('--json', 'print the result as JSON on stdout')
    .option('--verbose', "Temporal's log at INFO")
    .action(
      toAction((path: string, flags: Flags, { args: given }: Command) =>
        upload(path, flags, given.length === 0 ? [...args, path] : args),
      ),
    );
}

async function upload(given: string, flags: Flags, args: readonly string[]): Promise<number> {
  const origin = await toOrigin(given);
  const options = toUploadOptions(origin, flags);
  resolveUploadOptions(options);
  const fingerprint = await fingerprintOf(given, origin);
  const plan = await planUpload(flags);

  const output = createOutput(flags.json ?? false);
  const interrupt = installInterruptHandler();
  try {
    return await withCommandContext(
      plan,
      { output, interrupt },
      async (context) => {
        const id = toRunId(origin.path ?? origin.source, fingerprint, context.endpoint);
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

/**
 * Before anything is started.
 *
 * @throws UsageError, MissingCredentialsError or MissingDependencyError if the command cannot do the work that it is to do itself
 */
export async function planUpload({
  worker,
  detach = false,
  config,
  credentials,
  ...flags
}: Flags): Promise<CommandPlan> {
  const plan = planCommand(config, credentials, configuredTemporal(flags));
  if (!plan.temporal && !worker) {
    throw new UsageError(
      '--no-worker needs a Temporal server that has workers of its own; none is configured (--address, TEMPORAL_ADDRESS, TEMPORAL_PROFILE)',
    );
  }
  // On the embedded server, a detached run has its worker in a process of its own, which also needs the key and the SDK.
  if (!plan.temporal || (worker && !detach)) {
    assertKey(plan);
    await loadSdk();
    await loadWorkerSdk();
  }
  return plan;
}

/** Starts the worker before the run: if the worker cannot start, it leaves no run behind. */
async function runInline(
  context: CommandContext,
  id: RunId,
  options: UploadOptions,
  flags: Flags,
): Promise<number> {
  const { taskQueue } = id;
  const { verbose = false, unreachableTimeout } = flags;
  return withInlineWorker(
    context,
    {
      taskQueue,
      verbose,
      unreachableTimeout,
      ...(options.path === undefined ? { source: options.source } : { path: options.path }),
    },
    async () => follow(await startOrAttach(context, id, options, taskQueue, flags), context, taskQueue),
  );
}

/** Leaves the work to the workers of the configured Temporal, which poll the common queue. */
async function startRemote(
  context: CommandContext,
  id: RunId,
  options: UploadOptions,
  flags: Flags,
): Promise<number> {
  const handle = await startOrAttach(context, id, options, TASK_QUEUE, flags);
  if (!flags.detach) return follow(handle, context);
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

async function startOrAttach(
  context: CommandContext,
  id: RunId,
  options: UploadOptions,
  taskQueue: string,
  flags: Flags,
): Promise<UploadHandle> {
  const files = new GeminiFilesClient(context.client, { taskQueue });
  const { path, source, ...settings } = options;
  const from = path === undefined ? { source } : { path };
  for (;;) {
    const { workflowId, open } = await context.interrupt.race(chooseAndSay(context, id, flags));
    if (open) return files.attach(workflowId);
    try {
      const workflowIdConflictPolicy = flags.new ? 'FAIL' : 'USE_EXISTING';
      return await files.start(from, settings, { workflowId, workflowIdConflictPolicy });
    } catch (error) {
      // Another command has started a run under this id in between.
      if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    }
  }
}

async function chooseAndSay(
  { client, output }: CommandContext,
  { workflowId: fileId }: RunId,
  flags: Flags,
): Promise<ChosenRun> {
  const files = new GeminiFilesClient(client);
  const run = await chooseRun(files, flags.as ?? fileId, flags.new ?? false);
  if (run.open)
    output.say(
      `Attached to the open run of this file, with the options it was started with: ${run.workflowId} (--new starts another)`,
    );
  else for (const other of run.besides) output.say(`${other}: starting another run of this file.`);
  return run;
}
