import type { Command } from 'commander';
import { idArgument } from '../id-argument.js';
import type { ToAction } from './to-action.js';

export function addUiCommand(program: Command, toAction: ToAction): void {
  program
    .command('ui')
    .description('start the embedded Temporal server, if it does not run, and serve its Web UI until Ctrl-C')
    .argument('[id]', 'workflow id whose runs the link shows (default: all)', idArgument)
    .option('--json', 'print {"url": …} on stdout')
    .action(toAction(async () => (await import('../commands/ui.js')).ui));
}
