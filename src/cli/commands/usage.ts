import type { Command } from 'commander';
import { storageUsage, type StorageUsage } from '../../gemini/index.js';
import { connectProvider } from '../command-context.js';
import { EXIT } from '../exit-code.js';
import { installInterruptHandler } from '../terminal/interrupt.js';
import { shareOf } from '../storage-share.js';
import { formatTime } from '../terminal/format.js';
import { createOutput, table } from '../terminal/output.js';
import type { ToAction } from './to-action.js';

interface UsageFlags {
  readonly credentials?: string;
  readonly config?: string;
  readonly json?: boolean;
}

export function addUsageCommand(program: Command, toAction: ToAction): void {
  program
    .command('usage')
    .description("show how much of the project's file storage is in use")
    .option('--credentials <name>', 'name of a credentials profile in the configuration file')
    .option('--config <file>', 'configuration file')
    .option('--json', 'print it as JSON on stdout')
    .addHelpText(
      'after',
      '\nThe bytes are a lower bound: the provider does not list everything that it counts.\ndocs/storage.md says what frees storage, and when.',
    )
    .action(toAction(usage));
}

async function usage({ credentials, config, json = false }: UsageFlags): Promise<number> {
  const output = createOutput(json);
  const connection = await connectProvider({ config, credentials });
  const interrupt = installInterruptHandler();
  try {
    const used = await interrupt.race(storageUsage(connection, interrupt.signal));
    output.result(used, table(rows(used)));
  } finally {
    interrupt.remove();
  }
  return EXIT.done;
}

function rows({ files, bytes, quotaBytes, processing, failed, oldestExpirationTime }: StorageUsage) {
  return [
    ['files', files],
    ['in use', shareOf({ bytes, quotaBytes })],
    ['processing', processing],
    ['failed', failed],
    ['next expires', oldestExpirationTime && formatTime(oldestExpirationTime)],
  ] as const;
}
