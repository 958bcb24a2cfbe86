/** A source of an upload whose content is in memory. */

import type { UploadSource } from '../../src/gemini/index.js';

export function sourceOf(name: string, content: string | Uint8Array, mimeType?: string): UploadSource {
  const bytes = Buffer.from(content);
  return {
    name,
    label: `/media/${name}`,
    sizeBytes: bytes.length,
    fingerprint: { sizeBytes: bytes.length, version: '1' },
    mimeType,
    async *read(start, end) {
      yield await Promise.resolve(bytes.subarray(start, end));
    },
    assertUnchanged: () => Promise.resolve(),
    assertContent: () => Promise.resolve(),
    close: () => Promise.resolve(),
  };
}
