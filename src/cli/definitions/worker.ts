import { Option, type Command } from 'commander';
import { durationArgument } from '../duration-argument.js';
import { addTemporalFlags } from '../temporal-flags.js';
import { addWorkerFlags, taskQueueArgument } from '../worker/flags.js';
import { LOG_FORMATS } from '../worker/log-format.js';
import type { ToAction } from './to-action.js';

export function addWorkerCommand(program: Command, toAction: ToAction): void {
  const command = program.command('worker').description('run a worker until SIGINT or SIGTERM');
  addTemporalFlags(addWorkerFlags(command))
    .option(
      '--host-queue <name>',
      "task queue for files on this host's disk; name it as `taskQueue` in the input, and of a scheduled sweep",
      taskQueueArgument,
    )
    .option('--deployment <name>', "deployment name for Temporal's worker versioning")
    .option('--build-id <id>', 'build id of this worker')
    .addOption(
      new Option(
        '--shutdown-grace-time <duration>',
        'how long activities may continue after SIGTERM; an upload then hands over to another worker',
      )
        .default(5000, '5s')
        .argParser(durationArgument),
    )
    .option(
      '--metrics <host:port>',
      'serve Prometheus metrics on /metrics and health on /healthz; port 0: any free port',
    )
    .addOption(
      new Option('--log-format <format>', 'format of the log on stderr').choices(LOG_FORMATS).default('text'),
    )
    .option('--json', 'print one line of JSON on stdout when ready')
    .option('--verbose', "Temporal's log at INFO")
    .action(toAction(async () => (await import('../commands/worker.js')).worker));
}
