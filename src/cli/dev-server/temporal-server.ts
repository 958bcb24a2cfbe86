/** Temporal's dev server on the state folder's database. */

import { rmSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { Client, Connection, WorkflowNotFoundError } from '@temporalio/client';
import { errorMessage } from '../../util/error-message.js';
import { freePort } from '../../util/free-port.js';
import { listens } from '../../util/listens.js';
import { newDatabase, stateFiles, type Env } from './state-folder.js';
import { readDatabase, readRecord, updateRecord } from './server-record.js';
import { startService } from './service.js';
import { assertNotTooOld, HIDE_NEWS, type TemporalCli } from '../temporal-cli/index.js';

export const NAMESPACE = 'default';

const POLL_MS = 25;
/** Bound of one question. A server that works answers within milliseconds. */
const ANSWER_MS = 5000;

/** @param whileStarting - called when there is a process; it may take its time */
export async function startTemporal(
  stateDir: string,
  cli: TemporalCli,
  env: Env,
  whileStarting?: () => void,
): Promise<void> {
  const { serverLog } = stateFiles(stateDir);
  const existing = readDatabase(stateDir);
  // Another command may have started a newer server since the CLI was searched.
  assertNotTooOld(cli, existing);
  const database = existing?.path ?? newDatabase(stateDir);
  const { temporal: last } = readRecord(stateDir);
  const { cliVersion, serverVersion, hidesNews } = cli;
  const known = existing?.clusterId;
  let clusterId: string | undefined;
  try {
    await startService(async () => {
      const port = await freePort(last?.port);
      const uiPort = await freePort(last?.uiPort);
      return {
        name: "Temporal's dev server",
        command: cli.path,
        args: [
          ...['server', 'start-dev', '--ip', '127.0.0.1', '--port', String(port)],
          ...['--ui-ip', '127.0.0.1', '--ui-port', String(uiPort)],
          ...['--db-filename', database, '--log-level', 'error'],
          ...(hidesNews ? [HIDE_NEWS] : []),
        ],
        env,
        log: serverLog,
        onSpawn: (process) => {
          const temporal = { ...process, port, uiPort, cliVersion, serverVersion, clusterId: known };
          updateRecord(stateDir, { temporal });
          whileStarting?.();
        },
        // It writes that it listens about 200 ms after it can be used. No other server has this database.
        untilReady: async (signal) => {
          clusterId = await untilAnswering({ port, uiPort }, signal);
          return clusterId === known;
        },
        listening: new RegExp(`Server:\\s+\\S+:${port}\\b`),
      };
    });
    rememberCluster(stateDir, clusterId);
  } catch (error) {
    // A new database may be incomplete, and no server could start on it.
    if (existing === undefined)
      for (const suffix of ['', '-journal']) rmSync(database + suffix, { force: true });
    else if (/schema|no such (table|column)|not a database|malformed/i.test(errorMessage(error)))
      throw new Error(`${errorMessage(error)}. If its database ${database} is damaged, move it away.`, {
        cause: error,
      });
    throw error;
  }
}

function rememberCluster(stateDir: string, clusterId: string | undefined): void {
  const { temporal } = readRecord(stateDir);
  if (temporal && temporal.clusterId !== clusterId)
    updateRecord(stateDir, { temporal: { ...temporal, clusterId } });
}

/** Resolves when the server serves the namespace and its Web UI accepts connections, with the id of the cluster that is in its database. */
export async function untilAnswering(
  { port, uiPort }: { readonly port: number; readonly uiPort: number },
  signal: AbortSignal,
): Promise<string> {
  // After a refused connection, gRPC waits for a second before the next one.
  await Promise.all([untilOpen(port, signal), untilOpen(uiPort, signal)]);
  return retryUntilSuccess(signal, () =>
    ask(port, async ({ workflowService }) => {
      const [{ clusterId }] = await Promise.all([
        workflowService.getClusterInfo({}),
        workflowService.describeNamespace({ namespace: NAMESPACE }),
      ]);
      return clusterId;
    }),
  );
}

export async function untilOpen(port: number, signal: AbortSignal): Promise<void> {
  while (!(await listens(`127.0.0.1:${port}`))) await delay(POLL_MS, undefined, { signal });
}

async function retryUntilSuccess<T>(signal: AbortSignal, attempt: () => Promise<T>): Promise<T> {
  for (;;) {
    signal.throwIfAborted();
    try {
      return await attempt();
    } catch {
      await delay(POLL_MS, undefined, { signal });
    }
  }
}

/** Whether a run is open. The list of runs is eventually consistent, so each run in it is asked for its status. */
export async function hasOpenRun(port: number): Promise<boolean> {
  return ask(port, async (connection) => {
    const { workflow } = new Client({ connection, namespace: NAMESPACE });
    for await (const { workflowId } of workflow.list({ query: "ExecutionStatus = 'Running'" })) {
      try {
        const { status } = await workflow.getHandle(workflowId).describe();
        if (status.name === 'RUNNING') return true;
      } catch (error) {
        if (!(error instanceof WorkflowNotFoundError)) throw error;
      }
    }
    return false;
  });
}

async function ask<T>(port: number, question: (connection: Connection) => Promise<T>): Promise<T> {
  // A proxy from the environment must not be used for loopback.
  const channelArgs = { 'grpc.enable_http_proxy': 0 };
  const connection = Connection.lazy({ address: `127.0.0.1:${port}`, channelArgs });
  try {
    return await connection.withDeadline(Date.now() + ANSWER_MS, () => question(connection));
  } finally {
    await connection.close();
  }
}
