/** How the user started this tool, so that a command that is printed can be pasted. */

import { parseArgs } from 'node:util';
import { shellWord } from '../util/shell-word.js';

const NAME = 'temporal-gemini-files';

/** `npx temporal-gemini-files` if npx started it, because then the name alone is perhaps not on the PATH. */
export function ownCommand(env: Readonly<Record<string, string | undefined>> = process.env): string {
  return env.npm_command === 'exec' ? `npx ${NAME}` : NAME;
}

const SERVER = ['address', 'namespace', 'profile'] as const;

/** By which flags each command that is printed finds the server, the configuration, the key and the workers of the present one. */
export const REPEATED = {
  doctor: [...SERVER, 'config'],
  list: ['config', 'credentials'],
  release: SERVER,
  status: SERVER,
  sweep: [...SERVER, 'config'],
  wait: [...SERVER, 'config', 'credentials', 'task-queue', 'no-worker'],
  worker: [...SERVER, 'config'],
} as const;

const ALL = [...new Set(Object.values(REPEATED).flat())];

/**
 * A command to paste, which has the flags of the present one that decide where it works.
 *
 * @param words - its arguments and other flags
 * @param args - the present command line
 */
export function commandLine(
  command: keyof typeof REPEATED,
  words: readonly string[] = [],
  args: readonly string[] = process.argv.slice(2),
): string {
  const options = Object.fromEntries(
    ALL.map((name) => [name, { type: name === 'no-worker' ? 'boolean' : 'string' } as const]),
  );
  const { values } = parseArgs({ args: [...args], options, strict: false });
  const flags = REPEATED[command].flatMap((name) => {
    const value = values[name];
    if (name === 'no-worker') return value ? `--${name}` : [];
    return typeof value === 'string' && value !== '' ? [`--${name}`, value] : [];
  });
  return [ownCommand(), command, ...[...words, ...flags].map(shellWord)].join(' ');
}
