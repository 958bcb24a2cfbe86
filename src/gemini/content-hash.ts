import { createHash, type Hash } from 'node:crypto';
import type { UploadSource } from './upload-source.js';

/** SHA-256 of a source, computed during its upload: each byte once, in order, even if it is sent again. */
export class ContentHash {
  private readonly hash: Hash = createHash('sha256');
  /** Bytes hashed so far. */
  position = 0;

  constructor(private readonly source: UploadSource) {}

  /** Hashes the part of `chunk`, which begins at `offset`, that is new. */
  update(chunk: Buffer, offset: number): void {
    const fresh = this.position - offset;
    if (fresh >= chunk.length) return;
    this.hash.update(fresh > 0 ? chunk.subarray(fresh) : chunk);
    this.position = offset + chunk.length;
  }

  /** Reads up to `offset` without sending. */
  async advanceTo(offset: number, signal?: AbortSignal): Promise<void> {
    if (offset <= this.position) return;
    for await (const chunk of this.source.read(this.position, offset, signal)) {
      this.update(chunk, this.position);
    }
  }

  /** Hex digest of the bytes so far. */
  digest(): string {
    return this.hash.copy().digest('hex');
  }
}
