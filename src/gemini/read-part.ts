/** The bytes of one request, and what is noted of them on their way. */

import { checkpoint, type Attempt } from './attempt.js';
import { BodyError } from './exchange.js';
import type { UploadSession } from './upload-protocol.js';

/** Bytes between two checkpoints: what of the file a later attempt can tell to be unchanged before it sends on. */
const CHECKPOINT_BYTES = 8 * 1024 * 1024;

/** The part of the file that one request sends. */
export interface Part {
  readonly offset: number;
  /** Exclusive. */
  readonly end: number;
  /** Whether this is the first data that the attempt sends. */
  readonly first: boolean;
}

/**
 * @param onEnd - called after the last byte
 * @param ended - aborts with the request: nothing is noted of bytes that come after that
 */
export async function* readPart(
  attempt: Attempt,
  session: UploadSession,
  { offset: start, end, first }: Part,
  onEnd: () => void,
  ended: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const { input, hash } = attempt;
  let offset = start;
  let noted = start;
  try {
    for await (const chunk of input.source.read(start, end, ended)) {
      // A request that finalizes cannot create the file before its last bytes.
      if (offset + chunk.length === input.source.sizeBytes) await input.beforeStep?.('finalize');
      else if (first && offset === start) await input.beforeStep?.('send');
      ended.throwIfAborted();
      hash.update(chunk, offset);
      offset += chunk.length;
      input.onProgress?.(offset);
      if (offset - noted >= CHECKPOINT_BYTES) {
        noted = offset;
        checkpoint(attempt, session);
      }
      const { length } = chunk;
      yield chunk;
      // Asked for the next one: this one was written.
      input.onSent?.(length);
    }
    onEnd();
  } catch (error) {
    throw new BodyError(error);
  }
}
