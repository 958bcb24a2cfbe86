import { createInterface } from 'node:readline/promises';
import type { GeminiConnection } from '../../gemini/index.js';
import { errorMessage } from '../../util/error-message.js';
import { deleteIfVisible } from '../../worker/sweep.js';
import { connectProvider } from '../command-context.js';
import { EXIT, InterruptedError, UsageError } from '../exit.js';
import { mistakeInFileName } from '../file-name-argument.js';
import { findUses, type UseOf } from '../file-uses.js';
import { commandLine } from '../own-command.js';
import type { TemporalFlags } from '../temporal-flags.js';
import { colourFor } from '../terminal/colour.js';
import { columns } from '../terminal/columns.js';
import { count } from '../terminal/format.js';
import { installInterruptHandler } from '../terminal/interrupt.js';
import { createOutput } from '../terminal/output.js';

export interface DeleteFlags extends TemporalFlags {
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

export async function deleteFiles(given: readonly string[], flags: DeleteFlags): Promise<number> {
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
  let { kept, unused } = byUse(names, useOf);
  if (unused.length > 0 && !yes) {
    if (!(await confirm(unused, kept))) {
      output.say('Nothing was deleted.');
      return EXIT.failed;
    }
    // A run may have begun to use a file while the command waited for the answer. What was to be kept stays: the answer is not about it.
    const now = byUse(unused, force ? undefined : await findUses(flags, output));
    kept = [...kept, ...now.kept];
    unused = now.unused;
  }
  const files: DeletedFile[] = [...kept];
  let signal: AbortSignal;
  {
    using interrupt = installInterruptHandler();
    ({ signal } = interrupt);
    for (const name of unused)
      files.push(
        signal.aborted
          ? { name, outcome: 'failed', error: 'not deleted: interrupted before' }
          : await deleteOne(connection, name, signal),
      );
  }
  const rows = files.map(({ name, outcome, error }) => [name, outcome, error]);
  output.result({ files }, columns(['NAME', 'OUTCOME', 'REASON'], rows, colourFor(process.stdout)));
  if (!signal.aborted && files.some(({ outcome }) => outcome === 'failed'))
    output.say('Repeat the command for the files that could not be deleted.');
  if (files.some(({ outcome }) => outcome === 'gone'))
    output.say(`${commandLine('list')} shows the files of the key.`);
  if (kept.length > 0) output.say('To delete files that open runs use: --force. Their runs will fail.');
  if (files.every(({ outcome }) => outcome === 'deleted')) return EXIT.done;
  return signal.aborted ? EXIT.cancelled : EXIT.failed;
}

function byUse(names: readonly string[], useOf?: UseOf): { kept: DeletedFile[]; unused: string[] } {
  const kept = names.flatMap((name): DeletedFile[] => {
    const error = useOf?.(name);
    return error === undefined ? [] : [{ name, outcome: 'kept', error }];
  });
  return { kept, unused: names.filter((name) => !kept.some((file) => file.name === name)) };
}

async function confirm(names: readonly string[], kept: readonly DeletedFile[]): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  // By Ctrl-C or Ctrl-D.
  const left = new Promise<never>((_, reject) => {
    terminal.once('close', () => reject(new InterruptedError('Interrupted')));
  });
  left.catch(() => undefined); // It also closes when there is an answer.
  try {
    for (const { name } of kept)
      process.stderr.write(`${name} is kept: an open run uses it, or may use it\n`);
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
    if (await deleteIfVisible(connection, name, signal)) return { name, outcome: 'deleted' };
    return { name, outcome: 'gone', error: 'the provider has no such file for this key' };
  } catch (error) {
    // The request was on its way.
    if (signal.aborted)
      return { name, outcome: 'failed', error: 'interrupted: the provider may have deleted it all the same' };
    return { name, outcome: 'failed', error: errorMessage(error) };
  }
}
