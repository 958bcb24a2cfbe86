/** A run followed to its end, and cancelled on Ctrl-C. */

import { GeminiFilesClient, type UploadHandle } from '../client/index.js';
import type { ActiveFile } from '../contract/index.js';
import { reportOfCancelled } from './cancelled-run.js';
import { cleanupLine, EXIT, isCancelled } from './exit-code.js';
import type { Interrupt } from './interrupt.js';
import { table, type Output } from './output.js';
import { countPollers } from './pollers.js';
import { createProgressView, type ProgressView } from './progress-view.js';
import { runLink } from './run-link.js';
import type { Session } from './session.js';
import { messageOf } from './temporal-connection.js';

export interface FollowOptions {
  readonly session: Session;
  readonly output: Output;
  readonly interrupt: Interrupt;
  /** The queue that this process works on; undefined where it does none of the work. */
  readonly ownTaskQueue?: string;
}

export async function follow(handle: UploadHandle, options: FollowOptions): Promise<number> {
  const { session, output, interrupt } = options;
  const link = await runLink(session, handle);
  output.say(`Run: ${link.webUrl ?? handle.workflowId}`);
  const view = createProgressView(output);
  const watching = watch(session, handle, view);
  const unattended = warnIfUnattended(handle, options);
  const off = cancelOnInterrupt(handle, interrupt, view, output);
  try {
    // Nothing may be under way on the connection when it is closed.
    const ended = handle.result().finally(() => watching);
    const file = await Promise.race([ended, session.lost]);
    // A run that continued as new has another run id at its end.
    const run = await runLink(session, handle);
    view.end();
    output.result({ ...file, ...run }, table([...rows(file), ['run', run.webUrl ?? run.workflowId]]));
    return EXIT.done;
  } catch (error) {
    if (!isCancelled(error)) throw error;
    view.end();
    const report = await reportOfCancelled(error, handle.workflow);
    const line = cleanupLine(report);
    if (line !== undefined) output.say(line);
    output.say('Cancelled.');
    if (output.json) output.result({ error: { ...report, ...link } }, []);
    return EXIT.cancelled;
  } finally {
    view.end();
    clearTimeout(unattended);
    off();
  }
}

function cancelOnInterrupt(
  handle: UploadHandle,
  { signal }: Interrupt,
  view: ProgressView,
  output: Output,
): () => void {
  const cancel = () => {
    view.say('Cancelling; waiting for the clean-up. Ctrl-C again leaves at once.');
    handle.cancel().catch((error: unknown) => {
      output.say(`The run could not be cancelled: ${messageOf(error)}`);
    });
  };
  if (signal.aborted) cancel();
  else signal.addEventListener('abort', cancel, { once: true });
  return () => signal.removeEventListener('abort', cancel);
}

async function watch(session: Session, handle: UploadHandle, view: ProgressView): Promise<void> {
  const client = new GeminiFilesClient(session.client);
  try {
    for await (const progress of client.progress(handle, { intervalMs: 250 })) view.show(progress);
  } catch {
    // What cannot be shown does not stop the run; its result tells.
  }
}

/** A worker that is just being started needs this long to be seen. */
const UNATTENDED_MS = 5000;

/** A run whose queue nobody works on waits without a word: say so. */
function warnIfUnattended(
  handle: UploadHandle,
  { session, output, ownTaskQueue }: FollowOptions,
): NodeJS.Timeout {
  const look = async () => {
    const { taskQueue } = await handle.workflow.describe();
    if (taskQueue === ownTaskQueue) return;
    const pollers = await countPollers(session.client, session.target.namespace, taskQueue);
    if (pollers > 0) return;
    output.say(
      `No worker polls the task queue ${taskQueue} of this run: it waits for one (temporal-gemini-files worker --task-queue ${taskQueue}).`,
    );
  };
  return setTimeout(() => void look().catch(() => undefined), UNATTENDED_MS);
}

function rows(file: ActiveFile): [string, string | number][] {
  const { provider, id, uri, state, mimeType, sizeBytes, expirationTime, polls, waitedMs } = file;
  return [
    ['provider', provider],
    ['id', id],
    ['uri', uri],
    ['state', state],
    ['type', mimeType],
    ['size', `${sizeBytes} bytes`],
    ['expires', expirationTime],
    ['waited', `${(waitedMs / 1000).toFixed(1)} s, ${polls} ${polls === 1 ? 'check' : 'checks'}`],
  ];
}
