/** Looks for a run on the Temporal servers that a command did not use, for a user who looked at the wrong one. */

import { Client, WorkflowNotFoundError } from '@temporalio/client';
import { listens } from '../util/listens.js';
import { readDevServerStatus, stateDirectory } from './dev-server/index.js';
import { connectClient } from './temporal-connection.js';
import type { TemporalFlags } from './temporal-flags.js';
import {
  configuredTemporal,
  DEFAULT_ADDRESS,
  DEFAULT_NAMESPACE,
  targetAt,
  type TemporalTarget,
} from './temporal-target.js';

/** Bound of each server: those of this machine answer within milliseconds. */
const LOOK_MS = 2000;

/** The servers of this machine that a user may have meant: a dev server, and the embedded one if it runs. */
function localServers(): string[] {
  let embedded: string | undefined;
  try {
    embedded = readDevServerStatus(stateDirectory())?.address;
  } catch {
    // Without a state folder there is no embedded server.
  }
  return [DEFAULT_ADDRESS, ...(embedded === undefined ? [] : [embedded])];
}

/**
 * The server as the user reaches it who adds `add` to the flags of the command, with TLS if the configuration has it. Keys and headers are
 * not sent: the user has not named this server, and any program may listen there.
 */
function wayTo(
  address: string,
  flags: TemporalFlags,
): { readonly add: string; readonly target: TemporalTarget } {
  const configured = configuredTemporal({ ...flags, address });
  const isDefault = configured === undefined || configured.namespace === DEFAULT_NAMESPACE;
  const add = `--address ${address}${isDefault ? '' : ` --namespace ${DEFAULT_NAMESPACE}`}`;
  const plain = targetAt(address, '');
  return { add, target: { ...plain, options: { ...plain.options, tls: configured?.options.tls ?? false } } };
}

/** The other servers that answer, as a hint for a user who expected runs where there are none; undefined if none does. */
export async function hintAtOthers(
  used?: Pick<TemporalTarget, 'address'>,
  flags: TemporalFlags = {},
  candidates: readonly string[] = localServers(),
): Promise<string | undefined> {
  const others = othersThan(used, candidates);
  const answering = await Promise.all(
    others.map(async (address) => {
      const { add, target } = wayTo(address, flags);
      return (await answers(address, target)) ? { address, add } : [];
    }),
  );
  const [first, ...more] = answering.flat();
  if (first === undefined) return undefined;
  const found = new Intl.ListFormat('en-GB').format([first, ...more].map(({ address }) => address));
  return `Another Temporal server answers at ${found}; to look there, add ${first.add}.`;
}

/** One sentence for each other server that answers; empty if none does. @param used - undefined if the command used none */
export async function lookElsewhere(
  workflowId: string,
  used?: Pick<TemporalTarget, 'address'>,
  flags: TemporalFlags = {},
  candidates: readonly string[] = localServers(),
): Promise<string[]> {
  const others = othersThan(used, candidates);
  const found = await Promise.all(others.map((address) => lookAt(address, workflowId, flags)));
  return found.flatMap((sentence) => sentence ?? []);
}

function othersThan(
  used: Pick<TemporalTarget, 'address'> | undefined,
  candidates: readonly string[],
): string[] {
  return candidates.filter((address) => used === undefined || normalize(address) !== normalize(used.address));
}

const normalize = (address: string) => address.replace(/^localhost:/, '127.0.0.1:');

async function lookAt(
  address: string,
  workflowId: string,
  flags: TemporalFlags,
): Promise<string | undefined> {
  const { add, target } = wayTo(address, flags);
  // Where nobody listens, gRPC would try again until its own bound.
  if (!(await listens(address))) return undefined;
  try {
    const connection = await connectClient(target, { interceptors: [], connectTimeout: LOOK_MS });
    try {
      const { workflow } = new Client({ connection, namespace: target.namespace });
      await connection.withDeadline(Date.now() + LOOK_MS, () => workflow.getHandle(workflowId).describe());
      return `The server at ${address} has such a run: add ${add}.`;
    } catch (error) {
      return error instanceof WorkflowNotFoundError
        ? `Another Temporal server answers at ${address}, and has no such run either.`
        : `Another Temporal server answers at ${address}; to look there, add ${add}.`;
    } finally {
      await connection.close();
    }
  } catch {
    return undefined;
  }
}

/** Whether a Temporal server answers at the address. */
export async function answers(address: string, target = targetAt(address, '')): Promise<boolean> {
  if (!(await listens(address))) return false;
  try {
    const options = { interceptors: [], connectTimeout: LOOK_MS };
    await (await connectClient(target, options)).close();
    return true;
  } catch {
    return false;
  }
}
