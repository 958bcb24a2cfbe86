/** Processes that a run starts, each ended by its own handle; what they say goes to files. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/**
 * @param log - file that its output is appended to
 * @param options - those of `spawn`
 * @returns `{pid, ready, kill, ended}`
 */
export function start(command, args, log, options = {}) {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  const file = createWriteStream(log, { flags: 'a' });
  child.stdout.pipe(file, { end: false });
  child.stderr.pipe(file, { end: false });
  const closed = once(child, 'close').finally(() => file.end());
  closed.catch(() => undefined);
  return {
    pid: child.pid,
    /** Resolves once a line of its output matches; rejects if it ends before. */
    ready: (pattern) => Promise.race([line(child, pattern), closed.then(() => endedEarly(command, log))]),
    /** Sends the signal and waits until it is dead; a process that has ended already is left alone. */
    async kill(signal) {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await closed;
    },
    /** Whether it is dead, by our hand or its own. */
    ended: () => child.exitCode !== null || child.signalCode !== null,
  };
}

function line(child, pattern) {
  return new Promise((resolve) => {
    for (const input of [child.stdout, child.stderr])
      createInterface({ input }).on('line', (text) => pattern.test(text) && resolve(text));
  });
}

function endedEarly(command, log) {
  throw new Error(`${command} ended before it was ready; see ${log}`);
}

/** Runs a command to its end. @returns its stdout @throws Error with its output if it fails */
export async function run(command, args, options = {}) {
  const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let all = '';
  child.stdout.on('data', (data) => {
    stdout += data;
    all += data;
  });
  child.stderr.on('data', (data) => (all += data));
  const [code, signal] = await once(child, 'close');
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code ?? signal}:\n${all}`);
  return stdout;
}

/** The last lines of each log below `folder`, for a run that went wrong: its folder is removed. */
export async function showLogs(folder, say) {
  for (const name of await readdir(join(folder, 'logs')).catch(() => [])) {
    const lines = (await readFile(join(folder, 'logs', name), 'utf8')).trimEnd().split('\n');
    say(
      `--- ${name}\n${lines
        .slice(-20)
        .map((line) => line.slice(0, 400))
        .join('\n')}`,
    );
  }
}
