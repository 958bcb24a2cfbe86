/** Which files the open runs of this package use. */

import type { Client } from '@temporalio/client';
import { FILE_WORKFLOW_TYPES } from '../../contract/names.js';
import { runsOfTypes } from '../../contract/run-filter.js';
import { mentionedFiles } from './mentioned-files.js';
import { listRunPages, readHistory, UnreadableRunError, type RunReader } from './run-history.js';

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
  const open = `${runsOfTypes(types)} AND CloseTime IS NULL`;
  const reader: RunReader = { client, onRead: () => undefined, now: Date.now() };
  const usedBy = new Map<string, string>();
  const unreadable: { workflowId: string; reason: string }[] = [];
  for await (const { runs } of listRunPages(reader, open)) {
    for (const run of runs) {
      const { workflowId } = run;
      try {
        for (const name of await mentionedFiles(client, workflowId, await readHistory(reader, run)))
          usedBy.set(name, workflowId);
      } catch (error) {
        if (!(error instanceof UnreadableRunError)) throw error;
        unreadable.push({ workflowId, reason: error.message });
      }
    }
  }
  return { usedBy, unreadable };
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
