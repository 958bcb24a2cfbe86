import type { Command } from 'commander';
import { addTemporalFlags } from '../temporal-flags.js';
import { addWorkerFlags, collect } from '../worker/flags.js';
import type { ToAction } from './to-action.js';

export function addDoctorCommand(program: Command, toAction: ToAction): void {
  const command = program
    .command('doctor')
    .description('check what uploads need, as a worker with the same flags sees it, and how to correct it');
  addTemporalFlags(addWorkerFlags(command))
    .option(
      '--source <source>',
      'https://… or NAME:KEY of a file at a source: one byte of it is read; repeatable',
      collect,
    )
    .option('--offline', 'send nothing to the provider and to sources')
    .option('--json', 'print {"ok": …, "checks": […]} on stdout')
    .action(toAction(async () => (await import('../commands/doctor.js')).doctor));
}
