import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

/** A process: its id, and when it started, because the system uses ids again. */
export interface ProcessId {
  readonly pid: number;
  /** In the system's own format: only equality means something. */
  readonly started: string;
}

export const isRunning = ({ pid, started }: ProcessId): boolean => startOf(pid) === started;

/**
 * When the process started; undefined if there is none. A process that has ended, but that its parent has not waited for, does not
 * count.
 */
export function startOf(pid: number): string | undefined {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return undefined;
  }
  // Windows has no fast way to ask for the time, so the id alone has to do.
  if (process.platform === 'win32') return 'unknown';
  return process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
}

function fromProc(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field is the program's name in parentheses, which can itself contain spaces and parentheses.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const [state = '', threads, started] = [fields[0], fields[17], fields[19]];
    // While other threads end, the first one is a zombie, and the files of the process are still open.
    return hasEnded(state) && Number(threads) <= 1 ? undefined : started;
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}

const hasEnded = (state: string): boolean => /^[ZX]/.test(state);

function fromPs(pid: number): string | undefined {
  try {
    const env = { ...process.env, LC_ALL: 'C', TZ: 'UTC' };
    const args = ['-o', 'state=', '-o', 'lstart=', '-p', String(pid)];
    const [state = '', ...time] = execFileSync('ps', args, { env, encoding: 'utf8' }).trim().split(/\s+/);
    return hasEnded(state) ? undefined : time.join('-').replaceAll(':', '');
  } catch {
    return undefined; // ps fails if there is no such process.
  }
}

const LOOK_MS = 100;

/** Aborts when the process has ended. Call `stop` when the signal is not needed any more. */
export function endOf(target: ProcessId): { readonly signal: AbortSignal; readonly stop: () => void } {
  const ended = new AbortController();
  const timer = setInterval(() => {
    if (!isRunning(target)) ended.abort();
  }, LOOK_MS);
  return { signal: ended.signal, stop: () => clearInterval(timer) };
}

const POLL_MS = 20;
const PATIENCE_MS = 5000;

/**
 * Ends a process, which need not be a child of this one: sends it each signal in turn and waits for 5 s after each.
 *
 * @throws Error if it still runs
 */
export async function stopProcess(
  target: ProcessId,
  signals: readonly NodeJS.Signals[] = ['SIGTERM', 'SIGKILL'],
): Promise<void> {
  for (const signal of signals) {
    if (!isRunning(target)) return;
    try {
      process.kill(target.pid, signal);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
    }
    const deadline = performance.now() + PATIENCE_MS;
    // Only a parent gets an event when a process ends.
    while (isRunning(target) && performance.now() < deadline) await delay(POLL_MS);
  }
  if (isRunning(target)) throw new Error(`Process ${target.pid} could not be ended`);
}
