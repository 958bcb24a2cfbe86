/** A server in a detached process, which outlives the command that started it. */

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, fstatSync, openSync, readFileSync, statSync, truncateSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { errorMessage } from '../../util/error-message.js';
import { startOf, stopProcess, type ProcessId } from '../../util/process-id.js';
import { lastLines } from '../../util/run-command.js';
import { isFileError, type Env } from './state-folder.js';
import { withTimeout } from '../../util/with-timeout.js';

export const READY_MS = 30_000;
const START_ATTEMPTS = 3;
const LOOK_MS = 25;
const MAX_LOG_BYTES = 1024 * 1024;
/** Characters of the log in an error message. */
const MAX_SHOWN = 600;

export interface Service {
  /** Begins an error message: `Temporal's dev server`. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Env;
  /** Its output is appended to this file. */
  readonly log: string;
  /** Called as soon as there is a process. */
  readonly onSpawn: (process: ProcessId) => void;
  /** Resolves when its address answers, with whether the answer proves that it is this service. */
  readonly untilReady: (signal: AbortSignal) => Promise<boolean>;
  /**
   * What it writes once it listens. Most answers do not prove that this process has sent them: another program may have taken
   * the port.
   */
  readonly listening: RegExp;
}

/** The output of a program whose port was taken after it had been found free: one of ours, or one that it chooses itself. */
class PortTakenError extends Error {}

/**
 * Resolves when the service answers. If it does not, leaves no process behind.
 *
 * @param prepare - chooses free ports; called again if one of them was taken in between
 * @throws Error with the end of the service's log
 */
export async function startService(prepare: () => Promise<Service>): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await startOnce(await prepare());
    } catch (error) {
      if (!(error instanceof PortTakenError) || attempt === START_ATTEMPTS) throw error;
    }
  }
}

async function startOnce(service: Service): Promise<void> {
  const { name, log, onSpawn } = service;
  const child = await spawnDetached(service);
  const waiting = new AbortController();
  const bound = withTimeout(READY_MS);
  try {
    onSpawn(child.process);
    await Promise.race([
      untilListening(service, child, AbortSignal.any([waiting.signal, bound])),
      child.ended,
    ]);
  } catch (error) {
    waiting.abort();
    await stopProcess(child.process);
    if (isFileError(error)) throw error;
    const what = bound.aborted ? `did not answer within ${READY_MS / 1000} s` : errorMessage(error);
    const output = lastLines(child.output(), 5);
    const message = `${name} ${what}. Its log (${log}) says: ${output.slice(-MAX_SHOWN) || 'nothing'}`;
    const taken = /address already in use|is in use/i.test(output);
    throw new (taken ? PortTakenError : Error)(message, { cause: error });
  }
}

async function untilListening(
  { untilReady, listening }: Service,
  child: DetachedProcess,
  signal: AbortSignal,
): Promise<void> {
  const proven = await untilReady(signal);
  while (!proven && !listening.test(child.output())) await delay(LOOK_MS, undefined, { signal });
}

interface DetachedProcess {
  readonly process: ProcessId;
  /** Rejects when the process ends; the message says how. */
  readonly ended: Promise<never>;
  /** What it has written. */
  output(): string;
}

async function spawnDetached({ command, args, env, log, name }: Service): Promise<DetachedProcess> {
  if ((statSync(log, { throwIfNoEntry: false })?.size ?? 0) > MAX_LOG_BYTES) truncateSync(log);
  const output = openSync(log, 'a', 0o600);
  const logStart = fstatSync(output).size;
  // The files that the process creates, such as the database, are for the user alone.
  const mask = process.umask(0o077);
  // In a session of its own, so that Ctrl-C in the terminal does not reach it.
  const stdio = ['ignore', output, output] as const;
  const child = spawn(command, args, { detached: true, env: withoutSettings(env), stdio: [...stdio] });
  process.umask(mask);
  closeSync(output);
  child.unref();
  if (child.pid === undefined) {
    const [error] = (await once(child, 'error')) as [Error];
    throw new Error(`${name} could not be started: ${error.message}`, { cause: error });
  }
  const ended = once(child, 'exit').then(([code, signal]) => {
    throw new Error(`ended (${signal ?? `exit ${code}`}) before it answered`);
  });
  ended.catch(() => undefined);
  return {
    process: { pid: child.pid, started: startOf(child.pid) ?? 'ended' },
    ended,
    output: () => readFileSync(log).subarray(logStart).toString('utf8'),
  };
}

/**
 * The servers need no settings of this package, of Temporal's clients or of Node, and above all no API key. Under Yarn's Plug'n'Play, an
 * option of Node is what finds the packages.
 */
function withoutSettings(env: Env): Record<string, string | undefined> {
  const options = process.versions.pnp === undefined ? 'NODE_OPTIONS$|' : '';
  const setting = new RegExp(`^(TEMPORAL_|GEMINI_|GOOGLE_|${options}NODE_V8_COVERAGE$)`);
  return Object.fromEntries(Object.entries(env).filter(([name]) => !setting.test(name)));
}
