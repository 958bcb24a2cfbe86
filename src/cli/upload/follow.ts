/** Follows a run to its end, and cancels it on Ctrl-C. If the terminal is closed, the run stays open. */

import { isGrpcDeadlineError } from '@temporalio/client';
import { GeminiFilesClient, type UploadHandle } from '../../client/index.js';
import type { ActiveFile } from '../../contract/file.js';
import {
  CANCELLED,
  cleanupLine,
  isCancelled,
  isTerminated,
  noteRun,
  reportOf,
  type ErrorReport,
} from '../error-report.js';
import { EXIT } from '../exit.js';
import type { CommandContext } from '../command-context.js';
import { count, formatBytes, formatTime } from '../terminal/format.js';
import { table } from '../terminal/output.js';
import { cancelRun } from './cancel-run.js';
import { reportOfCancelled } from './cancelled-run.js';
import type { FileAfterwards } from '../terminal/deadline-warning.js';
import { createProgressView, type ProgressView } from '../terminal/progress-view.js';
import { fetchEndedLink, fetchLastingLink, fetchNotedLink, webUiHint, type RunLink } from './run-link.js';
import { warnIfUnattended } from './unattended.js';

export interface FollowOptions {
  /** The queue that this process works on; undefined if other workers do the work. */
  readonly ownTaskQueue?: string;
  readonly afterwards?: FileAfterwards;
}

export async function follow(
  handle: UploadHandle,
  context: CommandContext,
  { ownTaskQueue, afterwards }: FollowOptions = {},
): Promise<number> {
  const { output } = context;
  const link = await fetchNotedLink(context, handle.workflow);
  output.say(`Run: ${describeLink(link, context)}`);
  const view = createProgressView(output, afterwards);
  const cancellation = cancelOnInterrupt(handle, context, () => view.say(CANCELLING));
  try {
    const { file, run } = await followToEnd(handle, context, view, link, ownTaskQueue);
    output.result({ ...file, ...run }, table([...rows(file), ['run', run.webUrl ?? run.workflowId]]));
    return EXIT.done;
  } catch (error) {
    const report = await cancellation.reportOf(error);
    const run = await fetchEndedLink(context, handle.workflow, link, error);
    if (report === undefined) {
      noteRun(error, run);
      throw error;
    }
    const line = cleanupLine(report);
    if (line !== undefined) output.say(line);
    output.say('Cancelled.');
    if (output.json) output.result({ error: { ...report, ...run } }, []);
    return EXIT.cancelled;
  } finally {
    cancellation.remove();
    const hint = webUiHint(context, handle.workflowId);
    if (hint !== undefined) output.say(hint);
  }
}

export const CANCELLING = 'Cancelling; waiting for the clean-up. Press Ctrl-C again to leave at once.';

/**
 * @param link - the run's, when it was started
 * @throws what the run failed with
 */
export async function followToEnd(
  handle: UploadHandle,
  context: CommandContext,
  view: ProgressView,
  link: RunLink,
  ownTaskQueue?: string,
): Promise<{ file: ActiveFile; run: RunLink }> {
  let over = false;
  const watching = watch(context, handle, view, () => over);
  const stopLooking = warnIfUnattended(handle, context, ownTaskQueue);
  try {
    // No call may be open on the connection when it is closed.
    const ended = handle.result().finally(() => {
      over = true;
      return watching;
    });
    const file = await Promise.race([ended, context.lost]);
    return { file, run: await fetchLastingLink(context, handle.workflow, link) };
  } finally {
    view.end();
    stopLooking();
  }
}

export function describeLink({ webUrl, workflowId }: RunLink, { devServer }: CommandContext): string {
  if (webUrl === null) return `${workflowId} (its link is shown if TEMPORAL_UI_URL is set)`;
  return devServer ? `${webUrl} (while this command runs)` : webUrl;
}

export interface Cancellation {
  /** What became of the run, if `error` is its cancellation; undefined if the run failed otherwise. */
  reportOf(error: unknown): Promise<ErrorReport | undefined>;
  /** Stops listening for Ctrl-C. */
  remove(): void;
}

/** Cancels the run on Ctrl-C, after `announce`. */
export function cancelOnInterrupt(
  { workflow }: UploadHandle,
  context: CommandContext,
  announce: () => void,
): Cancellation {
  const { cancelSignal: signal } = context.interrupt;
  const left = new AbortController();
  let ended: Promise<boolean> | undefined;
  const cancel = () => {
    announce();
    ended = cancelRun(workflow, context, left.signal).catch((error: unknown) => {
      context.output.say(`The run could not be cancelled: ${reportOf(error).message}`);
      return false;
    });
  };
  if (signal.aborted) cancel();
  else signal.addEventListener('abort', cancel, { once: true });
  return {
    reportOf: async (error) => {
      if (isCancelled(error)) return reportOfCancelled(error, workflow);
      if (!isTerminated(error)) return undefined;
      // Somebody else may have ended it: then there is nothing left to look at.
      left.abort();
      return (await ended) ? CANCELLED : undefined;
    },
    remove: () => {
      left.abort();
      signal.removeEventListener('abort', cancel);
    },
  };
}

/** Milliseconds between two lines about a Temporal server that does not answer. */
const NO_ANSWER_MS = 30_000;

async function watch(
  { client }: CommandContext,
  handle: UploadHandle,
  view: ProgressView,
  isOver: () => boolean,
): Promise<void> {
  let next = 0;
  while (!isOver()) {
    try {
      for await (const progress of new GeminiFilesClient(client).progress(handle, { intervalMs: 250 }))
        view.show(progress);
      return;
    } catch (error) {
      // A failed look must not stop the command: the result shows how the run ended.
      if (!isGrpcDeadlineError(error)) return;
      if (!isOver() && performance.now() >= next) {
        next = performance.now() + NO_ANSWER_MS;
        view.say(`${reportOf(error).message}; the run goes on, and is looked at again`);
      }
    }
  }
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
