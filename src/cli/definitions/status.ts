import type { Command } from 'commander';
import { idArgument } from '../id-argument.js';
import { addTemporalFlags } from '../temporal-flags.js';
import type { ToAction } from './to-action.js';

export function addStatusCommand(program: Command, toAction: ToAction): void {
  addTemporalFlags(
    program.command('status').description('show the state of a run, or list the open and the recent runs'),
  )
    .argument('[id]', "the run's workflow id; without it, the runs are listed", idArgument)
    .option('--json', 'print it as JSON on stdout')
    .action(toAction(async () => (await import('../commands/status.js')).status));
}
