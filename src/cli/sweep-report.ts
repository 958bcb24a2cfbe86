/** What `sweep` prints without `--json`: a table of the files, a table of the runs that were left alone, the counts, and what they cover. */

import { SWEPT_WORKFLOW_TYPES } from '../contract/names.js';
import type { SweepResult } from '../contract/sweep.js';
import { columns } from './terminal/columns.js';
import type { Colour } from './terminal/colour.js';

/** The workflow types that are searched without `--query`, as a phrase. */
export const OWN_TYPES = new Intl.ListFormat('en-GB').format(SWEPT_WORKFLOW_TYPES);

export function sweepLines(result: SweepResult, query: string | undefined, colour?: Colour): string[] {
  const files = result.files.map(({ name, outcome, gone, workflowId, error }) => [
    name,
    gone ? 'gone' : outcome,
    workflowId,
    error,
  ]);
  const runs = result.runs.map(({ workflowId, runId, outcome, reason }) => [
    workflowId,
    runId,
    outcome,
    reason,
  ]);
  const tables = [
    columns(['NAME', 'OUTCOME', 'WORKFLOW', 'REASON'], files, colour),
    columns(['WORKFLOW', 'RUN', 'OUTCOME', 'REASON'], runs, colour),
  ];
  return [
    ...tables.flatMap((table) => (table.length > 0 ? [...table, ''] : [])),
    countsOf(result),
    query === undefined
      ? `Searched: runs of ${OWN_TYPES}. For workflows that call the functions inline, see --query.`
      : `Searched: runs that match ${query}`,
  ];
}

function countsOf({ found, deleted, gone, failed, kept, unreadable, skipped }: SweepResult): string {
  return [
    `${found} found, ${deleted} deleted${gone > 0 ? ` (${gone} gone already)` : ''}, ${failed} failed`,
    ...(kept > 0 ? [`${kept} kept`] : []),
    ...(unreadable > 0 ? [`unreadable runs: ${unreadable}`] : []),
    ...(skipped > 0 ? [`skipped runs: ${skipped}`] : []),
  ].join(', ');
}

/** What to do about what a sweep has left; empty if there is nothing. */
export function sweepAdvice({ failed, unreadable }: Pick<SweepResult, 'failed' | 'unreadable'>): string[] {
  return [
    ...(failed > 0 ? ['Repeat the sweep for the files that could not be deleted.'] : []),
    ...(unreadable > 0
      ? [
          'Files of the unreadable runs may be left. If a payload codec encrypts these runs, run the workflow sweepAbandonedFiles on a worker ' +
            'that has the codec.',
        ]
      : []),
  ];
}
