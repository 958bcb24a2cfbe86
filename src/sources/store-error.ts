/** What a store says of an error, beside the status. */

import { ChunkReader } from './chunk-reader.js';
import type { GetAnswer } from './http-get.js';
import type { SourceLimits } from './limits.js';

/** A store puts the code at the beginning. */
const MAX_BYTES = 4096;

/** The `<Code>` of the answer; undefined if it has none, or does not arrive. */
export async function storeErrorCode(
  { body, drop }: GetAnswer,
  limits: SourceLimits,
  signal: AbortSignal,
): Promise<string | undefined> {
  const chunks = new ChunkReader(body, limits, { drop });
  let text = '';
  try {
    while (text.length < MAX_BYTES) {
      const chunk = await chunks.take(MAX_BYTES - text.length, signal);
      if (!chunk) break;
      text += chunk.toString('latin1');
    }
  } catch {
    // What came before the break may be enough.
  } finally {
    chunks.close();
  }
  return /<Code>([A-Za-z]{1,64})<\/Code>/.exec(text)?.[1];
}
