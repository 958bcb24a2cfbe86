import { realpath } from 'node:fs/promises';
import { resolve } from 'node:path';
import { WorkflowNotFoundError } from '@temporalio/client';
import type { Command } from 'commander';
import { GeminiFilesClient, type UploadHandle } from '../../client/index.js';
import { resolveUploadOptions, TASK_QUEUE, type UploadOptions } from '../../contract/index.js';
import { createGeminiFilesWorker, openFile } from '../../worker/index.js';
import { runDetached } from '../detach.js';
import { EXIT, isCancelled } from '../exit-code.js';
import { onInterrupt } from '../interrupt.js';
import { createOutput, table, type Output } from '../output.js';
import { createProgressView } from '../progress-view.js';
import { runIdOf, type RunId } from '../run-id.js';
import { installRuntime } from '../runtime.js';
import { openSession, planSession, type Session } from '../session.js';
import { connectWorker, webUrl } from '../temporal-connection.js';
import { addUploadFlags, toUploadOptions, type UploadFlags } from '../upload-flags.js';

interface Flags extends UploadFlags {
  readonly json?: boolean;
  readonly detach?: boolean;
  /** `--no-worker` */
  readonly worker: boolean;
  readonly config?: string;
  readonly verbose?: boolean;
}

/** @param defaultPath - what is uploaded where no path is given; without it, the path is required */
export function addUploadCommand(program: Command, defaultPath?: string): void {
  const command = program.command('upload').description('upload a file and wait until it is ACTIVE');
  if (defaultPath === undefined) command.argument('<path>', 'file to upload');
  else command.argument('[path]', 'file to upload', defaultPath);
  addUploadFlags(command)
    .option('--detach', 'start the run, print its id and leave')
    .option('--no-worker', `leave the work to workers on the task queue ${TASK_QUEUE}`)
    .option('--config <file>', 'configuration file')
    .option('--json', 'print the result as JSON on stdout')
    .option('--verbose', "Temporal's log at INFO")
    .action(async (path: string, flags: Flags) => {
      process.exitCode = await upload(path, flags);
    });
}

async function upload(given: string, flags: Flags): Promise<number> {
  const output = createOutput(flags.json ?? false);
  const path = resolve(given);
  const options = toUploadOptions(path, flags);
  resolveUploadOptions(options);
  const source = await openFile(path, ['/', path]);
  await source.close();

  const plan = planSession(flags.worker && !flags.detach, flags.config);
  installRuntime(flags.verbose ? 'INFO' : 'ERROR', true);
  if (flags.detach && !plan.target) planSession(true, flags.config);
  const session = await openSession(plan, output);
  try {
    const id = runIdOf(await realpath(path), source.fingerprint, session.endpoint);
    if (flags.detach && session.embedded)
      return await runDetached(session, id, process.argv.slice(2), output);
    // A configured Temporal has workers of its own on the common queue; otherwise the work is done here.
    const own = flags.worker && !flags.detach;
    const taskQueue = own ? id.taskQueue : TASK_QUEUE;
    const handle = await startOrAttach(session, id, taskQueue, options, output);
    if (flags.detach) {
      await printStarted(session, handle, output);
      return EXIT.done;
    }
    return own
      ? await withWorker(session, id, path, flags, () => follow(session, handle, output))
      : await follow(session, handle, output);
  } finally {
    await session.close();
  }
}

async function startOrAttach(
  session: Session,
  { workflowId }: RunId,
  taskQueue: string,
  { path, ...settings }: UploadOptions,
  output: Output,
): Promise<UploadHandle> {
  const client = new GeminiFilesClient(session.client, { taskQueue });
  const open = client.attach(workflowId);
  try {
    const { status } = await open.workflow.describe();
    if (status.name === 'RUNNING') {
      output.say(`Attached to the open run of this file: ${workflowId}`);
      return open;
    }
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
  return client.start(path, settings, { workflowId, workflowIdConflictPolicy: 'USE_EXISTING' });
}

async function withWorker(
  session: Session,
  { taskQueue }: RunId,
  path: string,
  flags: Flags,
  work: () => Promise<number>,
): Promise<number> {
  const connection = await connectWorker(session.target);
  try {
    const worker = await createGeminiFilesWorker({
      ...session.gemini,
      ...(flags.config && { configFile: flags.config }),
      // The user named this one file; the run may read no other.
      allowedRoots: [path],
      connection,
      namespace: session.target.namespace,
      taskQueue,
      shutdownGraceTime: '2s',
    });
    return await worker.runUntil(work);
  } finally {
    await connection.close();
  }
}

async function follow(session: Session, handle: UploadHandle, output: Output): Promise<number> {
  const { url } = await runLink(session, handle);
  output.say(url ? `Run: ${url}` : `Run: ${handle.workflowId}`);
  const view = createProgressView(output);
  let cancelling: Promise<void> | undefined;
  const off = onInterrupt(() => {
    output.say('Cancelling; waiting for the clean-up. Ctrl-C again leaves at once.');
    cancelling = handle
      .cancel()
      .catch((error: unknown) => output.say(`The run could not be cancelled: ${String(error)}`));
  });
  const lost = new Promise<never>((_, reject) => session.embedded?.onLost(reject));
  lost.catch(() => undefined);
  const watching = watch(session, handle, view);
  try {
    const file = await Promise.race([handle.result(), lost]);
    await watching;
    const { runId } = await runLink(session, handle);
    const run = { workflowId: handle.workflowId, runId, webUrl: url ?? null };
    output.result({ ...file, ...run }, table([...resultRows(file), ['run', url ?? handle.workflowId]]));
    return EXIT.done;
  } catch (error) {
    if (!isCancelled(error)) throw error;
    output.say('Cancelled.');
    if (output.json)
      output.result({ error: { type: 'CancelledFailure', message: 'The run was cancelled' } }, []);
    return EXIT.cancelled;
  } finally {
    view.end();
    off();
    await cancelling;
  }
}

async function watch(
  session: Session,
  handle: UploadHandle,
  view: ReturnType<typeof createProgressView>,
): Promise<void> {
  const client = new GeminiFilesClient(session.client);
  try {
    for await (const progress of client.progress(handle, { intervalMs: 250 })) view.show(progress);
  } catch {
    // What cannot be shown does not stop the run; its result tells.
  }
}

function resultRows(file: Awaited<ReturnType<UploadHandle['result']>>): [string, string | number][] {
  const { provider, id, uri, state, mimeType, sizeBytes, expirationTime, polls, waitedMs } = file;
  return [
    ['provider', provider],
    ['id', id],
    ['uri', uri],
    ['state', state],
    ['type', mimeType],
    ['size', `${sizeBytes} bytes`],
    ['expires', expirationTime],
    ['waited', `${(waitedMs / 1000).toFixed(1)} s, ${polls} checks`],
  ];
}

async function printStarted(session: Session, handle: UploadHandle, output: Output): Promise<void> {
  const { url, runId } = await runLink(session, handle);
  const { workflowId } = handle;
  output.result(
    { workflowId, runId, webUrl: url ?? null },
    table([
      ['id', workflowId],
      ['run', url],
    ]),
  );
}

async function runLink(
  session: Session,
  handle: UploadHandle,
): Promise<{ runId: string; url: string | undefined }> {
  const { runId } = await handle.workflow.describe();
  return { runId, url: webUrl(session.target, handle.workflowId, runId, session.uiUrl) };
}
