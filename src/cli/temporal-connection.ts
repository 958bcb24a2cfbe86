/** Which Temporal a command talks to: the configured one, or the embedded one. */

import { Connection, type ConnectionOptions } from '@temporalio/client';
import { loadClientConfigProfile, toClientOptions, type ClientConfigProfile } from '@temporalio/envconfig';
import { NativeConnection, type NativeConnectionOptions } from '@temporalio/worker';
import { UsageError } from './exit-code.js';

const CONNECT_TIMEOUT_MS = 5000;

export interface TemporalTarget {
  readonly address: string;
  readonly namespace: string;
  readonly options: NativeConnectionOptions;
}

/** The Temporal that the environment or a TOML profile names; undefined where nothing is configured. */
export function configuredTemporal(): TemporalTarget | undefined {
  let profile: ClientConfigProfile;
  try {
    profile = loadClientConfigProfile();
  } catch (error) {
    throw new UsageError(
      `Temporal's configuration can't be read: ${error instanceof Error ? error.message : String(error)}`,
    );
  }
  if (!profile.address) return undefined;
  const { connectionOptions, namespace = 'default' } = toClientOptions(profile);
  return { address: profile.address, namespace, options: connectionOptions };
}

export function targetAt(address: string, namespace = 'default'): TemporalTarget {
  return { address, namespace, options: { address } };
}

export async function connectClient(target: TemporalTarget): Promise<Connection> {
  const options = { ...(target.options as ConnectionOptions), connectTimeout: CONNECT_TIMEOUT_MS };
  try {
    return await Connection.connect(options);
  } catch (error) {
    throw unreachable(target, error);
  }
}

export async function connectWorker(target: TemporalTarget): Promise<NativeConnection> {
  // The native connection has no bound of its own: the client's tells whether anybody answers.
  await (await connectClient(target)).close();
  try {
    return await NativeConnection.connect(target.options);
  } catch (error) {
    throw unreachable(target, error);
  }
}

function unreachable(target: TemporalTarget, cause: unknown): Error {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new Error(
    `No Temporal server answers at ${target.address}: ${reason}. Check TEMPORAL_ADDRESS, TEMPORAL_PROFILE and the TOML file, ` +
      'or unset them to use the embedded server.',
    { cause },
  );
}

/** The run's page in Temporal's Web UI; undefined where nobody knows where that is. */
export function webUrl(
  target: TemporalTarget,
  workflowId: string,
  runId: string,
  uiUrl?: string,
): string | undefined {
  const cloud =
    target.address.endsWith('.tmprl.cloud:7233') || target.address.endsWith('.api.temporal.io:7233');
  const base = uiUrl ?? process.env.TEMPORAL_UI_URL ?? (cloud ? 'https://cloud.temporal.io' : undefined);
  if (!base) return undefined;
  const path = [target.namespace, 'workflows', workflowId, runId].map(encodeURIComponent).join('/');
  return `${base.replace(/\/+$/, '')}/namespaces/${path}/history`;
}
