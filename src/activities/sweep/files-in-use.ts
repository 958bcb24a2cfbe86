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

import { FILE_LIFETIME_MS } from '../../contract/file.js';
import { mentionedFiles } from './mentioned-files.js';
import { filesOfRun } from './owned-files.js';
import {
  InvalidFilterError,
  latestRun,
  listRuns,
  readHistory,
  UnreadableRunError,
  type HistoryEvent,
  type RunReader,
} from './run-history.js';
import { workflowIdFilter } from './workflow-id-filter.js';

/** It is not known which files the id needs. */
export class UseUnknownError extends Error {
  override readonly name = 'UseUnknownError';
}

/** How many runs may start one after the other while the latest is being read. */
const MAX_SUCCESSORS = 10;

/** @throws UseUnknownError */
export async function filesInUse(reader: RunReader, workflowId: string): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  const add = async (runId: string) => {
    for (const name of await filesKeptBy(reader, workflowId, runId)) names.add(name);
  };
  try {
    for await (const run of listRuns(reader, earlierRuns(workflowId)))
      if (run.workflowId === workflowId) await add(run.runId);
  } catch (error) {
    // Servers before 1.23 do not know STARTS_WITH.
    if (!(error instanceof InvalidFilterError)) throw error;
    throw new UseUnknownError(`the runs of its workflow id cannot be listed: ${error.message}`, {
      cause: error,
    });
  }
  let latest = await latestRun(reader, workflowId);
  for (let tries = 0; latest !== undefined; tries += 1) {
    if (tries === MAX_SUCCESSORS) throw new UseUnknownError('new runs of its workflow id start all the time');
    await add(latest);
    const now = await latestRun(reader, workflowId);
    if (now === latest) break;
    latest = now;
  }
  return names;
}

/** Runs that may keep files which still exist. A run that visibility still has as running may have closed by now. */
function earlierRuns(workflowId: string): string {
  const since = new Date(Date.now() - FILE_LIFETIME_MS).toISOString();
  const closed = `ExecutionStatus IN ('Completed', 'Failed', 'Canceled', 'ContinuedAsNew') AND CloseTime >= '${since}'`;
  return [workflowIdFilter(workflowId), `(ExecutionStatus = 'Running' OR (${closed}))`]
    .filter((part) => part !== undefined)
    .join(' AND ');
}

async function filesKeptBy(reader: RunReader, workflowId: string, runId: string): Promise<Set<string>> {
  try {
    const events = await readHistory(reader, { workflowId, runId });
    const last = events.at(-1);
    if (isAbandoned(last)) return new Set();
    const names = await mentionedFiles(reader.client, events);
    if (isOpen(last) && (await filesOfRun(reader.client, events)).size === 0)
      throw new UseUnknownError(`the open run ${runId} has not named its file yet`);
    const next = last?.workflowExecutionContinuedAsNewEventAttributes?.input;
    for (const name of await mentionedFiles(reader.client, next)) names.delete(name);
    return names;
  } catch (error) {
    if (!(error instanceof UnreadableRunError)) throw error;
    throw new UseUnknownError(`run ${runId} may need its files: ${error.message}`, { cause: error });
  }
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
