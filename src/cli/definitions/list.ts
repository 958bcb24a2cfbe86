import { InvalidArgumentError, Option, type Command } from 'commander';
import type { FileState } from '../../contract/file.js';
import type { ToAction } from './to-action.js';

const STATES: readonly string[] = ['PROCESSING', 'ACTIVE', 'FAILED'] satisfies readonly FileState[];

export function addListCommand(program: Command, toAction: ToAction): void {
  program
    .command('list')
    .description('list the files that a key has at the provider')
    .addOption(
      new Option('--state <state>', `only files in this state: ${STATES.join(', ')}`).argParser(toState),
    )
    .option('--credentials <name>', 'name of a credentials profile in the configuration file')
    .option('--config <file>', 'configuration file')
    .option('--json', 'print them as an array of JSON on stdout')
    .addHelpText('after', '\nThe file that expires first comes first. The command uses no Temporal server.')
    .action(toAction(async () => (await import('../commands/list.js')).list));
}

function toState(value: string): string {
  const state = value.toUpperCase();
  if (!STATES.includes(state)) throw new InvalidArgumentError(`expected one of ${STATES.join(', ')}`);
  return state;
}
