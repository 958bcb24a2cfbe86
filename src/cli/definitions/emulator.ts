import { InvalidArgumentError, Option, type Command } from 'commander';
import { docPage } from '../doc-page.js';
import { durationArgument } from '../duration-argument.js';
import { faultsArgument } from '../faults-argument.js';
import type { ToAction } from './to-action.js';

const LOOPBACK = '127.0.0.1';

export function addEmulatorCommand(program: Command, toAction: ToAction): void {
  program
    .command('emulator')
    .description('run the Gemini Files API emulator until Ctrl-C')
    .addOption(
      new Option('--host <address>', 'address to listen on; 0.0.0.0 for other containers and machines')
        .default(LOOPBACK)
        .argParser(host),
    )
    .addOption(new Option('--port <number>', 'port; 0: any free one').default(0).argParser(port))
    .addOption(
      new Option('--processing <duration>', 'how long a video is PROCESSING')
        .default('3s')
        .argParser(durationArgument),
    )
    .addOption(
      new Option('--outcome <outcome>', 'how processing ends')
        .choices(['ACTIVE', 'FAILED', 'NEVER'])
        .default('ACTIVE'),
    )
    .addOption(
      new Option('--visible-after <duration>', 'how long a new file is denied as if it did not exist')
        .default('0s')
        .argParser(durationArgument),
    )
    .addOption(
      new Option(
        '--faults <path>',
        `JSON file with a list of faults, as ${docPage('emulator')} describes them`,
      ).argParser(faultsArgument),
    )
    .option('--state-file <file>', 'JSON file that keeps the metadata of files over restarts')
    // For the embedded one, whose files no command lists or deletes.
    .addOption(new Option('--no-storage-quota').hideHelp())
    .option('--json', 'print {"url": …} on stdout')
    .action(toAction(async () => (await import('../commands/emulator.js')).runEmulator));
}

/** @throws InvalidArgumentError for an empty text, which would mean every address */
function host(value: string): string {
  if (value.trim() === '') throw new InvalidArgumentError('expected an address');
  return value;
}

function port(value: string): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number > 65535) throw new InvalidArgumentError('expected 0 to 65535');
  return number;
}
