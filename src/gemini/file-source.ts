import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import type { FileHandle, FileReadResult } from 'node:fs/promises';
import { basename } from 'node:path';
import type { SourceFingerprint } from '../contract/activities.js';
import { sourceChanged, type UploadSource } from './upload-source.js';

/** Bytes per read: smaller reads cost a wake-up each (docs/performance.md, upload). */
const READ_BYTES = 1024 * 1024;

/** An open file on a disk. Its version is its modification time in nanoseconds. */
export class FileSource implements UploadSource {
  readonly local = true;
  /** Allocated once and used in turn: the next chunk is read while the last one is sent. */
  private readonly buffers: [Buffer?, Buffer?] = [];

  private constructor(
    private readonly handle: FileHandle,
    readonly label: string,
    readonly fingerprint: SourceFingerprint,
    private readonly ctimeNs: bigint,
  ) {}

  /**
   * Takes over the handle: `close` closes it.
   *
   * @param handle - the opened file
   * @param path - its path, for messages
   * @param known - the answer of `handle.stat({ bigint: true })`, if you have it already; it has to be this handle's
   */
  static async of(handle: FileHandle, path: string, known?: BigIntStats): Promise<FileSource> {
    const stat = known ?? (await handle.stat({ bigint: true }));
    const fingerprint = { sizeBytes: Number(stat.size), version: String(stat.mtimeNs) };
    return new FileSource(handle, path, fingerprint, stat.ctimeNs);
  }

  get name(): string {
    return basename(this.label);
  }

  /** Size in bytes when the file was opened. */
  get sizeBytes(): number {
    return this.fingerprint.sizeBytes;
  }

  async *read(start: number, end: number, signal?: AbortSignal): AsyncGenerator<Buffer, void, undefined> {
    let position = start;
    let turn: 0 | 1 = 0;
    let pending = position < end ? this.fill(turn, position, end) : undefined;
    try {
      while (pending) {
        signal?.throwIfAborted();
        const { bytesRead, buffer } = await pending;
        if (bytesRead === 0) throw sourceChanged(this, 'it has become shorter');
        position += bytesRead;
        turn = turn === 0 ? 1 : 0;
        pending = position < end ? this.fill(turn, position, end) : undefined;
        // It is awaited in the next round; until then a failed read must not count as unhandled.
        pending?.catch(() => undefined);
        yield buffer.subarray(0, bytesRead);
      }
    } finally {
      // A reader that leaves early must not leave a read behind: the next reader uses the same buffers.
      await pending?.catch(() => undefined);
    }
  }

  private fill(turn: 0 | 1, position: number, end: number): Promise<FileReadResult<Buffer>> {
    const buffer = (this.buffers[turn] ??= Buffer.allocUnsafe(Math.min(READ_BYTES, this.sizeBytes)));
    return this.handle.read(buffer, 0, Math.min(buffer.length, end - position), position);
  }

  async assertUnchanged(expected: SourceFingerprint = this.fingerprint): Promise<void> {
    this.assertSame(await this.handle.stat({ bigint: true }), expected);
  }

  private assertSame(stat: BigIntStats, expected: SourceFingerprint): void {
    if (Number(stat.size) !== expected.sizeBytes) {
      throw sourceChanged(this, `its size was ${expected.sizeBytes} and is ${stat.size} bytes`);
    }
    if (expected.version !== '' && String(stat.mtimeNs) !== expected.version)
      throw sourceChanged(this, 'its modification time has changed');
  }

  /**
   * The modification time can be set back, the change time cannot. If it differs (after a rename, too), the file is read again.
   *
   * @param sha256 - in hexadecimal digits
   */
  async assertContent(sha256: string): Promise<void> {
    const stat = await this.handle.stat({ bigint: true });
    this.assertSame(stat, this.fingerprint);
    if (stat.ctimeNs === this.ctimeNs) return;
    const hash = createHash('sha256');
    for await (const chunk of this.read(0, this.sizeBytes)) hash.update(chunk);
    if (hash.digest('hex') !== sha256) throw sourceChanged(this, 'its content has changed');
  }

  /** Closes the file. */
  async close(): Promise<void> {
    await this.handle.close();
  }
}
