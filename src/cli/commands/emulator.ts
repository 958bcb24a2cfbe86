import { lookup } from 'node:dns/promises';
import ipaddr from 'ipaddr.js';
import type { Duration } from '../../contract/duration.js';
import { GeminiFilesEmulator, type Fault, type Outcome } from '../../testing/index.js';
import { EXIT } from '../exit.js';
import { whenPipeBreaks } from '../terminal/broken-pipe.js';
import { installInterruptHandler, onceAborted } from '../terminal/interrupt.js';
import { createOutput } from '../terminal/output.js';

export interface EmulatorFlags {
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

export async function runEmulator({ json, ...flags }: EmulatorFlags): Promise<number> {
  const output = createOutput(json ?? false);
  await using emulator = await start(flags);
  const isPrivate = await isLoopback(flags.host);
  using interrupt = installInterruptHandler();
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
    const unbounded = { storageQuotaBytes: Number.MAX_SAFE_INTEGER };
    // This command does not show the requests, and thousands of long prompts would fill its memory.
    const maxRecordedRequests = 1;
    return await GeminiFilesEmulator.start({
      ...options,
      maxRecordedRequests,
      ...(!storageQuota && unbounded),
    });
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
