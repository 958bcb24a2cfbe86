import { WorkflowNotFoundError } from '@temporalio/client';
import { GeminiFilesClient, type UploadHandle, type UploadProgress } from '../../client/index.js';
import { isOpenRun } from '../../client/run-status.js';
import { WORKFLOW } from '../../contract/names.js';
import type { ActiveFile } from '../../contract/file.js';
import { failureRows } from '../terminal/failed-attempt.js';
import { isCancelled, reportOf, unlessBehindCodec, type ErrorReport } from '../error-report.js';
import { EXIT } from '../exit.js';
import { formatBytes, formatTime } from '../terminal/format.js';
import { createOutput, table, type Output } from '../terminal/output.js';
import { hasEmbeddedDatabase } from '../dev-server/index.js';
import { hintAtOthers, lookElsewhere } from '../other-servers.js';
import type { TemporalFlags } from '../temporal-flags.js';
import { configuredTemporal, type TemporalTarget } from '../temporal-target.js';
import { planCommand, withInterruptibleContext, type CommandContext } from '../command-context.js';
import { reportOfCancelled } from '../upload/cancelled-run.js';
import { toLastingLink, toRunLink, webUiHint } from '../upload/run-link.js';
import { printRuns } from '../list-runs.js';
import { printHold } from '../hold-status.js';

export interface StatusFlags extends TemporalFlags {
  readonly json?: boolean;
}

/** No run has this id. */
class RunNotFoundError extends Error {
  override readonly name = 'RunNotFoundError';
}

/** @param workflowId - the run; undefined: the open and the recent ones */
export async function status(
  workflowId: string | undefined,
  { json = false, ...temporal }: StatusFlags,
): Promise<number> {
  const output = createOutput(json);
  const plan = planCommand(undefined, undefined, configuredTemporal(temporal));
  if (!plan.temporal && !hasEmbeddedDatabase()) {
    if (workflowId !== undefined) throw await notFound(workflowId, NEVER_RAN, { flags: temporal });
    output.result([], []);
    output.say(`No run is open, and none has ended: ${NEVER_RAN}.`);
    await sayOfOthers(output, temporal);
    return EXIT.done;
  }
  return withInterruptibleContext({ ...plan, emulator: false }, output, async (context) => {
    if (workflowId !== undefined) await printRun(context, workflowId, temporal);
    else if ((await printRuns(context)) === 0) await sayOfOthers(output, temporal, context.temporal);
    return EXIT.done;
  });
}

async function printRun(context: CommandContext, workflowId: string, flags: TemporalFlags): Promise<void> {
  const client = new GeminiFilesClient(context.client);
  const handle = client.attach(workflowId);
  const description = await describe(context, handle, flags);
  const { status, runId } = description;
  const open = isOpenRun(description);
  const link = toRunLink(context, { workflowId, runId });
  // An open run keeps the embedded server.
  const { webUrl } = open ? link : toLastingLink(context, link);
  const run = { workflowId, runId, status: status.name, webUrl };
  if (description.type === WORKFLOW.holdActiveFile) return printHold(context, run, description);
  const say = (reason: string) => context.output.say(reason);
  const progress = open ? ((await unlessBehindCodec(fetchProgress(client, handle), say)) ?? null) : null;
  const end = open ? { result: null, error: null } : await fetchEnd(handle);
  const { output } = context;
  output.result(
    { ...run, progress, ...end },
    table([
      ['id', workflowId],
      ['status', status.name],
      ['run', webUrl],
      ...progressRows(progress),
      ...resultRows(end.result),
      ['error', end.error && `${end.error.type}: ${end.error.message}`],
      ['file', end.error?.id],
      ['clean-up', end.error?.cleanup],
    ]),
  );
  const hint = open ? undefined : webUiHint(context, workflowId);
  if (hint !== undefined) output.say(hint);
}

async function describe({ temporal }: CommandContext, { workflow }: UploadHandle, flags: TemporalFlags) {
  try {
    return await workflow.describe();
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    const where = `in the namespace ${temporal.namespace} at ${temporal.address}`;
    throw await notFound(workflow.workflowId, where, { flags, used: temporal, cause: error });
  }
}

/** Without a database, the embedded server has no runs to look at, and is not started. */
const NEVER_RAN = 'the embedded Temporal server has never run';

async function notFound(
  workflowId: string,
  where: string,
  {
    flags,
    used,
    cause,
  }: { readonly flags: TemporalFlags; readonly used?: TemporalTarget; readonly cause?: unknown },
): Promise<RunNotFoundError> {
  const reason = used ? `No run ${workflowId} ${where}` : `No run ${workflowId}: ${where}`;
  return new RunNotFoundError([reason, ...(await lookElsewhere(workflowId, used, flags))].join('. '), {
    cause,
  });
}

async function sayOfOthers(output: Output, flags: TemporalFlags, used?: TemporalTarget): Promise<void> {
  const hint = await hintAtOthers(used, flags);
  if (hint !== undefined) output.say(hint);
}

async function fetchProgress(
  client: GeminiFilesClient,
  handle: UploadHandle,
): Promise<UploadProgress | null> {
  for await (const progress of client.progress(handle)) return progress;
  return null;
}

interface End {
  readonly result: ActiveFile | string | null;
  readonly error: ErrorReport | null;
}

async function fetchEnd(handle: UploadHandle): Promise<End> {
  try {
    return { result: await handle.result(), error: null };
  } catch (error) {
    const report = isCancelled(error) ? await reportOfCancelled(error, handle.workflow) : reportOf(error);
    return { result: null, error: report };
  }
}

type Row = [string, string | number | null];

/** @param result - of `uploadAndWaitActive`, or the uri of `preuploadAndWaitActive` */
function resultRows(result: ActiveFile | string | null): Row[] {
  if (!result) return [];
  if (typeof result === 'string') return [['uri', result]];
  return [
    ['file', result.id],
    ['uri', result.uri],
    ['state', result.state],
  ];
}

function progressRows(progress: UploadProgress | null): Row[] {
  if (!progress) return [];
  const { phase, id, state, polls, bytesSent, sizeBytes, nextCheckAt, deadline, lastFailure } = progress;
  return [
    ['phase', phase],
    ['file', id],
    ['state', state],
    [
      'sent',
      bytesSent === null || sizeBytes === null
        ? null
        : `${formatBytes(bytesSent)} of ${formatBytes(sizeBytes)}`,
    ],
    ['checks', polls],
    ['next check', nextCheckAt && formatTime(nextCheckAt)],
    ['deadline', deadline && formatTime(deadline)],
    ...failureRows(lastFailure),
  ];
}
