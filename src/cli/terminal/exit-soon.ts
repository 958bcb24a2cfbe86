import { exitCodeOfLostOutput } from './broken-pipe.js';

/** Time for open handles to close by themselves, milliseconds. */
const GRACE_MS = 500;

/**
 * Ends the process with `code`. Work that an interrupt has abandoned (an installation, calls to a server that is gone) would
 * otherwise keep the process alive until it is done.
 */
export function exitSoon(code: number): void {
  process.exitCode = code;
  setTimeout(() => process.exit(), GRACE_MS).unref();
  // The last line may meet a reader that is gone.
  process.once('exit', () => {
    const lost = exitCodeOfLostOutput();
    if (lost !== undefined) process.exitCode = lost;
  });
}
