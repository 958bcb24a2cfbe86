/** The Temporal server that a command uses: the configured one, or the embedded one. */

import { Connection, type ConnectionOptions } from '@temporalio/client';
import { loadClientConfigProfile, toClientOptions } from '@temporalio/envconfig';
import { NativeConnection, type NativeConnectionOptions } from '@temporalio/worker';
import { errorMessage } from '../util/error-message.js';
import { UsageError } from './errors.js';

const CONNECT_TIMEOUT_MS = 4000;

export interface TemporalTarget {
  readonly address: string;
  readonly namespace: string;
  readonly options: NativeConnectionOptions;
  /** What the user can do if the server does not answer. */
  readonly hint: string;
}

/** The Temporal that the environment or a TOML profile names; undefined if nothing is configured. */
export function configuredTemporal(): TemporalTarget | undefined {
  try {
    const profile = loadClientConfigProfile();
    if (!profile.address && process.env.TEMPORAL_PROFILE)
      throw new Error(`the profile ${process.env.TEMPORAL_PROFILE} has no address`);
    if (!profile.address) return undefined;
    const { connectionOptions, namespace = 'default' } = toClientOptions(profile);
    return {
      address: profile.address,
      namespace,
      options: connectionOptions,
      hint: 'Check TEMPORAL_ADDRESS, TEMPORAL_PROFILE and the TOML file.',
    };
  } catch (error) {
    // Only the first line: a TOML parser shows the lines around its error, and they may contain a key.
    const [reason] = errorMessage(error).split('\n');
    throw new UsageError(`Temporal's configuration can't be used: ${reason}`);
  }
}

export function targetAt(address: string, hint: string, namespace = 'default'): TemporalTarget {
  return { address, namespace, options: { address }, hint };
}

export async function connectClient(
  target: TemporalTarget,
  more: Pick<ConnectionOptions, 'interceptors'> = {},
): Promise<Connection> {
  const options: ConnectionOptions = {
    ...(target.options as ConnectionOptions),
    ...more,
    connectTimeout: CONNECT_TIMEOUT_MS,
    // A proxy cannot reach this machine's loopback.
    ...(isLoopback(target.address) && { channelArgs: { 'grpc.enable_http_proxy': 0 } }),
  };
  try {
    return await Connection.connect(options);
  } catch (error) {
    throw unreachable(target, error);
  }
}

/** The worker's connection. It has no timeout of its own: connect a client first, which fails if the server does not answer. */
export async function connectNative(target: TemporalTarget): Promise<NativeConnection> {
  try {
    return await NativeConnection.connect(target.options);
  } catch (error) {
    throw unreachable(target, error);
  }
}

function isLoopback(address: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\]):\d+$/.test(address);
}

function unreachable(target: TemporalTarget, cause: unknown): Error {
  return new Error(
    `No Temporal server answers at ${target.address}: ${errorMessage(cause)}. ${target.hint}`,
    {
      cause,
    },
  );
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
  const base = uiUrl ?? process.env.TEMPORAL_UI_URL ?? (cloud ? 'https://cloud.temporal.io' : undefined);
  if (!base) return null;
  const path = [target.namespace, 'workflows', workflowId, runId].map(encodeURIComponent).join('/');
  return `${base.replace(/\/+$/, '')}/namespaces/${path}/history`;
}
