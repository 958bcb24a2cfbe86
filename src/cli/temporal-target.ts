/**
 * Which Temporal server a command uses. The rule is the same for all commands:
 *
 * 1. `--address`, `--namespace` and `--profile`;
 * 2. the environment (`TEMPORAL_ADDRESS`, `TEMPORAL_PROFILE`, …) and Temporal's TOML file;
 * 3. the embedded server, or `localhost:7233` for a command that needs a server that stays.
 */

import { loadClientConfigProfile, toClientOptions, type ClientConfigProfile } from '@temporalio/envconfig';
import type { NativeConnectionOptions } from '@temporalio/worker';
import { errorMessage } from '../util/error-message.js';
import { UsageError } from './exit.js';
import type { TemporalFlags } from './temporal-flags.js';

/** Where `temporal server start-dev` listens, and every Temporal tool looks if nothing is configured. */
export const DEFAULT_ADDRESS = 'localhost:7233';
export const DEFAULT_NAMESPACE = 'default';

export interface TemporalTarget {
  readonly address: string;
  readonly namespace: string;
  readonly options: NativeConnectionOptions;
  /** Where the address comes from: a flag, a variable, a profile. */
  readonly source: string;
  /** What the user can do if the server does not answer. */
  readonly hint: string;
}

/**
 * The Temporal server that flags, environment or a TOML profile name; undefined if they name none.
 *
 * @throws UsageError for a configuration that cannot be used, and for `--namespace` without a server
 */
export function configuredTemporal(flags: TemporalFlags = {}): TemporalTarget | undefined {
  const target = resolveTarget(flags);
  if (target === undefined && flags.namespace !== undefined && flags.namespace !== DEFAULT_NAMESPACE)
    throw new UsageError(
      `--namespace ${flags.namespace} needs a server: the embedded one has only the namespace ${DEFAULT_NAMESPACE}. ` +
        `Name the server with --address, such as --address ${DEFAULT_ADDRESS}`,
    );
  return target;
}

/** Like {@link configuredTemporal}, for a command that needs a server that stays; without a configuration, `localhost:7233`. */
export function permanentTemporal(flags: TemporalFlags = {}): TemporalTarget {
  const target = resolveTarget(flags, DEFAULT_ADDRESS);
  if (target === undefined) throw new UsageError('No Temporal server is configured');
  return target;
}

/** A server whose address is known: the embedded one. */
export function targetAt(address: string, hint: string, namespace = DEFAULT_NAMESPACE): TemporalTarget {
  return { address, namespace, options: { address }, source: EMBEDDED, hint };
}

const EMBEDDED = 'the embedded server';

/** The line that tells the user which server a command uses. */
export function describeTarget({ address, namespace, source }: TemporalTarget): string {
  return `Temporal: ${address}, namespace ${namespace} (${source})`;
}

/** Names of settings of the environment that the embedded server does not use; empty if there are none. */
export function unusedSettings(): string[] {
  const env = readEnvironment();
  return ['TEMPORAL_NAMESPACE', 'TEMPORAL_API_KEY', 'TEMPORAL_TLS'].filter(
    (name) => env[name] !== undefined && env[name] !== DEFAULT_NAMESPACE,
  );
}

type Environment = Record<string, string>;

/**
 * The environment without the empty variables of Temporal, such as Compose makes of `${TEMPORAL_ADDRESS:-}`: they count as not set. Only an
 * empty `TEMPORAL_GRPC_META_*` has a meaning: it removes a header of the profile.
 */
function readEnvironment(): Environment {
  const isSet = (entry: [string, string | undefined]): entry is [string, string] =>
    entry[1] !== undefined && (entry[1] !== '' || !/^TEMPORAL_(?!GRPC_META_)/.test(entry[0]));
  return Object.fromEntries(Object.entries(process.env).filter(isSet));
}

function resolveTarget(flags: TemporalFlags, fallback?: string): TemporalTarget | undefined {
  const env = readEnvironment();
  const profile = loadProfile(flags, env);
  const address = flags.address ?? profile.address ?? fallback;
  if (address === undefined) return undefined;
  const source = sourceOf(flags, profile, env);
  assertAddress(address, source);
  const { connectionOptions, namespace = DEFAULT_NAMESPACE } = readConfiguration(() =>
    toClientOptions({ ...profile, address, ...(flags.namespace && { namespace: flags.namespace }) }),
  );
  return { address, namespace, options: connectionOptions, source, hint: hintOf(source) };
}

function loadProfile(flags: TemporalFlags, env: Environment): ClientConfigProfile {
  return readConfiguration(() => {
    const name = flags.profile || env.TEMPORAL_PROFILE;
    const profile = loadClientConfigProfile({ overrideEnvVars: env, ...(name && { profile: name }) });
    if (name && !profile.address && flags.address === undefined)
      throw new Error(`the profile ${name} has no address`);
    return profile;
  });
}

function sourceOf(flags: TemporalFlags, { address }: ClientConfigProfile, env: Environment): string {
  if (flags.address !== undefined) return '--address';
  if (env.TEMPORAL_ADDRESS !== undefined) return 'TEMPORAL_ADDRESS';
  if (address === undefined) return DEFAULT_SOURCE;
  if (flags.profile) return `--profile ${flags.profile}`;
  const { TEMPORAL_PROFILE: named } = env;
  return named === undefined ? "the profile default of Temporal's TOML file" : `TEMPORAL_PROFILE=${named}`;
}

const DEFAULT_SOURCE = 'the default: nothing is configured';

function hintOf(source: string): string {
  return source === DEFAULT_SOURCE
    ? 'Start one (temporal server start-dev), or name yours with --address or TEMPORAL_ADDRESS.'
    : `The address comes from ${source}. Check --address, TEMPORAL_ADDRESS, TEMPORAL_PROFILE and the TOML file.`;
}

/** gRPC would take anything for a host name, and try to reach it for seconds. */
function assertAddress(address: string, source: string): void {
  const [, scheme, rest] = /^(\w+):\/\/(.*?)\/*$/.exec(address) ?? [];
  if (scheme !== undefined)
    throw new UsageError(
      `The Temporal address ${address} (${source}) is a URL; give host:port, such as ${rest || DEFAULT_ADDRESS}`,
    );
  if (!/^(\[[0-9a-f:.%\w]+\]|[^\s:/]+):\d{1,5}$/i.test(address))
    throw new UsageError(
      `The Temporal address ${JSON.stringify(address)} (${source}) is not host:port, such as ${DEFAULT_ADDRESS}`,
    );
}

function readConfiguration<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    // Only the first line: a TOML parser shows the lines around its error, and they may contain a key.
    const [reason] = errorMessage(error).split('\n');
    throw new UsageError(`Temporal's configuration can't be used: ${reason}`);
  }
}
