import type { Command } from 'commander';
import { TASK_QUEUE } from '../../contract/names.js';
import { CLI_LEASE } from '../cli-lease.js';
import { addTemporalFlags } from '../temporal-flags.js';
import { addOptionFlags } from '../upload/flags.js';
import type { ToAction } from './to-action.js';

export function addHoldCommand(program: Command, toAction: ToAction): void {
  const command = program
    .command('hold')
    .description(
      'keep a file usable: upload it, and again before the provider forgets it, until its last lease ends',
    )
    .argument('<path>', 'a path, as the workers see it, https://…, or NAME:KEY of a source of the workers');
  addTemporalFlags(addOptionFlags(command, 'hold', { leaseId: CLI_LEASE }))
    .option('--hold-id <id>', 'id of the hold; callers that use the same id share one file')
    .option('--reuse <content>', 'content: share the file with all holds of the same bytes, under any path')
    .option('--json', 'print the result as JSON on stdout')
    .addHelpText('after', `\nIt needs a Temporal server, and workers on the task queue ${TASK_QUEUE}.`)
    .action(toAction(async () => (await import('../commands/hold.js')).hold));
}
