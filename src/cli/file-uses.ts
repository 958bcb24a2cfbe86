/** Which files the open runs on the Temporal servers use, for a command that deletes files. */

import { errorMessage } from '../util/error-message.js';
import { listens } from '../util/listens.js';
import { useByOpenRuns, usesOfOpenRuns } from '../worker/sweep.js';
import { planCommand, withInterruptibleContext } from './command-context.js';
import { hasEmbeddedDatabase } from './dev-server/index.js';
import { InterruptedError } from './exit.js';
import type { TemporalFlags } from './temporal-flags.js';
import {
  configuredTemporal,
  DEFAULT_ADDRESS,
  permanentTemporal,
  type TemporalTarget,
} from './temporal-target.js';
import type { Output } from './terminal/output.js';

/** It is not known which files open runs use. */
class UseUnknownError extends Error {
  override readonly name = 'UseUnknownError';
}

/** Why a file must not be deleted; undefined if nothing is against it. */
export type UseOf = (name: string) => string | undefined;

interface Flags extends TemporalFlags {
  readonly config?: string;
  readonly credentials?: string;
}

/** @throws UseUnknownError if a server does not answer */
export async function findUses(flags: Flags, output: Output): Promise<UseOf> {
  const uses: UseOf[] = [];
  for (const server of await serversToAsk(flags)) uses.push(await usesAt(server, flags, output));
  return (name) => uses.map((useOf) => useOf(name)).find((use) => use !== undefined);
}

/**
 * The configured server. If none is configured, runs can be on the embedded server (undefined), which `upload` uses, and at the default
 * address, which `worker` and programs use. Whatever listens there is asked: a server that is too busy to answer may have runs, too.
 *
 * @param listensAt - whether a program listens at an address
 */
export async function serversToAsk(
  flags: TemporalFlags,
  listensAt: (address: string) => Promise<boolean> = listens,
): Promise<(TemporalTarget | undefined)[]> {
  const configured = configuredTemporal(flags);
  if (configured) return [configured];
  return [
    // The embedded server keeps its runs in the database. Without one, it has no run, and is not started.
    ...(hasEmbeddedDatabase() ? [undefined] : []),
    ...((await listensAt(DEFAULT_ADDRESS)) ? [permanentTemporal(flags)] : []),
  ];
}

async function usesAt(
  server: TemporalTarget | undefined,
  { config, credentials }: Flags,
  output: Output,
): Promise<UseOf> {
  const plan = { ...planCommand(config, credentials, server), emulator: false };
  try {
    const uses = await withInterruptibleContext(plan, output, ({ client }) => usesOfOpenRuns(client));
    return (name) => useByOpenRuns(uses, name);
  } catch (error) {
    if (error instanceof InterruptedError) throw error;
    throw new UseUnknownError(
      `Nothing was deleted, because it is not known which files open runs use. ${errorMessage(error)} To delete without this check: --force.`,
      { cause: error },
    );
  }
}
