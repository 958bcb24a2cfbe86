/** An open file as the upload reads it: by ranges, and with a look at whether it is still the same. */

import { createHash, type Hash } from 'node:crypto';
import type { FileHandle, FileReadResult } from 'node:fs/promises';
import type { FileFingerprint } from '../contract/activities.js';
import { FileChangedError } from '../contract/errors.js';

/** Bytes read at a time: with less, waking up for each chunk costs (docs/performance.md, upload). */
const READ_BYTES = 1024 * 1024;

export class FileSource {
  /** Made once and used in turn: the next chunk is read while the last one is being sent. */
  private readonly buffers: [Buffer?, Buffer?] = [];

  private constructor(
    private readonly handle: FileHandle,
    readonly path: string,
    readonly fingerprint: FileFingerprint,
    private readonly ctimeNs: bigint,
  ) {}

  /** Takes over the handle: `close` closes it. */
  static async of(handle: FileHandle, path: string): Promise<FileSource> {
    const stat = await handle.stat({ bigint: true });
    const fingerprint = { sizeBytes: Number(stat.size), mtimeNs: String(stat.mtimeNs) };
    return new FileSource(handle, path, fingerprint, stat.ctimeNs);
  }

  get sizeBytes(): number {
    return this.fingerprint.sizeBytes;
  }

  /** The bytes from `start` to `end` (exclusive), one reader at a time. A chunk is valid until the next one is asked for, by any. */
  async *read(start: number, end: number): AsyncGenerator<Buffer, void, undefined> {
    let position = start;
    let turn: 0 | 1 = 0;
    let pending = position < end ? this.fill(turn, position, end) : undefined;
    try {
      while (pending) {
        const { bytesRead, buffer } = await pending;
        if (bytesRead === 0) throw this.changed('it has become shorter');
        position += bytesRead;
        turn = turn === 0 ? 1 : 0;
        pending = position < end ? this.fill(turn, position, end) : undefined;
        // Observed when its turn comes; until then a failed read must not count as unhandled.
        pending?.catch(() => undefined);
        yield buffer.subarray(0, bytesRead);
      }
    } finally {
      // A reader that leaves early must not leave a read behind: the buffers are the next reader's.
      await pending?.catch(() => undefined);
    }
  }

  private fill(turn: 0 | 1, position: number, end: number): Promise<FileReadResult<Buffer>> {
    const buffer = (this.buffers[turn] ??= Buffer.allocUnsafe(Math.min(READ_BYTES, this.sizeBytes)));
    return this.handle.read(buffer, 0, Math.min(buffer.length, end - position), position);
  }

  /** @throws FileChangedError where size or modification time are not what they were when the file was opened */
  async assertSame(expected: FileFingerprint = this.fingerprint): Promise<void> {
    const stat = await this.handle.stat({ bigint: true });
    if (Number(stat.size) !== expected.sizeBytes) {
      throw this.changed(`its size was ${expected.sizeBytes} and is ${stat.size} bytes`);
    }
    if (String(stat.mtimeNs) !== expected.mtimeNs) throw this.changed('its modification time is another');
  }

  /**
   * The same, and the content too, should the file have been touched without a trace in size and modification time:
   * the change time can't be set back, and where it moved (a rename moves it as well) the file is read once more.
   *
   * @throws FileChangedError
   */
  async assertContent(sha256: string): Promise<void> {
    await this.assertSame();
    const stat = await this.handle.stat({ bigint: true });
    if (stat.ctimeNs === this.ctimeNs) return;
    const hash = createHash('sha256');
    for await (const chunk of this.read(0, this.sizeBytes)) hash.update(chunk);
    if (hash.digest('hex') !== sha256) throw this.changed('its content is another');
  }

  changed(how: string): FileChangedError {
    return new FileChangedError(`${this.path} changed while it was being uploaded: ${how}`);
  }

  async close(): Promise<void> {
    await this.handle.close();
  }
}

/** SHA-256 of a file, made along its upload: each byte once, in order, whatever is sent again. */
export class ContentHash {
  private readonly hash: Hash = createHash('sha256');
  /** Bytes hashed so far. */
  position = 0;

  constructor(private readonly source: FileSource) {}

  /** Takes in the part of `chunk`, which stands at `offset`, that is new. */
  update(chunk: Buffer, offset: number): void {
    const fresh = this.position - offset;
    if (fresh >= chunk.length) return;
    this.hash.update(fresh > 0 ? chunk.subarray(fresh) : chunk);
    this.position = offset + chunk.length;
  }

  /** Reads on, without sending, up to `offset`. */
  async advanceTo(offset: number, signal?: AbortSignal): Promise<void> {
    if (offset <= this.position) return;
    for await (const chunk of this.source.read(this.position, offset)) {
      signal?.throwIfAborted();
      this.update(chunk, this.position);
    }
  }

  /** Hex digest of the bytes so far. */
  digest(): string {
    return this.hash.copy().digest('hex');
  }
}
