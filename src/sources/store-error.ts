/** What a store says of an error, beside the status. */

import { ChunkReader } from './chunk-reader.js';
import type { GetAnswer } from './http-get.js';
import type { SourceLimits } from './limits.js';
import { withTimeout } from '../util/with-timeout.js';

/** A store puts the code at the beginning. */
const MAX_BYTES = 4096;

/** How long the code may take, milliseconds: the request that was refused is made again only after it. */
const CODE_MS = 2000;

/** The `<Code>` of the answer; undefined if it has none, or does not arrive. @throws the reason of `signal` if it is aborted */
export async function storeErrorCode(
  { body, drop }: GetAnswer,
  limits: SourceLimits,
  signal: AbortSignal,
): Promise<string | undefined> {
  const chunks = new ChunkReader(body, limits, { drop });
  const inTime = AbortSignal.any([signal, withTimeout(CODE_MS)]);
  let text = '';
  let code: string | undefined;
  try {
    while (code === undefined && text.length < MAX_BYTES) {
      const chunk = await chunks.take(MAX_BYTES - text.length, inTime);
      if (!chunk) break;
      text += chunk.toString('latin1');
      code = /<Code>([A-Za-z]{1,64})<\/Code>/.exec(text)?.[1];
    }
  } catch {
    // The answer is an error with or without its code.
    signal.throwIfAborted();
  } finally {
    chunks.close();
  }
  return code;
}
