/** Where histories to replay come from: files, folders, objects, or a namespace. */

import { readdir, readFile, realpath, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import { invalidValue } from '../../contract/invalid-option.js';
import { decodeText } from '../../util/decode-text.js';
import { errorMessage } from '../../util/error-message.js';
import { isRecord } from '../../util/is-record.js';
import { parseHistory } from './history-json.js';

/** Histories of a namespace, found by visibility. */
export interface NamespaceHistories {
  /** Temporal's client, connected to the namespace. */
  readonly client: Client;
  /** Temporal list filter: `WorkflowType = 'describeVideo' AND StartTime > '2026-01-01T00:00:00Z'`. */
  readonly query: string;
  /** At most this many, the latest first. If there are more, the report has the query under `truncated`. @default 100 */
  readonly limit?: number;
}

/** A history that is in memory already. */
export interface NamedHistory {
  /** What a report calls it. */
  readonly name: string;
  /** The history, as Temporal's client returns it. */
  readonly history: History;
}

/** A file or folder (searched for `.json` files, in subfolders too), a history, a namespace, or several of those. */
export type HistorySource = string | NamedHistory | NamespaceHistories | readonly HistorySource[];

/** A history, why it could not be read, or that a query has more of them than its limit. */
export type FoundHistory =
  | NamedHistory
  | { readonly name: string; readonly unreadable: string }
  | { readonly name: string; readonly hasMore: true };

/**
 * Yields each history under a name that a person finds it by: its path, or its workflow and run id. What cannot be read is
 * yielded by its name, and the rest follows.
 *
 * @param requestMs - bound of each request to a namespace, in milliseconds
 * @throws InvalidOptionsError if a source is not of a known form, or if `limit` is not a whole number
 */
export async function* histories(
  source: HistorySource,
  requestMs: number,
): AsyncGenerator<FoundHistory, void, undefined> {
  assertSource(source);
  if (typeof source === 'string') yield* fromPath(source);
  else if ('client' in source) yield* fromNamespace(source, requestMs);
  else if ('history' in source) yield await found(source.name, () => decoded(source.history));
  else for (const one of source) yield* histories(one, requestMs);
}

/** A caller from JavaScript may give anything. */
function assertSource(source: unknown): void {
  if (typeof source === 'string' || Array.isArray(source)) return;
  if (isRecord(source) && ('client' in source || 'history' in source)) return;
  const expectation = 'expected a path, a history, a query of a namespace, or a list of those';
  throw invalidValue('source', expectation, source);
}

/** @param searched - real paths of the folders that were searched: links can lead to one again */
async function* fromPath(
  path: string,
  searched = new Set<string>(),
): AsyncGenerator<FoundHistory, void, undefined> {
  let inner: string[] | undefined;
  try {
    // A pipe has no real path.
    if ((await stat(path)).isDirectory()) {
      const real = await realpath(path);
      if (searched.has(real)) return;
      searched.add(real);
      inner = await historiesIn(path);
    }
  } catch (error) {
    yield { name: path, unreadable: errorMessage(error) };
    return;
  }
  if (inner) for (const one of inner) yield* fromPath(one, searched);
  else yield await found(path, async () => parseHistory(JSON.parse(decodeText(await readFile(path)))));
}

/** Folders, links to folders, and whatever is named as JSON. */
async function historiesIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true });
  const paths = entries.map(async (entry) => {
    const path = join(folder, entry.name);
    const isFolder = entry.isDirectory() || (entry.isSymbolicLink() && (await leadsToFolder(path)));
    return isFolder || /\.json$/i.test(entry.name) ? path : undefined;
  });
  const wanted = (await Promise.all(paths)).filter((path) => path !== undefined);
  return wanted.sort((a, b) => (a < b ? -1 : 1));
}

async function leadsToFolder(link: string): Promise<boolean> {
  return stat(link).then(
    (target) => target.isDirectory(),
    () => false,
  );
}

async function* fromNamespace(
  { client, query, limit = 100 }: NamespaceHistories,
  requestMs: number,
): AsyncGenerator<FoundHistory, void, undefined> {
  if (!(limit === Infinity || (Number.isSafeInteger(limit) && limit >= 0)))
    throw invalidValue('limit', 'expected a whole number', limit);
  const inTime = <T>(request: () => Promise<T>) => client.withDeadline(Date.now() + requestMs, request);
  const runs = client.workflow.list({ query })[Symbol.asyncIterator]();
  for (let count = 0; ; count += 1) {
    let run;
    try {
      run = await inTime(() => runs.next());
    } catch (error) {
      // Only whether there are more is not known: all that were asked for were read.
      if (count < limit) yield { name: query, unreadable: withCause(error) };
      return;
    }
    if (run.done) return;
    if (count === limit) {
      yield { name: query, hasMore: true };
      return;
    }
    const { workflowId, runId } = run.value;
    yield await found(`${workflowId}/${runId}`, () =>
      inTime(() => client.workflow.getHandle(workflowId, runId).fetchHistory()),
    );
  }
}

async function found(name: string, read: () => History | Promise<History>): Promise<FoundHistory> {
  try {
    return { name, history: await read() };
  } catch (error) {
    return { name, unreadable: withCause(error) };
  }
}

/** Temporal's replay worker would decode JSON by a function that does not work beside an older protobufjs (`history-json.ts`). */
function decoded(history: History): History {
  return typeof history?.events?.[0]?.eventId === 'string' ? parseHistory(history) : history;
}

/** The client's own messages say only which request failed. */
function withCause(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause === undefined ? errorMessage(error) : `${errorMessage(error)}: ${errorMessage(cause)}`;
}
