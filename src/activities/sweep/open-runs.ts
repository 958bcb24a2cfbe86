/** Which files the open runs of this package use. */

import type { Client } from '@temporalio/client';
import { FILE_WORKFLOW_TYPES, WORKFLOW } from '../../contract/names.js';
import { runsOfTypes } from '../../contract/run-filter.js';
import { mentionedFiles } from './mentioned-files.js';
import {
  latestRun,
  listRunPages,
  MissingRunError,
  readFirstEvent,
  readHistory,
  UnreadableRunError,
  type ListedRun,
  type RunReader,
} from './run-history.js';

type Names = ReadonlySet<string>;
const NONE: Names = new Set();

/**
 * The names in the first event of each open `waitActive`, by run id. That event never changes, and it has all that such a run
 * uses: its input, and the wait that the run before handed on. A sweep asks before each delete, so it reads each run once. A run whose
 * first event has no name is a workflow of a user's own that has the same type; it can learn of a file later, and is read whole each time.
 */
const knownWaits = new WeakMap<Client, Map<string, Names>>();

export interface OpenRunUses {
  /** The workflow id of a run that uses it, by the file's name. */
  readonly usedBy: ReadonlyMap<string, string>;
  /** The runs that may use any file: their histories cannot be read. */
  readonly unreadable: readonly { readonly workflowId: string; readonly reason: string }[];
}

/**
 * An open run uses every file that its history mentions: its own, those that it waits for, and those that it was handed.
 *
 * @param types - of workflows whose runs are read
 */
export async function usesOfOpenRuns(
  client: Client,
  types: readonly string[] = FILE_WORKFLOW_TYPES,
): Promise<OpenRunUses> {
  const reader: RunReader = { client, onRead: () => undefined, now: Date.now() };
  const runs: ListedRun[] = [];
  for await (const page of listRunPages(reader, `${runsOfTypes(types)} AND CloseTime IS NULL`))
    runs.push(...page.runs);
  const known = waitsAmong(client, runs);
  const usedBy = new Map<string, string>();
  const unreadable: { workflowId: string; reason: string }[] = [];
  for (const run of runs) {
    const { workflowId } = run;
    try {
      for (const name of await namesUsedNow(reader, run, known)) usedBy.set(name, workflowId);
    } catch (error) {
      if (!(error instanceof UnreadableRunError)) throw error;
      unreadable.push({ workflowId, reason: error.message });
    }
  }
  return { usedBy, unreadable };
}

/** The known waits, without those that are not open any more. */
function waitsAmong(client: Client, runs: readonly ListedRun[]): Map<string, Names> {
  const known = knownWaits.get(client) ?? new Map<string, Names>();
  knownWaits.set(client, known);
  const open = new Set(runs.map(({ runId }) => runId));
  for (const runId of known.keys()) if (!open.has(runId)) known.delete(runId);
  return known;
}

/** The list of runs may be old. A run that does not exist uses nothing, but the latest one of its workflow id does. */
async function namesUsedNow(reader: RunReader, run: ListedRun, known: Map<string, Names>): Promise<Names> {
  try {
    return await namesUsedBy(reader, run, known);
  } catch (error) {
    if (!(error instanceof MissingRunError)) throw error;
    const latest = await latestRun(reader, run.workflowId);
    return latest ? namesUsedBy(reader, { ...run, runId: latest.runId }, known) : NONE;
  }
}

async function namesUsedBy(reader: RunReader, run: ListedRun, known: Map<string, Names>): Promise<Names> {
  const { workflowId, runId, type } = run;
  if (type !== WORKFLOW.waitActive) return mentionedFiles(reader, workflowId, await readHistory(reader, run));
  const before = known.get(runId);
  if (before) return before;
  const names = await mentionedFiles(reader, workflowId, [await readFirstEvent(reader, run)]);
  if (names.size === 0) return mentionedFiles(reader, workflowId, await readHistory(reader, run));
  known.set(runId, names);
  return names;
}

/** Why the file must not be deleted; undefined if no open run uses it or may use it. */
export function useByOpenRuns(
  { usedBy, unreadable: [unknown] }: OpenRunUses,
  name: string,
): string | undefined {
  const workflowId = usedBy.get(name);
  if (workflowId !== undefined) return `the open run ${workflowId} uses it`;
  return unknown && `the open run ${unknown.workflowId} may use it: ${unknown.reason}`;
}
