import { realpath } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { Command } from 'commander';
import { GeminiFilesClient, type UploadHandle } from '../../client/index.js';
import { resolveUploadOptions, TASK_QUEUE, type UploadOptions } from '../../contract/index.js';
import { openFile } from '../../worker/index.js';
import { runDetached } from '../upload/detach.js';
import { EXIT, UsageError } from '../exit-code.js';
import { follow } from '../upload/follow.js';
import { catchInterrupt, type Interrupt } from '../terminal/interrupt.js';
import { createOutput, table, type Output } from '../terminal/output.js';
import { withOwnWorker } from '../upload/inline-worker.js';
import { runIdOf, type RunId } from '../upload/run-id.js';
import { runLink } from '../upload/run-link.js';
import { planSession, withSession, type Plan, type Session } from '../command-context.js';
import { addUploadFlags, toUploadOptions, type UploadFlags } from '../upload/flags.js';

interface Flags extends UploadFlags {
  readonly json?: boolean;
  readonly detach?: boolean;
  /** `--no-worker` */
  readonly worker: boolean;
  readonly config?: string;
  readonly verbose?: boolean;
}

interface CommandLine {
  /** All arguments, the command's name among them. */
  readonly args: readonly string[];
  /** What is uploaded where no path is given; without it, the path is required. */
  readonly defaultPath?: string;
}

export function addUploadCommand(program: Command, { args, defaultPath }: CommandLine): void {
  const command = program.command('upload').description('upload a file and wait until it is ACTIVE');
  if (defaultPath === undefined) command.argument('<path>', 'file to upload');
  else command.argument('[path]', 'file to upload', defaultPath);
  addUploadFlags(command)
    .option('--detach', 'start the run, print its id and leave')
    .option('--no-worker', `leave the work to workers on the task queue ${TASK_QUEUE}`)
    .option('--config <file>', 'configuration file')
    .option('--json', 'print the result as JSON on stdout')
    .option('--verbose', "Temporal's log at INFO")
    .action(async (path: string, flags: Flags, { args: given }: Command) => {
      process.exitCode = await upload(path, flags, given.length === 0 ? [...args, path] : args);
    });
}

async function upload(given: string, flags: Flags, args: readonly string[]): Promise<number> {
  const output = createOutput(flags.json ?? false);
  const path = await plainPath(given);
  const options = toUploadOptions(path, flags);
  resolveUploadOptions(options);
  const source = await openFile(path, ['/', path]);
  await source.close();
  const plan = planUpload(flags);

  const interrupt = catchInterrupt();
  try {
    return await withSession(plan, output, interrupt, (session) => {
      const job = { session, output, interrupt, flags, options };
      const id = runIdOf(path, source.fingerprint, session.endpoint);
      if (flags.detach && session.devServer) return runDetached(session, id, args, output, interrupt);
      return flags.worker && !flags.detach ? workHere(job, id) : leaveToWorkers(job, id);
    });
  } finally {
    interrupt.stop();
  }
}

/** Absolute, through no linked folder, so that one file has one run whatever the way to it; a link that is the file itself keeps its name. */
async function plainPath(given: string): Promise<string> {
  const path = resolve(given);
  const folder = await realpath(dirname(path)).catch(() => dirname(path));
  return join(folder, basename(path));
}

function planUpload({ worker, detach = false, config, credentials }: Flags): Plan {
  const plan = planSession(worker && !detach, config, credentials);
  if (plan.target) return plan;
  if (!worker) {
    throw new UsageError(
      '--no-worker needs a Temporal server that has workers of its own; none is configured (TEMPORAL_ADDRESS, TEMPORAL_PROFILE)',
    );
  }
  // On the embedded server a detached run has its worker in a process of its own, which wants the key.
  return planSession(true, config, credentials);
}

interface Job {
  readonly session: Session;
  readonly output: Output;
  readonly interrupt: Interrupt;
  readonly flags: Flags;
  readonly options: UploadOptions;
}

/** The worker is there before the run is: whatever keeps it from starting leaves no run behind. */
async function workHere(job: Job, id: RunId): Promise<number> {
  const { session, flags, interrupt, options } = job;
  const { taskQueue } = id;
  const settings = { ...session.gemini, ...(flags.config && { configFile: flags.config }) };
  return withOwnWorker({ session, settings, taskQueue, path: options.path, flags, interrupt }, async () =>
    follow(await startOrAttach(job, id, taskQueue), { ...job, ownTaskQueue: taskQueue }),
  );
}

/** A configured Temporal has workers of its own on the common queue. */
async function leaveToWorkers(job: Job, id: RunId): Promise<number> {
  const handle = await startOrAttach(job, id, TASK_QUEUE);
  if (!job.flags.detach) return follow(handle, job);
  const link = await runLink(job.session, handle);
  job.output.result(
    link,
    table([
      ['id', link.workflowId],
      ['run', link.webUrl],
    ]),
  );
  return EXIT.done;
}

async function startOrAttach(
  { session, options, output, interrupt }: Job,
  { workflowId }: RunId,
  taskQueue: string,
): Promise<UploadHandle> {
  const client = new GeminiFilesClient(session.client, { taskQueue });
  const open = client.attach(workflowId);
  try {
    const { status } = await interrupt.orBefore(open.workflow.describe());
    if (status.name === 'RUNNING') {
      output.say(
        `Attached to the open run of this file, with the options it was started with: ${workflowId}`,
      );
      return open;
    }
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
  const { path, ...settings } = options;
  return client.start(path, settings, { workflowId, workflowIdConflictPolicy: 'USE_EXISTING' });
}
