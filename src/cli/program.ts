import { Command, CommanderError } from 'commander';
import { addDeleteCommand } from './definitions/delete.js';
import { addDoctorCommand } from './definitions/doctor.js';
import { addEmulatorCommand } from './definitions/emulator.js';
import { addHoldCommand } from './definitions/hold.js';
import { addListCommand } from './definitions/list.js';
import { addReleaseCommand } from './definitions/release.js';
import { addReplayCommand } from './definitions/replay.js';
import { addStatusCommand } from './definitions/status.js';
import { addSweepCommand } from './definitions/sweep.js';
import { addUiCommand } from './definitions/ui.js';
import { addUsageCommand } from './definitions/usage.js';
import { addUploadCommand } from './definitions/upload.js';
import { addWaitCommand } from './definitions/wait.js';
import { addWorkerCommand } from './definitions/worker.js';
import type { ToAction } from './definitions/to-action.js';
import { EXIT, UsageError } from './exit.js';
import { missingPackageProblem } from './missing-package.js';
import { ownManifest } from './node-version.js';
import { addHelp } from './help.js';
import { exitCodeOfLostOutput, whenPipeBreaks } from './terminal/broken-pipe.js';

export interface CliOptions {
  /** The file that `upload` uploads if no path is given. */
  readonly defaultPath?: string;
}

/** The last line of a mistake in the command line. */
const HELP_HINT = '(--help shows the usage)';

/**
 * Runs one command line (without node and script) and returns its exit code.
 *
 * @throws an error that `missingPackageProblem` explains
 */
export async function runCli(args: readonly string[], options: CliOptions = {}): Promise<number> {
  void whenPipeBreaks();
  let exitCode: number = EXIT.done;
  const program = createProgram(args, options, (load) => async (...given) => {
    const command = await load();
    exitCode = await command(...given);
  });
  const json = args.includes('--json');
  try {
    await program.parseAsync(args, { from: 'user' });
    return exitCodeOfLostOutput() ?? exitCode;
  } catch (error) {
    const lost = exitCodeOfLostOutput();
    if (lost !== undefined) return lost;
    if (error instanceof CommanderError && error.exitCode === 0) return EXIT.done;
    if (missingPackageProblem(error) !== undefined) throw error;
    if (error instanceof CommanderError) return afterMistake(error, json);
    // Loaded only now, because it loads Temporal's client.
    const { reportFailure } = await import('./report-failure.js');
    return reportFailure(error, commandOf(program, args), json);
  }
}

/** Commander has already printed its message on stderr. */
function afterMistake(error: CommanderError, json: boolean): number {
  const { name: type, message } = new UsageError(error.message.replace(/^error: /, ''));
  if (json) process.stdout.write(`${JSON.stringify({ error: { type, message } })}\n`);
  return EXIT.usage;
}

/** The commands with their flags and help. What a command does is loaded when it runs. */
export function createProgram(args: readonly string[], options: CliOptions, toAction: ToAction): Command {
  const program = new Command('temporal-gemini-files')
    .description('Upload files to the Gemini Files API and wait, durably, until they are ACTIVE')
    .version(ownManifest().version, '-v, --version')
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

/** The command that the command line names; undefined if it names none. */
function commandOf(program: Command, args: readonly string[]): string | undefined {
  return program.commands.map((command) => command.name()).find((name) => name === args[0]);
}
