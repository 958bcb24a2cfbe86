import type { Command } from 'commander';
import { GeminiFilesClient } from '../../client/index.js';
import { queryStatus } from '../../client/held-file.js';
import { leaseId } from '../../contract/hold.js';
import { withInterruptibleContext } from '../command-context.js';
import { argumentOf, idArgument } from '../id-argument.js';
import { ownCommand } from '../own-command.js';
import { shellWord } from '../../util/shell-word.js';
import { EXIT } from '../exit-code.js';
import { addTemporalFlags, type TemporalFlags } from '../temporal-target.js';
import { createOutput, table } from '../terminal/output.js';
import { CLI_LEASE, planHoldCommand } from './hold.js';
import type { ToAction } from './to-action.js';

interface Flags extends TemporalFlags {
  readonly lease: string;
  readonly json?: boolean;
}

export function addReleaseCommand(program: Command, toAction: ToAction): void {
  const command = program
    .command('release')
    .description('end a lease of a hold; with the last lease, the hold deletes its file')
    .argument('<hold-id>', 'id of the hold', idArgument);
  addTemporalFlags(command)
    .option('--lease <id>', 'the lease', argumentOf(leaseId), CLI_LEASE)
    .option('--json', 'print the result as JSON on stdout')
    .action(toAction((holdId: string, flags: Flags) => release(holdId, flags)));
}

async function release(holdId: string, { lease, json = false, ...flags }: Flags): Promise<number> {
  const plan = planHoldCommand(flags, 'release');
  const output = createOutput(json);
  return withInterruptibleContext(plan, output, async ({ client }) => {
    const held = new GeminiFilesClient(client).attachHold(holdId, lease);
    // Before the signal, after which no hold has the lease. If no worker answers, only the signal tells something.
    const status = await queryStatus(client, held.workflow);
    // Sent to a hold without the lease too: it may have been acquired since.
    const isOpen = await held.release();
    const isUnknown = status !== undefined && !status.leases.some(({ id }) => id === lease);
    const released = isOpen && !isUnknown;
    output.result(
      { holdId, leaseId: lease, released },
      table([
        ['hold', holdId],
        ['released', released ? lease : 'nothing'],
      ]),
    );
    if (!isOpen)
      output.say(
        `No hold ${holdId} is open here: it has ended, or its id or the server is another one (see: ${ownCommand()} status)`,
      );
    else if (isUnknown)
      output.say(
        `The hold ${holdId} has no lease ${lease}: it is over, or its id is another one (see: ${ownCommand()} status ${shellWord(holdId)})`,
      );
    return EXIT.done;
  });
}
