/** Activity `geminiFilesFindAbandoned`, and the search behind it, which the command line uses too. */

import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { InvalidOptionsError } from '../contract/errors.js';
import { FILE_LIFETIME_MS } from '../contract/file.js';
import { WORKFLOW } from '../contract/names.js';
import { show } from '../contract/show.js';
import {
  MAX_RUNS_NAMED,
  type AbandonedFile,
  type AbandonedSearch,
  type FindAbandonedInput,
  type LeftRun,
} from '../contract/sweep.js';
import { attemptScheduledMs, attemptTime } from './attempt-time.js';
import { withFailureMapping } from './failures.js';
import { findAbandonedInput } from './input.js';
import { filesInUse, UseUnknownError } from './sweep/files-in-use.js';
import { ownedFiles } from './sweep/owned-files.js';
import {
  InvalidFilterError,
  listRuns,
  UnreadableRunError,
  type ListedRun,
  type RunReader,
} from './sweep/run-history.js';

const OWN_TYPES = `WorkflowType IN ('${WORKFLOW.uploadAndWaitActive}', '${WORKFLOW.preuploadAndWaitActive}')`;

/** Values of Temporal's enum `WorkflowExecutionStatus`. */
const TERMINATED = 5;
const TIMED_OUT = 7;

export function findAbandoned(input: FindAbandonedInput): Promise<AbandonedSearch> {
  const context = Context.current();
  return withFailureMapping({ id: () => undefined, ...attemptTime(context.info) }, async () => {
    const where = findAbandonedInput(input);
    // The server's clock: that of the worker may be wrong.
    const now = attemptScheduledMs(context.info);
    return searchAbandoned(context.client, where, () => context.heartbeat(), now);
  });
}

/**
 * The files of workflows that were terminated or timed out, and so did not clean up, without those that another run of
 * the same workflow id needs. A run that cannot be read is named in the result, and the others are searched.
 *
 * @param onRead - called for each page that is read from the server
 * @param now - milliseconds since the epoch
 */
export async function searchAbandoned(
  client: Client,
  where: FindAbandonedInput,
  onRead: () => void = () => undefined,
  now: number = Date.now(),
): Promise<AbandonedSearch> {
  const reader: RunReader = { client, onRead };
  const from = now - FILE_LIFETIME_MS;
  const to = now - where.olderThanMs;
  const found = new Map<string, AbandonedFile>();
  const left: LeftRun[] = [];
  const inUse = new Map<string, Promise<ReadonlySet<string>>>();
  for await (const run of listEnded(reader, where, from, to)) {
    const { workflowId, runId } = run;
    try {
      const files = await ownedFiles(reader, run);
      if (files.length === 0) continue;
      const kept = inUse.get(workflowId) ?? filesInUse(reader, workflowId);
      inUse.set(workflowId, kept);
      const needed = await kept;
      for (const file of files) if (!needed.has(file.name)) found.set(file.name, file);
    } catch (error) {
      if (error instanceof UnreadableRunError)
        left.push({ workflowId, runId, outcome: 'unreadable', reason: error.message });
      else if (error instanceof UseUnknownError)
        left.push({ workflowId, runId, outcome: 'skipped', reason: error.message });
      else throw error;
    }
  }
  const count = (outcome: LeftRun['outcome']) => left.filter((run) => run.outcome === outcome).length;
  return {
    files: [...found.values()],
    unreadable: count('unreadable'),
    skipped: count('skipped'),
    runs: left.slice(0, MAX_RUNS_NAMED),
  };
}

async function* listEnded(
  reader: RunReader,
  { query }: FindAbandonedInput,
  from: number,
  to: number,
): AsyncGenerator<ListedRun> {
  const at = (ms: number) => `'${new Date(ms).toISOString()}'`;
  const filter = [
    "ExecutionStatus IN ('Terminated', 'TimedOut')",
    `CloseTime BETWEEN ${at(from)} AND ${at(to)}`,
    `(${query ?? OWN_TYPES})`,
  ].join(' AND ');
  try {
    // The caller's filter can match any run.
    for await (const run of listRuns(reader, filter)) if (isAbandoned(run, from, to)) yield run;
  } catch (error) {
    if (!(error instanceof InvalidFilterError) || query === undefined) throw error;
    throw new InvalidOptionsError(`Invalid option query: ${error.message}, got ${show(query)}`);
  }
}

function isAbandoned({ status, closedAt }: ListedRun, from: number, to: number): boolean {
  const ended = status === TERMINATED || status === TIMED_OUT;
  return ended && closedAt !== undefined && closedAt >= from && closedAt <= to;
}
