import { readFileSync } from 'node:fs';
import { adviceLine } from './advice.js';
import { Command, CommanderError } from 'commander';
import { addDeleteCommand } from './commands/delete.js';
import { addDoctorCommand } from './commands/doctor.js';
import { addEmulatorCommand } from './commands/emulator.js';
import { addHoldCommand } from './commands/hold.js';
import { addListCommand } from './commands/list.js';
import { addReleaseCommand } from './commands/release.js';
import { addReplayCommand } from './commands/replay.js';
import { addStatusCommand } from './commands/status.js';
import { addSweepCommand } from './commands/sweep.js';
import { addUiCommand } from './commands/ui.js';
import { addUsageCommand } from './commands/usage.js';
import { addUploadCommand } from './commands/upload.js';
import { addWaitCommand } from './commands/wait.js';
import { addWorkerCommand } from './commands/worker.js';
import type { ToAction } from './commands/to-action.js';
import { InterruptedError, UsageError } from './errors.js';
import { addHelp } from './help.js';
import { exitCodeOfLostOutput, whenPipeBreaks } from './terminal/broken-pipe.js';
import { cleanupLine, EXIT, exitCodeOf, reportOf } from './exit-code.js';
import { flagLine } from './upload/flag-line.js';

export interface CliOptions {
  /** The file that `upload` uploads if no path is given. */
  readonly defaultPath?: string;
}

/** The last line of a mistake in the command line. */
const HELP_HINT = '(--help shows the usage)';

/** Runs one command line (without node and script) and returns its exit code. */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<number> {
  void whenPipeBreaks();
  let exitCode: number = EXIT.done;
  const program = createProgram(args, options, (command) => async (...given) => {
    exitCode = await command(...given);
  });
  const json = args.includes('--json');
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCodeOfLostOutput() ?? exitCode;
  } catch (error) {
    const lost = exitCodeOfLostOutput();
    if (lost !== undefined) return lost;
    if (error instanceof CommanderError) return afterCommander(error, json);
    if (json) printJson(error);
    process.stderr.write(
      error instanceof InterruptedError ? 'Interrupted.\n' : textOf(error, commandOf(program, args)),
    );
    return exitCodeOf(error);
  }
}

/** The commands with their flags and help. */
export function createProgram(args: readonly string[], options: CliOptions, toAction: ToAction): Command {
  const program = new Command('temporal-gemini-files')
    .description('Upload files to the Gemini Files API and wait, durably, until they are ACTIVE')
    .version(version(), '-v, --version')
    .exitOverride()
    .showHelpAfterError(HELP_HINT);
  addUploadCommand(program, toAction, { args, ...options });
  addWaitCommand(program, toAction);
  addHoldCommand(program, toAction);
  addReleaseCommand(program, toAction);
  addWorkerCommand(program, toAction);
  addStatusCommand(program, toAction);
  addUiCommand(program, toAction);
  addSweepCommand(program, toAction);
  addUsageCommand(program, toAction);
  addListCommand(program, toAction);
  addDeleteCommand(program, toAction);
  addReplayCommand(program, toAction);
  addDoctorCommand(program, toAction);
  addEmulatorCommand(program, toAction);
  addHelp(program);
  for (const command of program.commands)
    command.exitOverride().allowExcessArguments(false).showHelpAfterError(HELP_HINT);
  return program;
}

/** Commander has already printed its message on stderr, or the requested help on stdout. */
function afterCommander(error: CommanderError, json: boolean): number {
  if (error.exitCode === 0) return EXIT.done;
  if (json) printJson(new UsageError(error.message.replace(/^error: /, '')));
  return EXIT.usage;
}

function printJson(error: unknown): void {
  process.stdout.write(`${JSON.stringify({ error: reportOf(error) })}\n`);
}

/** The command that the command line names; undefined if it names none. */
function commandOf(program: Command, args: readonly string[]): string | undefined {
  return program.commands.map((command) => command.name()).find((name) => name === args[0]);
}

function textOf(error: unknown, command: string | undefined): string {
  const report = reportOf(error);
  const lines = [
    cleanupLine(report),
    `${report.type}: ${report.message}`,
    flagLine(report),
    adviceLine(report, command),
  ];
  return lines.map((line) => (line === undefined ? '' : `${line}\n`)).join('');
}

function version(): string {
  const manifest = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return (JSON.parse(manifest) as { version: string }).version;
}
