import type { Command } from 'commander';
import type { ToAction } from './to-action.js';

export function addReplayCommand(program: Command, toAction: ToAction): void {
  program
    .command('replay')
    .description('replay recorded histories, to check that open runs survive a change of workflow code')
    .argument('<path...>', 'history files (JSON), or folders of them')
    .option('--workflows <file>', "workflow code to replay on (default: this package's own)")
    .option('--json', 'print the result as JSON on stdout')
    .action(toAction(async () => (await import('../commands/replay.js')).replay));
}
