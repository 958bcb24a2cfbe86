/** Ctrl-C: the first one asks the command to end in order, the second ends the process at once. */

import { EXIT, InterruptedError } from '../exit.js';

/** npm repeats a Ctrl-C that the terminal has already sent to every process: two within this time count as one. */
const SAME_MS = 500;

/** Disposing of it restores what signals do by default. */
export interface Interrupt extends Disposable {
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** The result of `work`, unless the interrupt comes first. @throws InterruptedError */
  race<T>(work: Promise<T>): Promise<T>;
}

export function installInterruptHandler(): Interrupt {
  const controller = new AbortController();
  const { signal } = controller;
  let at: number | undefined;
  const handler = () => {
    if (at === undefined) {
      at = Date.now();
      controller.abort(new InterruptedError('Interrupted'));
    } else if (Date.now() - at > SAME_MS) {
      process.exit(EXIT.cancelled);
    }
  };
  process.on('SIGINT', handler).on('SIGTERM', handler);
  const interrupted = onceAborted(signal).then(() => {
    throw new InterruptedError('Interrupted');
  });
  interrupted.catch(() => undefined);
  return {
    signal,
    race: (work) => Promise.race([interrupted, work]),
    [Symbol.dispose]: () => void process.off('SIGINT', handler).off('SIGTERM', handler),
  };
}

/** Resolves when the signal is aborted. */
export function onceAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
