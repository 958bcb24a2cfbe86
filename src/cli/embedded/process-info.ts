import { readFile } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { run } from './run.js';

/** A process's arguments, or undefined where there is none of that id. A zombie has none either. */
async function commandLine(pid: number): Promise<string[] | undefined> {
  if (process.platform === 'linux') {
    const text = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '');
    return text === '' ? undefined : text.split('\0');
  }
  const { code, output } = await run('ps', ['-ww', '-o', 'command=', '-p', String(pid)], {
    env: process.env,
    timeoutMs: 10_000,
  }).catch(() => ({ code: 1, output: '' }));
  return code === 0 && output !== '' ? [output] : undefined;
}

/** Process ids are used again: before one from a lock is believed, its command line must name what is ours alone, the path. */
export async function isOurs(pid: number, words: readonly string[]): Promise<boolean> {
  const args = await commandLine(pid);
  if (args === undefined) return false;
  // ps gives one string, in which a path can be found only as a part.
  return words.every((word) => (args.length === 1 ? args[0]?.includes(word) : args.includes(word)));
}

export const serverWords = (database: string): readonly string[] => ['start-dev', '--db-filename', database];

/** Ends the Temporal server that a dead host has left behind, so that no two of them write one database. */
export async function endOrphan(pid: number, database: string): Promise<void> {
  const alive = (): Promise<boolean> => isOurs(pid, serverWords(database));
  for (const [signal, patienceMs] of [
    ['SIGTERM', 5000],
    ['SIGKILL', 5000],
  ] as const) {
    if (!(await alive())) return;
    kill(pid, signal);
    const deadline = Date.now() + patienceMs;
    // It is no child of ours, so there is no event to wait for.
    while (Date.now() < deadline && (await alive())) await delay(20);
  }
  if (await alive()) {
    throw new Error(`a Temporal server left behind (process ${pid}, on ${database}) could not be ended`);
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
