import { lookup } from 'node:dns/promises';
import { InvalidArgumentError, Option, type Command } from 'commander';
import ipaddr from 'ipaddr.js';
import type { Duration } from '../../contract/duration.js';
import type { Fault, GeminiFilesEmulator, Outcome } from '../../testing/index.js';
import { durationArgument } from '../duration-argument.js';
import { faultsArgument } from '../faults-argument.js';
import { EXIT } from '../exit-code.js';
import { whenPipeBreaks } from '../terminal/broken-pipe.js';
import { installInterruptHandler, onceAborted } from '../terminal/interrupt.js';
import { createOutput } from '../terminal/output.js';
import type { ToAction } from './to-action.js';

interface EmulatorFlags {
  readonly host: string;
  readonly port: number;
  readonly processing: Duration;
  readonly outcome: Outcome;
  readonly visibleAfter: Duration;
  readonly faults?: readonly Fault[];
  readonly stateFile?: string;
  readonly storageQuota: boolean;
  readonly json?: boolean;
}

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
        'JSON file with a list of faults, which docs/emulator.md describes',
      ).argParser(faultsArgument),
    )
    .option('--state-file <file>', 'JSON file that keeps the metadata of files over restarts')
    // For the embedded one, whose files no command lists or deletes.
    .addOption(new Option('--no-storage-quota').hideHelp())
    .option('--json', 'print {"url": …} on stdout')
    .action(toAction(runEmulator));
}

/** @throws InvalidArgumentError for an empty text, which would mean every address */
function host(value: string): string {
  if (value.trim() === '') throw new InvalidArgumentError('expected an address');
  return value;
}

async function runEmulator({ json, ...flags }: EmulatorFlags): Promise<number> {
  const output = createOutput(json ?? false);
  const emulator = await start(flags);
  const isPrivate = await isLoopback(flags.host);
  const interrupt = installInterruptHandler();
  try {
    output.result({ url: emulator.url }, [emulator.url]);
    output.say(
      `Point clients at it: GOOGLE_GEMINI_BASE_URL=${emulator.url}, with any key; each key has files of its own. Ctrl-C ends it.`,
    );
    if (!isPrivate)
      output.say(
        `The emulator listens on ${flags.host}. Every client that reaches this address can use it, with any key.`,
      );
    await Promise.race([onceAborted(interrupt.signal), whenPipeBreaks()]);
    return EXIT.done;
  } finally {
    interrupt.remove();
    await emulator.close();
  }
}

/** Whether the address, or that of the name, is one of this machine only. */
async function isLoopback(host: string): Promise<boolean> {
  const { address } = await lookup(host);
  return ipaddr.process(address).range() === 'loopback';
}

async function start({
  storageQuota,
  ...options
}: Omit<EmulatorFlags, 'json'>): Promise<GeminiFilesEmulator> {
  try {
    // Other commands start without it.
    const { GeminiFilesEmulator: Emulator } = await import('../../testing/index.js');
    const unbounded = { storageQuotaBytes: Number.MAX_SAFE_INTEGER };
    return await Emulator.start({ ...options, ...(!storageQuota && unbounded) });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND')
      throw new Error(`--host ${options.host} is not an address of this machine`, { cause: error });
    if (code !== 'EADDRINUSE') throw error;
    throw new Error(
      `Port ${options.port} is in use on ${options.host}; give another with --port, or 0 for any free one`,
      { cause: error },
    );
  }
}

function port(value: string): number {
  const number = Number(value);
  if (!/^\d+$/.test(value) || number > 65535) throw new InvalidArgumentError('expected 0 to 65535');
  return number;
}
