import type { Command } from 'commander';
import { addTemporalFlags } from '../temporal-flags.js';
import type { ToAction } from './to-action.js';

export function addDeleteCommand(program: Command, toAction: ToAction): void {
  const command = program
    .command('delete')
    .description('delete files at the provider, unless an open run uses them')
    .argument('<id...>', "the files' names at the provider, files/…");
  addTemporalFlags(command)
    .option('--yes', 'delete without asking; required if there is no terminal')
    .option('--force', 'delete files that open runs use, too; no Temporal server is asked')
    .option('--credentials <name>', 'name of a credentials profile in the configuration file')
    .option('--config <file>', 'configuration file')
    .option('--json', 'print the result as JSON on stdout')
    .addHelpText(
      'after',
      `
The open runs of this package on the Temporal server are read; if none is configured, on the embedded server and on
localhost:7233. Workflows of yours that call its functions inline are not among them. Exits with 1 unless all files
were deleted.`,
    )
    .action(toAction(async () => (await import('../commands/delete.js')).deleteFiles));
}
