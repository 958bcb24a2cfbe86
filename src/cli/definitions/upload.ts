import { Option, type Command } from 'commander';
import { TASK_QUEUE } from '../../contract/names.js';
import type { UploadCommandFlags } from '../commands/upload.js';
import { addTemporalFlags } from '../temporal-flags.js';
import { concurrencyArgument, DEFAULT_CONCURRENCY } from '../upload/concurrency.js';
import { addOptionFlags } from '../upload/flags.js';
import { addUnreachableFlag } from '../upload/unreachable-flag.js';
import type { ToAction } from './to-action.js';

interface CommandLine {
  /** All arguments, including the command's name. */
  readonly args: readonly string[];
  /** The file to upload if no path is given; without it, the path is required. */
  readonly defaultPath?: string;
}

const FILES = 'files to upload, each a path, https://…, or NAME:KEY of a source that the configuration names';

export function addUploadCommand(
  program: Command,
  toAction: ToAction,
  { args, defaultPath }: CommandLine,
): void {
  const command = program.command('upload').description('upload files and wait until they are ACTIVE');
  if (defaultPath === undefined) command.argument('<path...>', FILES);
  else command.argument('[path...]', FILES, [defaultPath]);
  addUnreachableFlag(addTemporalFlags(addOptionFlags(command, 'upload')))
    .option('--detach', 'start the run, print its id and leave')
    .option('--new', 'start another run, also if one of this file is open')
    .addOption(new Option('--as <id>').hideHelp())
    .option('--no-worker', `leave the work to workers on the task queue ${TASK_QUEUE}`)
    .addOption(
      new Option('--concurrency <number>', 'of several files, how many are uploaded or waited for at a time')
        .default(DEFAULT_CONCURRENCY)
        .argParser(concurrencyArgument),
    )
    .option('--config <file>', 'configuration file')
    .option('--json', 'print the result as JSON on stdout; of several files, a line for each as it ends')
    .option('--verbose', "Temporal's log at INFO")
    .addHelpText(
      'after',
      `
Several files: all are looked at before the first byte is sent. If one cannot be uploaded, nothing is sent. Exits with 0
if all are ACTIVE, with 3 if the only failures are files that were not ACTIVE in time, and otherwise with 1.`,
    )
    .action(
      toAction(async () => {
        const { upload } = await import('../commands/upload.js');
        return async (paths: readonly string[], flags: UploadCommandFlags, { args: given }: Command) => {
          const [path = '', ...more] = paths;
          if (more.length > 0) return (await import('../upload/batch.js')).uploadBatch(paths, flags);
          return upload(path, flags, given.length === 0 ? [...args, path] : args);
        };
      }),
    );
}
