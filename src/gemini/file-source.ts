import { createHash } from 'node:crypto';
import type { BigIntStats } from 'node:fs';
import type { FileHandle, FileReadResult } from 'node:fs/promises';
import { basename } from 'node:path';
import type { SourceFingerprint } from '../contract/activities.js';
import { within } from '../util/within.js';
import { diskAnswer } from './disk-calls.js';
import { sourceChanged, type UploadSource } from './upload-source.js';

/** Bytes per read: smaller reads cost a wake-up each (docs/performance.md, upload). */
const READ_BYTES = 1024 * 1024;

/** How long the close of a file may take, in milliseconds: nothing depends on it. */
const CLOSE_TIMEOUT_MS = 1000;

/** An open file on a disk. Its version is its modification time in nanoseconds. */
export class FileSource implements UploadSource {
  readonly local = true;
  /** Allocated once and used in turn: the next chunk is read while the last one is sent. A reader takes them with it. */
  private buffers: [Buffer?, Buffer?] = [];
  /** Calls of the disk that have not ended. */
  private calls = 0;

  private constructor(
    private readonly handle: FileHandle,
    readonly label: string,
    readonly fingerprint: SourceFingerprint,
    private readonly ctimeNs: bigint,
    private readonly signal: AbortSignal | undefined,
  ) {}

  /**
   * Takes over the handle: `close` closes it.
   *
   * @param handle - the opened file
   * @param path - its path, for messages
   * @param known - the answer of `handle.stat({ bigint: true })`, if you have it already; it has to be this handle's
   * @param signal - ends each wait for the disk, in addition to the signal of a read
   * @throws an error of the system if the size of the file cannot be asked for
   */
  static async of(
    handle: FileHandle,
    path: string,
    known?: BigIntStats,
    signal?: AbortSignal,
  ): Promise<FileSource> {
    const stat = known ?? (await handle.stat({ bigint: true }));
    const fingerprint = { sizeBytes: Number(stat.size), version: String(stat.mtimeNs) };
    return new FileSource(handle, path, fingerprint, stat.ctimeNs, signal);
  }

  get name(): string {
    return basename(this.label);
  }

  /** Size in bytes when the file was opened. */
  get sizeBytes(): number {
    return this.fingerprint.sizeBytes;
  }

  async *read(start: number, end: number, signal?: AbortSignal): AsyncGenerator<Buffer, void, undefined> {
    const { buffers } = this;
    this.buffers = [];
    const fill = (turn: 0 | 1, at: number): Promise<FileReadResult<Buffer>> => {
      const buffer = (buffers[turn] ??= Buffer.allocUnsafe(Math.min(READ_BYTES, this.sizeBytes)));
      return this.answered(this.handle.read(buffer, 0, Math.min(buffer.length, end - at), at), signal);
    };
    let position = start;
    let turn: 0 | 1 = 0;
    let pending = position < end ? fill(turn, position) : undefined;
    try {
      while (pending) {
        signal?.throwIfAborted();
        const { bytesRead, buffer } = await pending;
        if (bytesRead === 0) throw sourceChanged(this, 'it has become shorter');
        position += bytesRead;
        turn = turn === 0 ? 1 : 0;
        pending = position < end ? fill(turn, position) : undefined;
        // It is awaited in the next round; until then a failed read must not count as unhandled.
        pending?.catch(() => undefined);
        yield buffer.subarray(0, bytesRead);
      }
    } finally {
      await pending?.catch(() => undefined);
      // A read that hangs can write into its buffer at any time: no other reader gets it.
      if (this.calls === 0) this.buffers = buffers;
    }
  }

  private answered<T>(call: Promise<T>, signal?: AbortSignal): Promise<T> {
    this.calls += 1;
    const ended = () => void (this.calls -= 1);
    call.then(ended, ended);
    return diskAnswer(this.label, call, [signal, this.signal]);
  }

  async assertUnchanged(expected: SourceFingerprint = this.fingerprint): Promise<void> {
    this.assertSame(await this.stat(), expected);
  }

  private stat(): Promise<BigIntStats> {
    return this.answered(this.handle.stat({ bigint: true }));
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
    const stat = await this.stat();
    this.assertSame(stat, this.fingerprint);
    if (stat.ctimeNs === this.ctimeNs) return;
    const hash = createHash('sha256');
    for await (const chunk of this.read(0, this.sizeBytes)) hash.update(chunk);
    if (hash.digest('hex') !== sha256) throw sourceChanged(this, 'its content has changed');
  }

  /** Closes the file. If the disk hangs, this returns before the file is closed. */
  async close(): Promise<void> {
    const closed = this.handle.close();
    if (this.calls === 0) await within(CLOSE_TIMEOUT_MS, closed);
    closed.catch(() => undefined);
  }
}
