/** A payload codec that changes nothing, and counts its calls. */

import type { PayloadCodec } from '@temporalio/common';

export interface CountingCodec extends PayloadCodec {
  /** How many calls of `decode` have ended. */
  readonly decoded: number;
  /** How many calls of `decode` were open at once, at most. */
  readonly most: number;
}

export function countingCodec(): CountingCodec {
  let [open, most, decoded] = [0, 0, 0];
  return {
    get decoded() {
      return decoded;
    },
    get most() {
      return most;
    },
    encode: (payloads) => Promise.resolve(payloads),
    decode: async (payloads) => {
      open += 1;
      most = Math.max(most, open);
      await new Promise((resolve) => setImmediate(resolve));
      open -= 1;
      decoded += 1;
      return payloads;
    },
  };
}
