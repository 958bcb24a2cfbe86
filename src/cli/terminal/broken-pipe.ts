/** What happens when the reader of stdout or stderr goes away, as in `status ID | head -1`: the command ends in order, quietly. */

/** Nobody reads any more what the command writes. */
export class BrokenPipeError extends Error {
  override readonly name = 'BrokenPipeError';
}

/** The codes of a stream without a reader: a closed pipe, a terminal that is gone, a write after one of them. */
const CODES: readonly unknown[] = ['EPIPE', 'EIO', 'ERR_STREAM_DESTROYED'];

let broken = false;
let watched: Promise<never> | undefined;

export const isPipeBroken = (): boolean => broken;

/** Rejects with a {@link BrokenPipeError} when stdout or stderr has no reader any more; never resolves. */
export function whenPipeBreaks(): Promise<never> {
  if (!watched) {
    watched = new Promise((_, reject) => {
      for (const stream of [process.stdout, process.stderr])
        stream.on('error', (error: NodeJS.ErrnoException) => {
          if (!CODES.includes(error.code)) throw error;
          broken = true;
          reject(new BrokenPipeError('Nobody reads the output'));
        });
    });
    watched.catch(() => undefined); // It may break while nothing waits for it.
  }
  return watched;
}
