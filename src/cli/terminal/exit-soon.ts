import { exitCodeOfLostOutput } from './broken-pipe.js';

/** Time for open handles to close by themselves, milliseconds. */
const GRACE_MS = 500;

/**
 * Ends the process with `code`. Work that an interrupt has abandoned (an installation, calls to a server that is gone) would
 * otherwise keep the process alive until it is done. Output is not abandoned: its reader may take any time, or go away.
 */
export function exitSoon(code: number): void {
  process.exitCode = code;
  setTimeout(() => void exitOnceWritten(), GRACE_MS).unref();
  // The last line may meet a reader that is gone.
  process.once('exit', () => {
    const lost = exitCodeOfLostOutput();
    if (lost !== undefined) process.exitCode = lost;
  });
}

/** `process.exit` drops what a pipe has not taken yet. */
async function exitOnceWritten(): Promise<never> {
  await Promise.all([process.stdout, process.stderr].map(untilWritten));
  // eslint-disable-next-line no-restricted-properties -- all is written
  return process.exit();
}

/** Resolves when the stream has nothing left to write, or cannot write any more. */
const untilWritten = (stream: NodeJS.WriteStream) =>
  new Promise<void>((resolve) => void stream.write('', () => resolve()));
