/** Where histories to replay come from: files, folders, objects, or a namespace. */

import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Client } from '@temporalio/client';
import type { History } from '@temporalio/common/lib/proto-utils.js';
import { parseHistory } from './history-json.js';

/** Histories of a namespace, found by visibility. */
export interface NamespaceHistories {
  readonly client: Client;
  /** Temporal list filter: `WorkflowType = 'describeVideo' AND StartTime > '2026-01-01T00:00:00Z'`. */
  readonly query: string;
  /** At most this many. @default 100 */
  readonly limit?: number;
}

/** A history that is in memory already. */
export interface NamedHistory {
  readonly name: string;
  readonly history: History;
}

/** A file or folder (searched for `.json` files, in subfolders too), a history, a namespace, or several of those. */
export type HistorySource = string | NamedHistory | NamespaceHistories | readonly HistorySource[];

/** Yields each history under a name that a person finds it by: its path, or its workflow and run id. */
export async function* histories(source: HistorySource): AsyncGenerator<NamedHistory, void, undefined> {
  if (typeof source === 'string') yield* fromPath(source);
  else if ('client' in source) yield* fromNamespace(source);
  else if ('history' in source) yield source;
  else for (const one of source) yield* histories(one);
}

async function* fromPath(path: string): AsyncGenerator<NamedHistory, void, undefined> {
  if ((await stat(path)).isDirectory()) {
    for (const entry of (await readdir(path, { withFileTypes: true })).sort((a, b) =>
      a.name < b.name ? -1 : 1,
    )) {
      if (entry.isDirectory() || entry.name.endsWith('.json')) yield* fromPath(join(path, entry.name));
    }
    return;
  }
  yield { name: path, history: parse(path, await readFile(path, 'utf8')) };
}

function parse(path: string, text: string): History {
  try {
    const history = parseHistory(JSON.parse(text));
    if (history.events && history.events.length > 0) return history;
  } catch (error) {
    throw new Error(
      `${path} is no workflow history: ${error instanceof Error ? error.message : String(error)}`,
      { cause: error },
    );
  }
  throw new Error(`${path} is no workflow history: it has no events`);
}

async function* fromNamespace(source: NamespaceHistories): AsyncGenerator<NamedHistory, void, undefined> {
  const { client, query, limit = 100 } = source;
  let count = 0;
  for await (const { workflowId, runId } of client.workflow.list({ query })) {
    if ((count += 1) > limit) return;
    const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
    yield { name: `${workflowId}/${runId}`, history };
  }
}
