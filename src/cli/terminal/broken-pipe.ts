/**
 * What happens when the output cannot be written any more: the command ends in order. If the reader has gone away, as in
 * `status ID | true`, it ends quietly; otherwise, as on a full disk, it says why.
 */

import { errorMessage } from '../../util/error-message.js';
import { EXIT } from '../exit.js';

/** Nobody reads any more what the command writes. */
class BrokenPipeError extends Error {
  override readonly name = 'BrokenPipeError';
}

/** The codes of a stream without a reader: a closed pipe, a terminal that is gone, a write after one of them. */
const CODES: readonly unknown[] = ['EPIPE', 'EIO', 'ERR_STREAM_DESTROYED'];

let exitCode: number | undefined;
let watched: Promise<never> | undefined;

/** What the command exits with because its output cannot be written; undefined if it can. */
export const exitCodeOfLostOutput = (): number | undefined => exitCode;

/** Rejects with a {@link BrokenPipeError} when stdout or stderr cannot be written any more; never resolves. */
export function whenPipeBreaks(): Promise<never> {
  if (!watched) {
    watched = new Promise((_, reject) => {
      for (const stream of [process.stdout, process.stderr])
        stream.on('error', (error: NodeJS.ErrnoException) => {
          const first = exitCode === undefined;
          exitCode ??= CODES.includes(error.code) ? EXIT.brokenPipe : EXIT.failed;
          // If stderr is the stream that cannot be written, nothing can be said.
          if (first && exitCode === EXIT.failed && stream === process.stdout)
            process.stderr.write(`The result could not be written: ${errorMessage(error)}\n`);
          reject(new BrokenPipeError('Nobody reads the output'));
        });
    });
    watched.catch(() => undefined); // It may break while nothing waits for it.
  }
  return watched;
}
