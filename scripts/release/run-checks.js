/** Runs the checks of a release, one after the other, and makes the table of their outcomes. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { NOT_CHECKED, NOT_CHECKED_PREFIX } from './not-checked.js';

/**
 * A failure does not stop the rest; an aborted `signal` does, and the checks that it left out are in the rows too. `kill` ends a check that does
 * not end by itself then. What the checks print goes to stderr, so that stdout has the table alone.
 *
 * @param {Record<string, readonly string[]>} checks command lines, by the names in the table
 * @param {{cwd?: string, signal?: AbortSignal, kill?: AbortSignal}} [options]
 * @returns {Promise<{name: string, outcome: string, seconds: number}[]>}
 */
export async function runChecks(checks, { cwd, signal, kill } = {}) {
  const rows = [];
  for (const [name, commandLine] of Object.entries(checks)) {
    const begin = Date.now();
    const outcome = signal?.aborted ? 'not run' : await runOne(name, commandLine, { cwd, signal, kill });
    rows.push({ name, outcome, seconds: Math.round((Date.now() - begin) / 1000) });
  }
  return rows;
}

async function runOne(name, [command, ...args], { cwd, signal, kill }) {
  process.stderr.write(`\n== ${name}: ${command} ${args.join(' ')}\n`);
  // A group of its own, so that an interruption reaches what npm has started too: npm does not hand it on to every script.
  const child = spawn(command, args, { cwd, stdio: ['ignore', 'pipe', 2], detached: true });
  let lastLine = '';
  let rest = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    process.stderr.write(text);
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    lastLine = lines.findLast((line) => line.trim() !== '') ?? lastLine;
  });
  const send = (name) => {
    try {
      process.kill(-child.pid, name);
    } catch {
      // The group has ended, or there are no groups on this system.
      child.kill(name);
    }
  };
  const listeners = new AbortController();
  const untilItEnds = { signal: listeners.signal };
  signal?.addEventListener('abort', () => send('SIGTERM'), untilItEnds);
  const end = () => {
    send('SIGKILL');
    // What is in another group can hold it open.
    child.stdout.destroy();
  };
  kill?.addEventListener('abort', end, untilItEnds);
  try {
    const [code, killedBy] = await once(child, 'close');
    if (signal?.aborted) return 'interrupted';
    if (code === 0) return 'ok';
    if (code === NOT_CHECKED)
      return `${NOT_CHECKED_PREFIX}${(rest || lastLine).replace(NOT_CHECKED_PREFIX, '')}`;
    return `FAILED (${killedBy ?? code})`;
  } catch (error) {
    return `FAILED (${error.code ?? error.message})`;
  } finally {
    listeners.abort();
  }
}

/** The checks that are named; all of them if none is named. @throws Error if a name is not that of a check */
export function chooseChecks(checks, names) {
  const unknown = names.filter((name) => !Object.hasOwn(checks, name));
  if (unknown.length > 0)
    throw new Error(`No check ${unknown.join(', ')}; there are ${Object.keys(checks).join(', ')}`);
  return Object.fromEntries(
    Object.entries(checks).filter(([name]) => names.length === 0 || names.includes(name)),
  );
}

export const passed = (rows) => rows.every(({ outcome }) => outcome === 'ok');

export function tableOf(rows) {
  const width = Math.max(...rows.map(({ name }) => name.length));
  return rows
    .map(({ name, outcome, seconds }) => `${name.padEnd(width)}  ${`${seconds} s`.padStart(7)}  ${outcome}\n`)
    .join('');
}
