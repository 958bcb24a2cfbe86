import type { Command } from 'commander';
import { TASK_QUEUE } from '../../contract/names.js';
import { addTemporalFlags } from '../temporal-flags.js';
import { addOptionFlags } from '../upload/flags.js';
import { addUnreachableFlag } from '../upload/unreachable-flag.js';
import type { ToAction } from './to-action.js';

export function addWaitCommand(program: Command, toAction: ToAction): void {
  const command = program
    .command('wait')
    .description('wait until a file that somebody else uploaded is ACTIVE')
    .argument('<id>', "the file's name at the provider, files/…");
  addUnreachableFlag(addTemporalFlags(addOptionFlags(command, 'wait')))
    .option('--no-worker', `leave the work to workers on the task queue ${TASK_QUEUE}`)
    .option('--config <file>', 'configuration file')
    .option('--json', 'print the result as JSON on stdout')
    .option('--verbose', "Temporal's log at INFO")
    .action(toAction(async () => (await import('../commands/wait.js')).wait));
}
