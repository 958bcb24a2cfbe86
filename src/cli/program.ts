import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { addEmulatorCommand } from './commands/emulator.js';
import { addReplayCommand } from './commands/replay.js';
import { addStatusCommand } from './commands/status.js';
import { addSweepCommand } from './commands/sweep.js';
import { addUploadCommand } from './commands/upload.js';
import { addWorkerCommand } from './commands/worker.js';
import { EXIT, exitCodeOf, reportOf } from './exit-code.js';

export interface CliOptions {
  /** What `upload` uploads where no path is given. */
  readonly defaultPath?: string;
}

/** Runs one command line (without node and script) and returns its exit code. */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<number> {
  const program = new Command('temporal-gemini-files')
    .description('Upload files to the Gemini Files API and wait, durably, until they are ACTIVE')
    .version(version())
    .exitOverride();
  addUploadCommand(program, options.defaultPath);
  addWorkerCommand(program);
  addStatusCommand(program);
  addSweepCommand(program);
  addReplayCommand(program);
  addEmulatorCommand(program);
  for (const command of program.commands)
    command.exitOverride().allowExcessArguments(false).showHelpAfterError('(--help shows the usage)');
  try {
    await program.parseAsync(args, { from: 'user' });
    return typeof process.exitCode === 'number' ? process.exitCode : EXIT.done;
  } catch (error) {
    // Commander has printed its own.
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
    report(error, args.includes('--json'));
    return exitCodeOf(error);
  }
}

function report(error: unknown, json: boolean): void {
  const failure = reportOf(error);
  if (json) process.stdout.write(`${JSON.stringify({ error: failure })}\n`);
  process.stderr.write(`${failure.type}: ${failure.message}\n`);
}

function version(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
