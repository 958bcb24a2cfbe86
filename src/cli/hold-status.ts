/** What `status` prints of a hold. */

import type { WorkflowExecutionDescription } from '@temporalio/client';
import type { HoldResult, HoldStatus } from '../contract/hold.js';
import { fromWorkflowFailure } from '../client/failures.js';
import { queryStatus } from '../client/held-file.js';
import { readPending } from '../client/pending-activities.js';
import { isOpenRun } from '../client/run-status.js';
import type { CommandContext } from './command-context.js';
import { reportOf, unlessBehindCodec, type ErrorReport } from './error-report.js';
import { failureRows } from './terminal/failed-attempt.js';
import { formatTime } from './terminal/format.js';
import { table } from './terminal/output.js';

interface Run {
  readonly workflowId: string;
  readonly runId: string;
  readonly status: string;
  readonly webUrl: string | null;
}

interface End {
  readonly result: HoldResult | null;
  readonly error: ErrorReport | null;
}

export async function printHold(
  context: CommandContext,
  run: Run,
  description: WorkflowExecutionDescription,
): Promise<void> {
  const open = isOpenRun(description);
  const { client } = context;
  const { lastFailure } = await readPending({ client: client.workflow }, description);
  // Undefined if no worker answers, or if a payload codec has encoded the answer.
  const ask = () => queryStatus(client, client.workflow.getHandle(run.workflowId));
  const hold = open ? await unlessBehindCodec(ask(), (reason) => context.output.say(reason)) : undefined;
  const end = open ? { result: null, error: null } : await fetchEnd(context, run);
  context.output.result(
    { ...run, hold: hold ?? null, lastFailure: lastFailure ?? null, ...end },
    table([
      ['id', run.workflowId],
      ['status', run.status],
      ['run', run.webUrl],
      ...(hold ? rowsOf(hold) : []),
      ...failureRows(lastFailure),
      ['renewals', end.result && end.result.renewals],
      ['leases', end.result && end.result.leases],
      ['clean-up', end.result?.cleanup ?? end.error?.cleanup],
      ['error', end.error && `${end.error.type}: ${end.error.message}`],
    ]),
  );
}

function rowsOf({
  phase,
  file,
  leases,
  renewals,
  lastError,
}: HoldStatus): [string, string | number | null][] {
  return [
    ['phase', phase],
    ['file', file && file.id],
    ['uri', file && file.uri],
    ['expires', file && formatTime(file.expirationTime)],
    ...leases.map(({ id, until }): [string, string] => [
      'lease',
      until ? `${id} until ${formatTime(until)}` : `${id} waits for the file`,
    ]),
    ['renewals', renewals],
    ['last error', lastError && `${lastError.type}: ${lastError.message}`],
  ];
}

async function fetchEnd({ client }: CommandContext, { workflowId, runId }: Run): Promise<End> {
  const handle = client.workflow.getHandle<() => Promise<HoldResult>>(workflowId, runId);
  try {
    return { result: await handle.result(), error: null };
  } catch (error) {
    return { result: null, error: reportOf(fromWorkflowFailure(error)) };
  }
}
