/** Activity `geminiFilesFindAbandoned`, and the search behind it, which the command line uses too. */

import { Context } from '@temporalio/activity';
import type { Client, WorkflowExecutionInfo } from '@temporalio/client';
import { decodeFromPayloadsAtIndex } from '@temporalio/common/lib/internal-non-workflow/index.js';
import { FILE_LIFETIME_MS } from '../contract/file.js';
import { ACTIVITY, WORKFLOW } from '../contract/names.js';
import type { AbandonedFile, FindAbandonedInput } from '../contract/sweep.js';
import { isFileName } from '../gemini/index.js';
import { attemptTime } from './attempt-time.js';
import { withFailureMapping } from './failures.js';
import { findAbandonedInput } from './input.js';

const OWN_TYPES = `WorkflowType IN ('${WORKFLOW.uploadAndWaitActive}', '${WORKFLOW.preuploadAndWaitActive}')`;

/** Activities whose input names a file that the workflow chose. */
const NAMING: ReadonlySet<string> = new Set([ACTIVITY.upload, ACTIVITY.check, ACTIVITY.delete]);

export function findAbandoned(input: FindAbandonedInput): Promise<AbandonedFile[]> {
  const context = Context.current();
  return withFailureMapping({ id: () => undefined, ...attemptTime(context.info) }, async () => {
    const where = findAbandonedInput(input);
    return searchAbandoned(context.client, where, () => context.heartbeat());
  });
}

/**
 * The files of workflows that were terminated or timed out and so ran no compensation. A file that a running or
 * completed run of the same workflow uses as well (a reset leaves such a one) is left out.
 *
 * @param onWorkflow - called for each workflow that is looked at
 */
export async function searchAbandoned(
  client: Client,
  { query, olderThanMs }: FindAbandonedInput,
  onWorkflow: () => void = () => undefined,
): Promise<AbandonedFile[]> {
  const now = Date.now();
  const at = (ms: number) => `'${new Date(ms).toISOString()}'`;
  const filter = [
    "ExecutionStatus IN ('Terminated', 'TimedOut')",
    `CloseTime BETWEEN ${at(now - FILE_LIFETIME_MS)} AND ${at(now - olderThanMs)}`,
    `(${query ?? OWN_TYPES})`,
  ].join(' AND ');
  const found = new Map<string, AbandonedFile>();
  for await (const run of client.workflow.list({ query: filter })) {
    onWorkflow();
    // Visibility may lag behind, and a filter of the user's may say anything: the run itself has the word.
    if (run.status.name !== 'TERMINATED' && run.status.name !== 'TIMED_OUT') continue;
    const files = await filesOf(client, run);
    if (files.length === 0) continue;
    const kept = await namesInUse(client, run);
    for (const file of files) if (!kept.has(file.name)) found.set(file.name, file);
  }
  return [...found.values()];
}

async function filesOf(
  client: Client,
  run: Pick<WorkflowExecutionInfo, 'workflowId' | 'runId'>,
): Promise<AbandonedFile[]> {
  const { workflowId, runId } = run;
  const history = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  const files = new Map<string, AbandonedFile>();
  for (const { activityTaskScheduledEventAttributes: scheduled } of history.events ?? []) {
    if (!scheduled || !NAMING.has(scheduled.activityType?.name ?? '')) continue;
    const input = await decodeFromPayloadsAtIndex<{ name?: unknown; credentials?: unknown } | undefined>(
      client.options.loadedDataConverter,
      0,
      scheduled.input?.payloads,
    );
    if (!isFileName(input?.name)) continue;
    const credentials = typeof input.credentials === 'string' ? { credentials: input.credentials } : {};
    files.set(input.name, { name: input.name, workflowId, runId, ...credentials });
  }
  return [...files.values()];
}

/** Names that other runs under the same workflow id use, unless those were ended without a clean-up as well. */
async function namesInUse(client: Client, ended: WorkflowExecutionInfo): Promise<ReadonlySet<string>> {
  const names = new Set<string>();
  const id = ended.workflowId.replaceAll("'", "''");
  for await (const run of client.workflow.list({ query: `WorkflowId = '${id}'` })) {
    const abandoned = run.status.name === 'TERMINATED' || run.status.name === 'TIMED_OUT';
    // A run that continued as new handed its file on, to the very run that was ended or to one that is listed too.
    if (run.runId === ended.runId || abandoned || run.status.name === 'CONTINUED_AS_NEW') continue;
    for (const { name } of await filesOf(client, run)) names.add(name);
  }
  return names;
}
