/** Ctrl-C: the first one asks for an orderly end, the second leaves at once. */

import { EXIT } from './exit-code.js';

/** npm passes a Ctrl-C on that the terminal has already sent to every process: within this time both are one. */
const SAME_MS = 500;

/** @returns a function that takes the handlers off again */
export function onInterrupt(first: () => void): () => void {
  let at: number | undefined;
  const handler = () => {
    if (at === undefined) {
      at = Date.now();
      first();
    } else if (Date.now() - at > SAME_MS) {
      process.exit(EXIT.cancelled);
    }
  };
  process.on('SIGINT', handler).on('SIGTERM', handler);
  return () => void process.off('SIGINT', handler).off('SIGTERM', handler);
}
