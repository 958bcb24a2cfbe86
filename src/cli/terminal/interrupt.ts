/**
 * Signals that end a command: the first one asks it to end in order, a second Ctrl-C ends the process at once. A terminal that is closed
 * (SIGHUP) cancels nothing that can go on without it.
 */

import { isatty } from 'node:tty';
import { EXIT, InterruptedError } from '../exit.js';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

/** npm repeats a Ctrl-C that the terminal has already sent to every process: two within this time count as one. */
const SAME_MS = 500;

/** Disposing of it restores what signals do by default. */
export interface Interrupt extends Disposable {
  /** Aborted by the first signal. */
  readonly signal: AbortSignal;
  /** Aborted by the first signal, unless that is SIGHUP: what the command follows is to be cancelled too. */
  readonly cancelSignal: AbortSignal;
  /** Rejects with an InterruptedError if the first signal is SIGHUP; never resolves. */
  readonly hungUp: Promise<never>;
  /** The result of `work`, unless the interrupt comes first. @throws InterruptedError */
  race<T>(work: Promise<T>): Promise<T>;
}

export function installInterruptHandler(): Interrupt {
  const controller = new AbortController();
  const cancelling = new AbortController();
  const hangingUp = new AbortController();
  const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor));
  // Node.js would abort, since it cannot restore the settings of a terminal that is gone: the signal does now what it does by default.
  const endWithTerminal = () => {
    if (terminals.every((descriptor) => isatty(descriptor))) return;
    process.removeAllListeners('SIGHUP');
    process.kill(process.pid, 'SIGHUP');
  };
  let at: number | undefined;
  const handler = (name: NodeJS.Signals) => {
    const reason = new InterruptedError('Interrupted');
    if (name === 'SIGHUP') process.once('exit', endWithTerminal);
    if (at === undefined) {
      at = performance.now();
      (name === 'SIGHUP' ? hangingUp : cancelling).abort(reason);
      controller.abort(reason);
    } else if (name !== 'SIGHUP' && performance.now() - at > SAME_MS) {
      // eslint-disable-next-line no-restricted-properties -- the user does not wait for the output either
      process.exit(EXIT.cancelled);
    }
  };
  for (const name of SIGNALS) process.on(name, handler);
  const interrupted = rejectOnceAborted(controller.signal);
  return {
    signal: controller.signal,
    cancelSignal: cancelling.signal,
    hungUp: rejectOnceAborted(hangingUp.signal),
    race: (work) => Promise.race([interrupted, work]),
    [Symbol.dispose]: () => {
      for (const name of SIGNALS) process.off(name, handler);
    },
  };
}

/** Resolves when the signal is aborted. */
export function onceAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/** Rejects with the signal's reason when it is aborted; never resolves. */
function rejectOnceAborted(signal: AbortSignal): Promise<never> {
  const aborted = onceAborted(signal).then(() => {
    throw signal.reason;
  });
  aborted.catch(() => undefined); // It may be aborted while nothing waits for it.
  return aborted;
}
