/** Activity `geminiFilesFindAbandoned`, and the search behind it, which the command line uses too. */

import { Context } from '@temporalio/activity';
import type { Client } from '@temporalio/client';
import { FILE_LIFETIME_MS } from '../contract/file.js';
import { SWEPT_WORKFLOW_TYPES } from '../contract/names.js';
import { runsOfTypes } from '../contract/run-filter.js';
import type { AbandonedFile, AbandonedSearch, FindAbandonedInput } from '../contract/sweep.js';
import { invalidValue } from '../contract/invalid-option.js';
import { attemptScheduledMs, attemptTime } from './attempt-time.js';
import { withFailureMapping } from './failures.js';
import { findAbandonedInput } from './input.js';
import { filesInUse, UseUnknownError } from './sweep/files-in-use.js';
import { ownedFiles } from './sweep/owned-files.js';
import {
  endedAbruptly,
  InvalidFilterError,
  listRunPages,
  UnreadableRunError,
  type ListedRun,
  type RunReader,
} from './sweep/run-history.js';
import { formatPosition, parsePosition, type SearchPosition } from './sweep/search-position.js';
import { SearchResult } from './sweep/search-result.js';

const OWN_TYPES = runsOfTypes(SWEPT_WORKFLOW_TYPES);

export function findAbandoned(
  input: FindAbandonedInput,
): Promise<AbandonedSearch | readonly AbandonedFile[]> {
  const context = Context.current();
  return withFailureMapping({ id: () => undefined, ...attemptTime(context.info) }, async () => {
    const where = findAbandonedInput(input);
    // The server's clock: that of the worker may be wrong.
    const now = attemptScheduledMs(context.info);
    const search = await searchAbandoned(context.client, where, () => context.heartbeat(), now);
    // A workflow of 0.1.0 gives no limit, and takes the files alone.
    return where.limit === undefined ? search.files : search;
  });
}

/**
 * The files of workflows that were terminated or timed out, and so did not clean up, without those that another run of
 * the same workflow id needs. A run that cannot be read is named in the result, and the others are searched.
 *
 * With a `limit`, the result has a position `next` if more may be found: give it as `after` to continue there.
 *
 * @param onRead - called for each page that is read from the server
 * @param now - milliseconds since the epoch
 * @param client - Temporal's client, which decides server, namespace and payload codec
 * @param where - which runs, and how old
 */
export async function searchAbandoned(
  client: Client,
  where: FindAbandonedInput,
  onRead: () => void = () => undefined,
  now: number = Date.now(),
): Promise<AbandonedSearch> {
  const reader: RunReader = { client, onRead, now };
  const begin: SearchPosition =
    where.after === undefined
      ? { from: now - FILE_LIFETIME_MS, to: now - where.olderThanMs, page: '', run: 0, file: 0 }
      : parsePosition(where.after);
  const result = new SearchResult(where.limit);
  const inUse = new Map<string, Promise<ReadonlySet<string>>>();
  for await (const { run, position } of listEnded(reader, where, begin)) {
    if (result.isFull()) return result.until(formatPosition(position));
    try {
      // First: one that cannot be read has taken its time, too.
      result.countRun();
      const files = await ownedFiles(reader, run);
      if (files.length === 0) continue;
      const kept = inUse.get(run.workflowId) ?? filesInUse(reader, run);
      inUse.set(run.workflowId, kept);
      const needed = await kept;
      for (let file = position.file; file < files.length; file += 1) {
        const next = files[file];
        if (next === undefined || needed.has(next.name)) continue;
        if (result.isFull()) return result.until(formatPosition({ ...position, file }));
        result.addFile(next);
      }
    } catch (error) {
      if (error instanceof UnreadableRunError) result.leave(run, 'unreadable', error.message);
      else if (error instanceof UseUnknownError) result.leave(run, 'skipped', error.message);
      else throw error;
    }
  }
  return result.until(undefined);
}

interface EndedRun {
  readonly run: ListedRun;
  /** Where a search begins that is to begin with this run. */
  readonly position: SearchPosition;
}

async function* listEnded(
  reader: RunReader,
  { query }: FindAbandonedInput,
  begin: SearchPosition,
): AsyncGenerator<EndedRun> {
  const { from, to } = begin;
  const at = (ms: number) => `'${new Date(ms).toISOString()}'`;
  const filter = [
    "ExecutionStatus IN ('Terminated', 'TimedOut')",
    `CloseTime BETWEEN ${at(from)} AND ${at(to)}`,
    `(${query ?? OWN_TYPES})`,
  ].join(' AND ');
  let { run: first, file } = begin;
  try {
    for await (const { token, runs } of listRunPages(reader, filter, begin.page)) {
      for (const [index, run] of runs.entries()) {
        if (index < first) continue;
        // The caller's filter can match any run.
        if (isAbandoned(run, from, to)) yield { run, position: { from, to, page: token, run: index, file } };
        file = 0;
      }
      first = 0;
    }
  } catch (error) {
    if (!(error instanceof InvalidFilterError) || query === undefined) throw error;
    throw invalidValue('query', error.message, query);
  }
}

function isAbandoned({ status, closedAt }: ListedRun, from: number, to: number): boolean {
  return endedAbruptly(status) && closedAt !== undefined && closedAt >= from && closedAt <= to;
}
