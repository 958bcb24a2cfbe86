import { realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { Command } from 'commander';
import { GeminiFilesClient, type UploadHandle } from '../../client/index.js';
import { isOpenRun } from '../../client/run-status.js';
import { resolveUploadOptions, TASK_QUEUE, type UploadOptions } from '../../contract/index.js';
import { openAllowedFile } from '../../sources/index.js';
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
import { runDetached } from '../upload/detach.js';
import { addTemporalFlags, configuredTemporal, type TemporalFlags } from '../temporal-target.js';
import { addUploadFlags, toUploadOptions, type UploadFlags } from '../upload/flags.js';
import { follow } from '../upload/follow.js';
import { withInlineWorker } from '../upload/inline-worker.js';
import { toRunId, type RunId } from '../upload/run-id.js';
import { fetchRunLink } from '../upload/run-link.js';
import type { ToAction } from './to-action.js';

interface Flags extends UploadFlags, TemporalFlags {
  readonly json?: boolean;
  readonly detach?: boolean;
  /** `--no-worker` */
  readonly worker: boolean;
  readonly config?: string;
  readonly verbose?: boolean;
}

interface CommandLine {
  /** All arguments, including the command's name. */
  readonly args: readonly string[];
  /** The file to upload if no path is given; without it, the path is required. */
  readonly defaultPath?: string;
}

export function addUploadCommand(
  program: Command,
  toAction: ToAction,
  { args, defaultPath }: CommandLine,
): void {
  const command = program.command('upload').description('upload a file and wait until it is ACTIVE');
  if (defaultPath === undefined) command.argument('<path>', 'file to upload');
  else command.argument('[path]', 'file to upload', defaultPath);
  addTemporalFlags(addUploadFlags(command))
    .option('--detach', 'start the run, print its id and leave')
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
  const path = await toCanonicalPath(given);
  const options = toUploadOptions(path, flags);
  resolveUploadOptions(options);
  const source = await openAllowedFile(path, ['/', path]);
  await source.close();
  const plan = planUpload(flags);

  const output = createOutput(flags.json ?? false);
  const interrupt = installInterruptHandler();
  try {
    return await withCommandContext(plan, { output, interrupt }, (context) => {
      const id = toRunId(path, source.fingerprint, context.endpoint);
      if (flags.detach && context.devServer) return runDetached(context, id, args);
      return flags.worker && !flags.detach
        ? runInline(context, id, options, flags.verbose ?? false)
        : startRemote(context, id, options, flags.detach ?? false);
    });
  } finally {
    interrupt.remove();
  }
}

/**
 * The absolute path without links in its folders, so that each way to a file leads to the same run. A link to the file
 * itself keeps its name.
 */
async function toCanonicalPath(given: string): Promise<string> {
  const path = resolve(given);
  const folder = await realpath(dirname(path)).catch(() => dirname(path));
  return join(folder, basename(path));
}

/** @throws UsageError or MissingCredentialsError if the command cannot do the work that it is to do itself */
export function planUpload({ worker, detach = false, config, credentials, ...flags }: Flags): CommandPlan {
  const plan = planCommand(config, credentials, configuredTemporal(flags));
  if (!plan.temporal && !worker) {
    throw new UsageError(
      '--no-worker needs a Temporal server that has workers of its own; none is configured (--address, TEMPORAL_ADDRESS, TEMPORAL_PROFILE)',
    );
  }
  // On the embedded server, a detached run has its worker in a process of its own, which also needs the key.
  if (!plan.temporal || (worker && !detach)) assertKey(plan);
  return plan;
}

/** Starts the worker before the run: if the worker cannot start, it leaves no run behind. */
async function runInline(
  context: CommandContext,
  id: RunId,
  options: UploadOptions,
  verbose: boolean,
): Promise<number> {
  const { taskQueue } = id;
  return withInlineWorker(context, { taskQueue, path: options.path ?? '', verbose }, async () =>
    follow(await startOrAttach(context, id, options, taskQueue), context, taskQueue),
  );
}

/** Leaves the work to the workers of the configured Temporal, which poll the common queue. */
async function startRemote(
  context: CommandContext,
  id: RunId,
  options: UploadOptions,
  detach: boolean,
): Promise<number> {
  const handle = await startOrAttach(context, id, options, TASK_QUEUE);
  if (!detach) return follow(handle, context);
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
  { client, output, interrupt }: CommandContext,
  { workflowId }: RunId,
  options: UploadOptions,
  taskQueue: string,
): Promise<UploadHandle> {
  const files = new GeminiFilesClient(client, { taskQueue });
  const open = files.attach(workflowId);
  try {
    if (isOpenRun(await interrupt.race(open.workflow.describe()))) {
      output.say(
        `Attached to the open run of this file, with the options it was started with: ${workflowId}`,
      );
      return open;
    }
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
  const { path, source, ...settings } = options;
  return files.start(path === undefined ? { source } : { path }, settings, {
    workflowId,
    workflowIdConflictPolicy: 'USE_EXISTING',
  });
}
