import { readFileSync } from 'node:fs';
import { Command, CommanderError } from 'commander';
import { addDoctorCommand } from './commands/doctor.js';
import { addEmulatorCommand } from './commands/emulator.js';
import { addReplayCommand } from './commands/replay.js';
import { addStatusCommand } from './commands/status.js';
import { addSweepCommand } from './commands/sweep.js';
import { addUploadCommand } from './commands/upload.js';
import { addWorkerCommand } from './commands/worker.js';
import { cleanupLine, EXIT, exitCodeOf, reportOf, UsageError } from './exit-code.js';
import { InterruptedError } from './interrupt.js';

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
  addUploadCommand(program, { args, ...options });
  addWorkerCommand(program);
  addStatusCommand(program);
  addSweepCommand(program);
  addReplayCommand(program);
  addDoctorCommand(program);
  addEmulatorCommand(program);
  for (const command of program.commands)
    command.exitOverride().allowExcessArguments(false).showHelpAfterError('(--help shows the usage)');
  const json = args.includes('--json');
  try {
    await program.parseAsync(args, { from: 'user' });
    return typeof process.exitCode === 'number' ? process.exitCode : EXIT.done;
  } catch (error) {
    if (error instanceof CommanderError) return afterCommander(error, json);
    if (json) printJson(error);
    process.stderr.write(error instanceof InterruptedError ? 'Interrupted.\n' : textOf(error));
    return exitCodeOf(error);
  }
}

/** Commander has printed its own words on stderr, or the help that was asked for on stdout. */
function afterCommander(error: CommanderError, json: boolean): number {
  if (error.exitCode === 0) return EXIT.done;
  if (json) printJson(new UsageError(error.message.replace(/^error: /, '')));
  return EXIT.usage;
}

function printJson(error: unknown): void {
  process.stdout.write(`${JSON.stringify({ error: reportOf(error) })}\n`);
}

function textOf(error: unknown): string {
  const report = reportOf(error);
  const lines = [cleanupLine(report), `${report.type}: ${report.message}`];
  return lines.map((line) => (line === undefined ? '' : `${line}\n`)).join('');
}

function version(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
