import type { Command } from 'commander';
import type { StatusFlags } from '../commands/status.js';
import { idArgument } from '../id-argument.js';
import { addTemporalFlags } from '../temporal-flags.js';
import type { ToAction } from './to-action.js';

export function addStatusCommand(program: Command, toAction: ToAction): void {
  addTemporalFlags(
    program.command('status').description('show the state of a run, or list the open and the recent runs'),
  )
    .argument('[id]', "the run's workflow id; without it, the runs are listed", idArgument)
    .option('--json', 'print it as JSON on stdout')
    .action(
      toAction(async (id: string | undefined, flags: StatusFlags) => {
        const { status, statusOfAll } = await import('../commands/status.js');
        return id === undefined ? statusOfAll(flags) : status(id, flags);
      }),
    );
}
