/** The list of a workflow id's runs. */

import { FILE_LIFETIME_MS } from '../../contract/file.js';
import {
  InvalidFilterError,
  listRunPages,
  type ListedRun,
  type RunReader,
  type RunRef,
} from './run-history.js';
import { workflowIdFilter } from './workflow-id-filter.js';

/**
 * The runs of the workflow id that are open, or were when a file that still exists was uploaded.
 *
 * Servers differ in how they compare ids: some do not know `STARTS_WITH`, none documents how it treats each character. So the
 * filter on the id is trusted only if it finds the run that is known. Otherwise all runs are listed, and compared here.
 *
 * @param known - a run of the workflow id that the list of runs has
 * @throws InvalidFilterError if the server takes not even the filter on the time
 */
export async function runsOfWorkflowId(reader: RunReader, known: RunRef): Promise<ListedRun[]> {
  const since = new Date(reader.now - FILE_LIFETIME_MS).toISOString();
  const recent = `(ExecutionStatus = 'Running' OR CloseTime >= '${since}')`;
  const withId = workflowIdFilter(known.workflowId);
  if (withId !== undefined) {
    try {
      const runs = await listById(reader, `${withId} AND ${recent}`, known.workflowId);
      if (runs.some(({ runId }) => runId === known.runId)) return runs;
    } catch (error) {
      if (!(error instanceof InvalidFilterError)) throw error;
    }
  }
  return listById(reader, recent, known.workflowId);
}

async function listById(reader: RunReader, query: string, workflowId: string): Promise<ListedRun[]> {
  const runs: ListedRun[] = [];
  for await (const page of listRunPages(reader, query))
    runs.push(...page.runs.filter((run) => run.workflowId === workflowId));
  return runs;
}
