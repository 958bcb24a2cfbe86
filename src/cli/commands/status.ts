import { WorkflowNotFoundError } from '@temporalio/client';
import type { Command } from 'commander';
import { GeminiFilesClient, type UploadHandle, type UploadProgress } from '../../client/index.js';
import type { ActiveFile } from '../../contract/index.js';
import { reportOfCancelled } from '../cancelled-run.js';
import { EXIT, isCancelled, reportOf, type ErrorReport } from '../exit-code.js';
import { createOutput, table } from '../output.js';
import { planSession, withInterruptibleSession, type Session } from '../session.js';
import { webUrl } from '../temporal-connection.js';

export function addStatusCommand(program: Command): void {
  program
    .command('status')
    .description('show where a run is')
    .argument('<id>', "the run's workflow id")
    .option('--json', 'print it as JSON on stdout')
    .action(async (id: string, flags: { json?: boolean }) => {
      process.exitCode = await status(id, flags.json ?? false);
    });
}

/** There is no run of that id. */
class RunNotFoundError extends Error {
  override readonly name = 'RunNotFoundError';
}

async function status(workflowId: string, json: boolean): Promise<number> {
  const output = createOutput(json);
  return withInterruptibleSession({ ...planSession(false), emulator: false }, output, async (session) => {
    const client = new GeminiFilesClient(session.client);
    const handle = client.attach(workflowId);
    const { status, runId } = await describe(session, handle);
    const url = webUrl(session.target, workflowId, runId, session.uiUrl) ?? null;
    const run = { workflowId, runId, status: status.name, webUrl: url };
    const open = status.name === 'RUNNING';
    const progress = open ? await firstProgress(client, handle) : null;
    const end = open ? { result: null, error: null } : await ending(handle);
    output.result(
      { ...run, progress, ...end },
      table([
        ['id', workflowId],
        ['status', status.name],
        ['run', url],
        ...progressRows(progress),
        ...resultRows(end.result),
        ['error', end.error && `${end.error.type}: ${end.error.message}`],
        ['file', end.error?.id],
        ['clean-up', end.error?.cleanup],
      ]),
    );
    return EXIT.done;
  });
}

async function describe({ target }: Session, { workflow }: UploadHandle) {
  try {
    return await workflow.describe();
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    throw new RunNotFoundError(
      `There is no run ${workflow.workflowId} in the namespace ${target.namespace} at ${target.address}`,
      { cause: error },
    );
  }
}

async function firstProgress(
  client: GeminiFilesClient,
  handle: UploadHandle,
): Promise<UploadProgress | null> {
  for await (const progress of client.progress(handle)) return progress;
  return null;
}

interface Ending {
  readonly result: ActiveFile | string | null;
  readonly error: ErrorReport | null;
}

async function ending(handle: UploadHandle): Promise<Ending> {
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
  const { phase, id, state, polls, bytesSent, sizeBytes, nextCheckAt, deadline } = progress;
  return [
    ['phase', phase],
    ['file', id],
    ['state', state],
    ['sent', bytesSent === null || sizeBytes === null ? null : `${bytesSent} of ${sizeBytes} bytes`],
    ['checks', polls],
    ['next check', nextCheckAt],
    ['deadline', deadline],
  ];
}
