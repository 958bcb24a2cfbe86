import { createInterface } from 'node:readline/promises';
import type { Command } from 'commander';
import type { GeminiConnection } from '../../gemini/index.js';
import { errorMessage } from '../../util/error-message.js';
import { connectProvider, planCommand, withInterruptibleContext } from '../command-context.js';
import { hasEmbeddedDatabase } from '../dev-server/index.js';
import { InterruptedError, UsageError } from '../errors.js';
import { mistakeInFileName } from '../file-name-argument.js';
import { EXIT } from '../exit-code.js';
import { addTemporalFlags, configuredTemporal, type TemporalFlags } from '../temporal-target.js';
import { colourFor } from '../terminal/colour.js';
import { columns } from '../terminal/columns.js';
import { count } from '../terminal/format.js';
import { installInterruptHandler } from '../terminal/interrupt.js';
import { createOutput, type Output } from '../terminal/output.js';
import type { ToAction } from './to-action.js';

interface DeleteFlags extends TemporalFlags {
  readonly yes?: boolean;
  readonly force?: boolean;
  readonly credentials?: string;
  readonly config?: string;
  readonly json?: boolean;
}

interface DeletedFile {
  readonly name: string;
  /** `kept`: an open run uses it, or may use it. `gone`: the provider has no such file for the key. */
  readonly outcome: 'deleted' | 'gone' | 'kept' | 'failed';
  /** Why it was not deleted, or may not be. */
  readonly error?: string;
}

/** It is not known which files open runs use. */
class UseUnknownError extends Error {
  override readonly name = 'UseUnknownError';
}

export function addDeleteCommand(program: Command, toAction: ToAction): void {
  const command = program
    .command('delete')
    .description('delete files at the provider, unless an open run uses them')
    .argument('<id...>', "the files' names at the provider, files/…");
  addTemporalFlags(command)
    .option('--yes', 'delete without asking; required if there is no terminal')
    .option('--force', 'delete files that open runs use, too; no Temporal server is asked')
    .option('--credentials <name>', 'name of a credentials profile in the configuration file')
    .option('--config <file>', 'configuration file')
    .option('--json', 'print the result as JSON on stdout')
    .addHelpText(
      'after',
      `
The runs of this package on the Temporal server are read. Workflows of yours that call its functions inline are not
among them. Exits with 1 unless all files were deleted.`,
    )
    .action(toAction(deleteFiles));
}

async function deleteFiles(given: readonly string[], flags: DeleteFlags): Promise<number> {
  const { yes = false, force = false, credentials, config, json = false } = flags;
  const names = [...new Set(given)];
  for (const name of names) {
    const mistake = mistakeInFileName(name);
    if (mistake !== undefined) throw new UsageError(`Not a file's name, such as files/abc123: ${mistake}`);
  }
  if (!yes && !(process.stdin.isTTY && process.stderr.isTTY))
    throw new UsageError('delete asks before it deletes, and there is no terminal to ask on: give --yes');
  const output = createOutput(json);
  const connection = await connectProvider({ config, credentials });
  const useOf = force ? undefined : await findUses(flags, output);
  const kept = names.flatMap((name): DeletedFile[] => {
    const error = useOf?.(name);
    return error === undefined ? [] : [{ name, outcome: 'kept', error }];
  });
  const unused = names.filter((name) => !kept.some((file) => file.name === name));
  for (const { name, error } of kept) output.say(`${name} is kept: ${error}`);
  if (unused.length > 0 && !yes && !(await confirm(unused))) {
    output.say('Nothing was deleted.');
    return EXIT.failed;
  }
  const files: DeletedFile[] = [...kept];
  const interrupt = installInterruptHandler();
  const { signal } = interrupt;
  try {
    for (const name of unused)
      files.push(
        signal.aborted
          ? { name, outcome: 'failed', error: 'not deleted: interrupted before' }
          : await deleteOne(connection, name, signal),
      );
  } finally {
    interrupt.remove();
  }
  const rows = files.map(({ name, outcome, error }) => [name, outcome, error]);
  output.result({ files }, columns(['NAME', 'OUTCOME', 'REASON'], rows, colourFor(process.stdout)));
  if (kept.length > 0) output.say('To delete files that open runs use: --force. Their runs will fail.');
  if (files.every(({ outcome }) => outcome === 'deleted')) return EXIT.done;
  return signal.aborted ? EXIT.cancelled : EXIT.failed;
}

/** Why a file must not be deleted; undefined if nothing is against it. */
type UseOf = (name: string) => string | undefined;

/** @throws UseUnknownError if the server does not answer */
async function findUses(flags: DeleteFlags, output: Output): Promise<UseOf | undefined> {
  const temporal = configuredTemporal(flags);
  // The embedded server keeps its runs in the database. Without one, no run can use the file, so no server is started.
  if (temporal === undefined && !hasEmbeddedDatabase()) return undefined;
  const plan = { ...planCommand(flags.config, flags.credentials, temporal), emulator: false };
  try {
    const { useByOpenRuns, usesOfOpenRuns } = await loadDeletion();
    const uses = await withInterruptibleContext(plan, output, ({ client }) => usesOfOpenRuns(client));
    return (name) => useByOpenRuns(uses, name);
  } catch (error) {
    if (error instanceof InterruptedError) throw error;
    throw new UseUnknownError(
      `Nothing was deleted, because it is not known which files open runs use. ${errorMessage(error)} To delete without this check: --force.`,
      { cause: error },
    );
  }
}

async function confirm(names: readonly string[]): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // By Ctrl-C or Ctrl-D.
  const left = new Promise<never>((_, reject) => {
    terminal.once('close', () => reject(new InterruptedError('Interrupted')));
  });
  left.catch(() => undefined); // It also closes when there is an answer.
  try {
    for (const name of names) process.stderr.write(`${name}\n`);
    const answer = await Promise.race([
      terminal.question(`Delete ${count(names.length, 'file')}? [y/N] `),
      left,
    ]);
    return /^y(es)?$/i.test(answer.trim());
  } finally {
    terminal.close();
  }
}

async function deleteOne(
  connection: GeminiConnection,
  name: string,
  signal: AbortSignal,
): Promise<DeletedFile> {
  try {
    const { deleteIfVisible } = await loadDeletion();
    if (await deleteIfVisible(connection, name, signal)) return { name, outcome: 'deleted' };
    return { name, outcome: 'gone', error: 'the provider has no such file for this key' };
  } catch (error) {
    // The request was on its way.
    if (signal.aborted)
      return { name, outcome: 'failed', error: 'interrupted: the provider may have deleted it all the same' };
    return { name, outcome: 'failed', error: errorMessage(error) };
  }
}

/** Other commands start without it. */
const loadDeletion = () => import('../../worker/sweep.js');
