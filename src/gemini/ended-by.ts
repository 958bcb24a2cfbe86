/** A source whose calls all end with a signal: a disk that hangs, and code of others, may not know one. */

import { unlessAborted } from '../util/unless-aborted.js';
import type { UploadSource } from './upload-source.js';

/**
 * `source`, for which nobody waits after `signal` has aborted. A call that has not ended by then is left alone: it does not hold up
 * anything, and what comes of it is dropped.
 *
 * A reader can be left at any time. The next one begins after it has ended (S1).
 *
 * @throws the signal's reason from each call
 */
export function endedBy(source: UploadSource, signal: AbortSignal | undefined): UploadSource {
  /** Settles when the last reader has ended. */
  let before: Promise<unknown> = Promise.resolve();
  const { name, label, sizeBytes, fingerprint, local, mimeType, contentType } = source;
  return {
    name,
    label,
    sizeBytes,
    fingerprint,
    ...(local !== undefined && { local }),
    mimeType,
    contentType,
    async *read(start, end, own) {
      const ended = signal && own ? AbortSignal.any([signal, own]) : (own ?? signal);
      await unlessAborted(before, ended);
      const chunks = source.read(start, end, ended)[Symbol.asyncIterator]();
      try {
        for (;;) {
          const next = await unlessAborted(chunks.next(), ended);
          if (next.done) return;
          yield next.value;
        }
      } finally {
        before = leave(chunks);
      }
    },
    assertUnchanged: (expected) => unlessAborted(source.assertUnchanged(expected), signal),
    assertContent: (sha256) => unlessAborted(source.assertContent(sha256, signal), signal),
    close: () => source.close(),
  };
}

/** Ends `chunks`, after a `next` that has not ended yet. Resolves when that is done. */
export async function leave(chunks: AsyncIterator<unknown> | Iterator<unknown>): Promise<void> {
  try {
    await chunks.return?.();
  } catch {
    // There is nothing left to end.
  }
}
