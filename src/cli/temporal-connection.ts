/** Connections to the Temporal server that a command uses, and the link to its Web UI. */

import { Connection, type ConnectionOptions } from '@temporalio/client';
import type { NativeConnection } from '@temporalio/worker';
import { isLoopback as isLoopbackUrl } from '../gemini/index.js';
import { errorMessage } from '../util/error-message.js';
import { loadWorkerSdk } from '../worker/load-sdk.js';
import { boundedCalls, isSilence } from './bounded-calls.js';
import type { TemporalTarget } from './temporal-target.js';
import { withTimeout } from '../util/with-timeout.js';

const CONNECT_TIMEOUT_MS = 4000;
const HTTP_MS = 1000;

export async function connectClient(
  target: TemporalTarget,
  more: Pick<ConnectionOptions, 'interceptors' | 'connectTimeout'> = {},
): Promise<Connection> {
  const options: ConnectionOptions = {
    ...(target.options as ConnectionOptions),
    connectTimeout: CONNECT_TIMEOUT_MS,
    interceptors: boundedCalls(target.address),
    ...more,
    // A proxy cannot reach this machine's loopback.
    ...(isLoopback(target.address) && { channelArgs: { 'grpc.enable_http_proxy': 0 } }),
  };
  try {
    return await Connection.connect(options);
  } catch (error) {
    throw await unreachable(target, error);
  }
}

/** Why a command cannot use the server, in a sentence for its user; undefined if the server answers. */
export async function whyUnreachable(target: TemporalTarget): Promise<string | undefined> {
  try {
    const connection = await connectClient(target);
    await connection.close();
    return undefined;
  } catch (error) {
    return errorMessage(error);
  }
}

/**
 * Asks what a worker asks first, which waits for a minute if the server is silent, and does not say so.
 *
 * @throws Error if no answer comes
 */
export async function assertAnswering(
  { workflowService }: Pick<Connection, 'workflowService'>,
  target: TemporalTarget,
): Promise<void> {
  try {
    await workflowService.describeNamespace({ namespace: target.namespace });
  } catch (error) {
    // The worker's own error says more of a namespace that is not there, or that may not be used.
    if (isSilence(error)) throw await unreachable(target, error);
  }
}

/** The worker's connection. It bounds no call by itself: a client has to have had an answer, see {@link assertAnswering}. */
export async function connectNative(target: TemporalTarget): Promise<NativeConnection> {
  const { NativeConnection } = await loadWorkerSdk();
  try {
    return await NativeConnection.connect(target.options);
  } catch (error) {
    throw await unreachable(target, error);
  }
}

function isLoopback(address: string): boolean {
  return URL.canParse(`http://${address}`) && isLoopbackUrl(new URL(`http://${address}`));
}

async function unreachable(target: TemporalTarget, cause: unknown): Promise<Error> {
  const http = (await speaksHttp(target.address))
    ? ' An HTTP server answers there: the port may be that of the Web UI (8233) or of an emulator. Temporal itself listens on 7233 by default.'
    : '';
  const reason = isSilence(cause) ? 'no answer came in time' : errorMessage(cause);
  return new Error(`No Temporal server answers at ${target.address}: ${reason}.${http} ${target.hint}`, {
    cause,
  });
}

/** Whether something at the address answers HTTP/1, which Temporal's port does not. */
async function speaksHttp(address: string): Promise<boolean> {
  try {
    await fetch(`http://${address}/`, { redirect: 'manual', signal: withTimeout(HTTP_MS) });
    return true;
  } catch {
    return false;
  }
}

/** The run's page in Temporal's Web UI; null if the address of the Web UI is not known. */
export function webUrl(
  target: TemporalTarget,
  workflowId: string,
  runId: string,
  uiUrl?: string,
): string | null {
  const cloud =
    target.address.endsWith('.tmprl.cloud:7233') || target.address.endsWith('.api.temporal.io:7233');
  const base = uiUrl ?? (process.env.TEMPORAL_UI_URL || (cloud ? 'https://cloud.temporal.io' : undefined));
  if (!base) return null;
  const path = [target.namespace, 'workflows', workflowId, runId].map(encodeURIComponent).join('/');
  return `${base.replace(/\/+$/, '')}/namespaces/${path}/history`;
}

/** The page of the Web UI that lists the runs of a workflow id. */
export function runsUrl(uiUrl: string, namespace: string, workflowId: string): string {
  const query = encodeURIComponent(`WorkflowId=${JSON.stringify(workflowId)}`);
  return `${uiUrl}/namespaces/${encodeURIComponent(namespace)}/workflows?query=${query}`;
}
