/** Follows a run to its end, and cancels it on Ctrl-C. */

import { GeminiFilesClient, type UploadHandle } from '../../client/index.js';
import type { ActiveFile } from '../../contract/file.js';
import { cleanupLine, EXIT, isCancelled } from '../exit-code.js';
import type { CommandContext } from '../command-context.js';
import type { Interrupt } from '../terminal/interrupt.js';
import { count, formatBytes, formatTime } from '../terminal/format.js';
import { table, type Output } from '../terminal/output.js';
import { reportOfCancelled } from './cancelled-run.js';
import { countPollers } from './count-pollers.js';
import { createProgressView, type ProgressView } from '../terminal/progress-view.js';
import { fetchRunLink, toLastingLink, webUiHint, type RunLink } from './run-link.js';
import { errorMessage } from '../../util/error-message.js';

/** @param ownTaskQueue - the queue that this process works on; undefined if other workers do the work */
export async function follow(
  handle: UploadHandle,
  context: CommandContext,
  ownTaskQueue?: string,
): Promise<number> {
  const { output, interrupt } = context;
  const link = await fetchRunLink(context, handle.workflow);
  output.say(`Run: ${describeLink(link, context)}`);
  const view = createProgressView(output);
  const removeListener = cancelOnInterrupt(handle, interrupt, output, () => view.say(CANCELLING));
  try {
    const { file, run } = await followToEnd(handle, context, view, ownTaskQueue);
    output.result({ ...file, ...run }, table([...rows(file), ['run', run.webUrl ?? run.workflowId]]));
    return EXIT.done;
  } catch (error) {
    if (!isCancelled(error)) throw error;
    const report = await reportOfCancelled(error, handle.workflow);
    const line = cleanupLine(report);
    if (line !== undefined) output.say(line);
    output.say('Cancelled.');
    if (output.json) output.result({ error: { ...report, ...toLastingLink(context, link) } }, []);
    return EXIT.cancelled;
  } finally {
    removeListener();
    const hint = webUiHint(context, handle.workflowId);
    if (hint !== undefined) output.say(hint);
  }
}

export const CANCELLING = 'Cancelling; waiting for the clean-up. Press Ctrl-C again to leave at once.';

/** @throws what the run failed with */
export async function followToEnd(
  handle: UploadHandle,
  context: CommandContext,
  view: ProgressView,
  ownTaskQueue?: string,
): Promise<{ file: ActiveFile; run: RunLink }> {
  const watching = watch(context, handle, view);
  const stopLooking = warnIfUnattended(handle, context, ownTaskQueue);
  try {
    // No call may be open on the connection when it is closed.
    const ended = handle.result().finally(() => watching);
    const file = await Promise.race([ended, context.lost]);
    // A run that continued as new has another run id at its end.
    const run = toLastingLink(context, await fetchRunLink(context, handle.workflow));
    return { file, run };
  } finally {
    view.end();
    stopLooking();
  }
}

export function describeLink({ webUrl, workflowId }: RunLink, { devServer }: CommandContext): string {
  if (webUrl === null) return `${workflowId} (its link is shown if TEMPORAL_UI_URL is set)`;
  return devServer ? `${webUrl} (while this command runs)` : webUrl;
}

/** Cancels the run on Ctrl-C, after `announce`. @returns a function that stops it */
export function cancelOnInterrupt(
  handle: UploadHandle,
  { signal }: Interrupt,
  output: Output,
  announce: () => void,
): () => void {
  const cancel = () => {
    announce();
    handle.cancel().catch((error: unknown) => {
      output.say(`The run could not be cancelled: ${errorMessage(error)}`);
    });
  };
  if (signal.aborted) cancel();
  else signal.addEventListener('abort', cancel, { once: true });
  return () => signal.removeEventListener('abort', cancel);
}

async function watch({ client }: CommandContext, handle: UploadHandle, view: ProgressView): Promise<void> {
  try {
    for await (const progress of new GeminiFilesClient(client).progress(handle, { intervalMs: 250 }))
      view.show(progress);
  } catch {
    // A failed query must not stop the command: the result shows how the run ended.
  }
}

/** A worker that has just started is visible as a poller after this time. */
const UNATTENDED_MS = 5000;
/** Time between two later looks: a worker may end in the middle of a run. */
const UNATTENDED_AGAIN_MS = 30_000;

/** A run whose task queue has no worker waits silently, so tell the user. @returns a function that stops looking */
function warnIfUnattended(
  handle: UploadHandle,
  { client, temporal, output }: CommandContext,
  ownTaskQueue: string | undefined,
): () => void {
  let warned = false;
  const look = async () => {
    const { taskQueue } = await handle.workflow.describe();
    if (warned || taskQueue === ownTaskQueue) return;
    const pollers = await countPollers(client, temporal.namespace, taskQueue);
    if (pollers > 0) return;
    warned = true;
    output.say(
      `No worker polls the task queue ${taskQueue} of this run: it waits for one (temporal-gemini-files worker --task-queue ${taskQueue}).`,
    );
  };
  const lookQuietly = () => void look().catch(() => undefined);
  const first = setTimeout(lookQuietly, UNATTENDED_MS);
  const later = setInterval(lookQuietly, UNATTENDED_AGAIN_MS);
  return () => {
    clearTimeout(first);
    clearInterval(later);
  };
}

function rows(file: ActiveFile): [string, string | number][] {
  const { provider, id, uri, state, mimeType, sizeBytes, expirationTime, polls, waitedMs } = file;
  return [
    ['provider', provider],
    ['id', id],
    ['uri', uri],
    ['state', state],
    ['type', mimeType],
    ['size', formatBytes(sizeBytes)],
    ['expires', formatTime(expirationTime)],
    ['waited', `${(waitedMs / 1000).toFixed(1)} s, ${count(polls, 'check')}`],
  ];
}
