import type { Command } from 'commander';
import { leaseId } from '../../contract/hold.js';
import { CLI_LEASE } from '../cli-lease.js';
import { argumentOf, idArgument } from '../id-argument.js';
import { addTemporalFlags } from '../temporal-flags.js';
import type { ToAction } from './to-action.js';

export function addReleaseCommand(program: Command, toAction: ToAction): void {
  const command = program
    .command('release')
    .description('end a lease of a hold; with the last lease, the hold deletes its file')
    .argument('<hold-id>', 'id of the hold', idArgument);
  addTemporalFlags(command)
    .option('--lease <id>', 'the lease', argumentOf(leaseId), CLI_LEASE)
    .option('--json', 'print the result as JSON on stdout')
    .action(toAction(async () => (await import('../commands/release.js')).release));
}
