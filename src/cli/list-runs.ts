/** What `status` prints without an id: the open runs of this package, and those that have ended in the last 48 hours. */

import { optionalTsToDate } from '@temporalio/common/lib/time.js';
import { FILE_LIFETIME_MS } from '../contract/file.js';
import { FILE_WORKFLOW_TYPES } from '../contract/names.js';
import { runsOfTypes } from '../contract/run-filter.js';
import type { CommandContext } from './command-context.js';
import { colourFor } from './terminal/colour.js';
import { columns } from './terminal/columns.js';
import { count, formatTime } from './terminal/format.js';
import { toLastingLink, toRunLink, type RunLink } from './upload/run-link.js';

/** More is what the Web UI is for. */
const MAX_RUNS = 200;

interface ListedRun extends RunLink {
  readonly type: string;
  readonly status: string;
  readonly startTime: string | null;
  readonly closeTime: string | null;
}

/** By the values of Temporal's enum `WorkflowExecutionStatus`. */
const STATUSES = [
  'UNSPECIFIED',
  'RUNNING',
  'COMPLETED',
  'FAILED',
  'CANCELLED',
  'TERMINATED',
  'CONTINUED_AS_NEW',
  'TIMED_OUT',
  'PAUSED',
];

/** @returns how many there are */
export async function printRuns(context: CommandContext): Promise<number> {
  const { output, temporal } = context;
  const { runs, more } = await listRuns(context);
  const rows = runs.map(({ workflowId, type, status, startTime, closeTime }) => [
    ...[workflowId, type, status],
    ...[startTime && formatTime(startTime), closeTime && formatTime(closeTime)],
  ]);
  const header = ['ID', 'TYPE', 'STATUS', 'STARTED', 'ENDED'];
  output.result(runs, columns(header, rows, colourFor(process.stdout)));
  if (runs.length === 0)
    output.say(
      `No run is open in the namespace ${temporal.namespace} at ${temporal.address}, and none ended in the last 48 hours.`,
    );
  if (more) output.say(`There are more than ${count(MAX_RUNS, 'run')}: Temporal's Web UI has all.`);
  return runs.length;
}

/** Open runs first, then the latest that ended. Temporal's own list decodes memos, and one that cannot be decoded would end it. */
async function listRuns(context: CommandContext): Promise<{ runs: ListedRun[]; more: boolean }> {
  const { client } = context;
  const { namespace } = client.options;
  const since = new Date(Date.now() - FILE_LIFETIME_MS).toISOString();
  const types = runsOfTypes(FILE_WORKFLOW_TYPES);
  const recent = `CloseTime >= '${since}' AND ExecutionStatus != 'ContinuedAsNew'`;
  const runs: ListedRun[] = [];
  for (const query of [`${types} AND CloseTime IS NULL`, `${types} AND ${recent}`]) {
    let nextPageToken: Uint8Array = new Uint8Array();
    do {
      const page = await client.workflowService.listWorkflowExecutions({ namespace, query, nextPageToken });
      for (const { execution, type, status, startTime, closeTime } of page.executions ?? []) {
        if (runs.length === MAX_RUNS) return { runs, more: true };
        const { workflowId = '', runId = '' } = execution ?? {};
        const link = toRunLink(context, { workflowId: workflowId ?? '', runId: runId ?? '' });
        runs.push({
          ...(closeTime ? toLastingLink(context, link) : link),
          type: type?.name ?? '',
          status: STATUSES[Number(status)] ?? 'UNSPECIFIED',
          startTime: optionalTsToDate(startTime)?.toISOString() ?? null,
          closeTime: optionalTsToDate(closeTime)?.toISOString() ?? null,
        });
      }
      nextPageToken = page.nextPageToken ?? new Uint8Array();
    } while (nextPageToken.length > 0);
  }
  return { runs, more: false };
}
