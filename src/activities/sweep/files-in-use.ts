/**
 * The files that a workflow id still needs.
 *
 * U1. A run that is open, or ended in any way but terminated or timed out, keeps every file that its history mentions.
 * U2. A run that continued as new keeps those too, except for the ones that it handed on: there, the next run decides.
 * U3. If an open run has not named its file yet, or a run cannot be read, nothing of the id may be deleted.
 *
 * The list finds earlier runs and is eventually consistent. The latest run, the only one that can be open, is asked for by
 * id after the list, so that no run can be missed that was started since.
 */

import { mentionedFiles } from './mentioned-files.js';
import { filesOfRun } from './owned-files.js';
import {
  endedAbruptly,
  InvalidFilterError,
  latestRun,
  readHistory,
  UnreadableRunError,
  type HistoryEvent,
  type RunReader,
  type RunRef,
} from './run-history.js';
import { runsOfWorkflowId } from './runs-of-workflow-id.js';

/** It is not known which files the id needs. */
export class UseUnknownError extends Error {
  override readonly name = 'UseUnknownError';
}

/** How many runs may start one after the other while the latest is being read. */
const MAX_SUCCESSORS = 10;

/**
 * @param abandoned - a run of the workflow id that the list of runs is known to have
 * @throws UseUnknownError
 */
export async function filesInUse(reader: RunReader, abandoned: RunRef): Promise<ReadonlySet<string>> {
  const { workflowId } = abandoned;
  const names = new Set<string>();
  const add = async (runId: string) => {
    for (const name of await filesKeptBy(reader, { workflowId, runId })) names.add(name);
  };
  try {
    for (const { runId, status } of await runsOfWorkflowId(reader, abandoned))
      if (!endedAbruptly(status)) await add(runId);
  } catch (error) {
    if (!(error instanceof InvalidFilterError)) throw error;
    throw new UseUnknownError(`the runs of its workflow id cannot be listed: ${error.message}`, {
      cause: error,
    });
  }
  let read: string | undefined;
  for (let tries = 0; ; tries += 1) {
    const latest = await latestRun(reader, workflowId);
    if (latest === undefined || latest.runId === read || endedAbruptly(latest.status)) return names;
    if (tries === MAX_SUCCESSORS) throw new UseUnknownError('new runs of its workflow id start all the time');
    await add(latest.runId);
    read = latest.runId;
  }
}

async function filesKeptBy(reader: RunReader, run: RunRef): Promise<Set<string>> {
  try {
    const events = await readHistory(reader, run);
    const last = events.at(-1);
    if (isAbandoned(last)) return new Set();
    const { workflowId } = run;
    const names = await mentionedFiles(reader, workflowId, events);
    if (isOpen(last) && (await filesOfRun(reader, events, workflowId)).size === 0)
      throw new UseUnknownError(`the open run ${run.runId} has not named its file yet`);
    for (const name of await mentionedFiles(reader, workflowId, handedOn(last))) names.delete(name);
    return names;
  } catch (error) {
    if (!(error instanceof UnreadableRunError)) throw error;
    throw new UseUnknownError(`run ${run.runId} may need its files: ${error.message}`, { cause: error });
  }
}

/** The event that hands files on to the next run, with only the input of that run. */
function handedOn(last: HistoryEvent | undefined): HistoryEvent[] {
  const { input } = last?.workflowExecutionContinuedAsNewEventAttributes ?? {};
  return input ? [{ workflowExecutionContinuedAsNewEventAttributes: { input } }] : [];
}

function isAbandoned(last: HistoryEvent | undefined): boolean {
  return Boolean(
    last?.workflowExecutionTerminatedEventAttributes ?? last?.workflowExecutionTimedOutEventAttributes,
  );
}

function isOpen(last: HistoryEvent | undefined): boolean {
  return !(
    last?.workflowExecutionCompletedEventAttributes ??
    last?.workflowExecutionFailedEventAttributes ??
    last?.workflowExecutionCanceledEventAttributes ??
    last?.workflowExecutionContinuedAsNewEventAttributes
  );
}
