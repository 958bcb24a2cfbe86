import { WorkflowNotFoundError } from '@temporalio/client';
import type { Command } from 'commander';
import { GeminiFilesClient, type UploadHandle, type UploadProgress } from '../../client/index.js';
import { EXIT, reportOf } from '../exit-code.js';
import { createOutput, table } from '../output.js';
import { openSession, planSession } from '../session.js';
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

async function status(workflowId: string, json: boolean): Promise<number> {
  const output = createOutput(json);
  const plan = planSession(false);
  const session = await openSession({ ...plan, emulator: false }, output);
  try {
    const client = new GeminiFilesClient(session.client);
    const handle = client.attach(workflowId);
    const { status, runId } = await handle.workflow.describe();
    const url = webUrl(session.target, workflowId, runId, session.uiUrl);
    const open = status.name === 'RUNNING';
    const run = { workflowId, runId, status: status.name, webUrl: url ?? null };
    const progress = open ? await firstProgress(client, handle) : null;
    const end = open ? { result: null, error: null } : await ending(handle);
    output.result({ ...run, progress, ...end }, [
      ...table([
        ['id', workflowId],
        ['status', status.name],
        ['run', url],
      ]),
      ...(progress ? progressRows(progress) : []),
      ...(end.result
        ? table([
            ['file', end.result.id],
            ['uri', end.result.uri],
            ['state', end.result.state],
          ])
        : []),
      ...(end.error ? table([['error', `${end.error.type}: ${end.error.message}`]]) : []),
    ]);
    return EXIT.done;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError)
      throw new Error(
        `There is no run ${workflowId} in ${session.target.namespace} at ${session.target.address}`,
        { cause: error },
      );
    throw error;
  } finally {
    await session.close();
  }
}

async function firstProgress(
  client: GeminiFilesClient,
  handle: UploadHandle,
): Promise<UploadProgress | null> {
  for await (const progress of client.progress(handle)) return progress;
  return null;
}

async function ending(handle: UploadHandle) {
  try {
    return { result: await handle.result(), error: null };
  } catch (error) {
    return { result: null, error: reportOf(error) };
  }
}

function progressRows({
  phase,
  id,
  state,
  polls,
  bytesSent,
  sizeBytes,
  nextCheckAt,
  deadline,
}: UploadProgress): string[] {
  return table([
    ['phase', phase],
    ['file', id],
    ['state', state],
    ['sent', bytesSent === null || sizeBytes === null ? null : `${bytesSent} of ${sizeBytes} bytes`],
    ['checks', polls],
    ['next check', nextCheckAt],
    ['deadline', deadline],
  ]);
}
