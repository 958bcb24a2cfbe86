/** Ctrl-C: the first one asks for an orderly end, the second leaves at once. */

import { EXIT } from '../exit.js';

/** npm passes a Ctrl-C on that the terminal has already sent to every process: within this time both are one. */
const SAME_MS = 500;

/** A command that was interrupted before it had anything to cancel. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
}

export interface Interrupt {
  /** Aborted by the first SIGINT or SIGTERM. */
  readonly signal: AbortSignal;
  /** What `work` brings, unless the interrupt comes first. @throws InterruptedError */
  orBefore<T>(work: Promise<T>): Promise<T>;
  /** From here on signals do what they do by default. */
  stop(): void;
}

export function catchInterrupt(): Interrupt {
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
  const interrupted = aborted(signal).then(() => {
    throw new InterruptedError('Interrupted');
  });
  interrupted.catch(() => undefined);
  return {
    signal,
    orBefore: (work) => Promise.race([interrupted, work]),
    stop: () => void process.off('SIGINT', handler).off('SIGTERM', handler),
  };
}

/** Resolves when the signal is aborted. */
export function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
