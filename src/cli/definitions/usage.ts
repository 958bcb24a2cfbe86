import type { Command } from 'commander';
import { docPage } from '../doc-page.js';
import type { ToAction } from './to-action.js';

export function addUsageCommand(program: Command, toAction: ToAction): void {
  program
    .command('usage')
    .description("show how much of the project's file storage is in use")
    .option('--credentials <name>', 'name of a credentials profile in the configuration file')
    .option('--config <file>', 'configuration file')
    .option('--json', 'print it as JSON on stdout')
    .addHelpText(
      'after',
      `\nThe bytes are a lower bound: the provider does not list everything that it counts.\n${docPage('storage')} says what frees storage, and when.`,
    )
    .action(toAction(async () => (await import('../commands/usage.js')).usage));
}
