/** A file that is read by ranges: over the network, or by a user's function. A read that breaks continues where it broke. */

import { createHash } from 'node:crypto';
import type { SourceFingerprint } from '../contract/activities.js';
import { isGeminiFilesError, SourceError, type GeminiFilesError } from '../contract/errors.js';
import { sourceChanged, type UploadSource } from '../gemini/index.js';
import { ConnectionBreak } from './break.js';
import type { ChunkReader } from './chunk-reader.js';
import { MAX_BREAKS, PROGRESS_BYTES } from './limits.js';

const OF_MIRROR = 'mirror ';

/**
 * The version of a file that redirects led to. Another attempt may be led to another mirror, which has another `ETag` for the same bytes. So
 * two such versions that differ prove no change; but the file at the provider is then not adopted unless its hash is known.
 */
export function mirrorVersion(etag: string): string {
  return `${OF_MIRROR}${etag}`;
}

/** The version that a user's function gives, with a space before it if it could be taken for that of a mirror. */
export function givenVersion(version: string): string {
  return version.trimStart().startsWith(OF_MIRROR) ? ` ${version}` : version;
}

/** Whether a version that differs proves a change. */
const decides = (version: string) => version !== '' && !version.startsWith(OF_MIRROR);

/** Bytes that are in motion: from `position` to `end` (exclusive). */
export interface Stream {
  position: number;
  readonly end: number;
  readonly chunks: ChunkReader;
}

/** Where the ranges come from. */
export interface RangeReader {
  /**
   * Whether only the bytes of one stream are known to be of one version of the file. Then a stream serves as many reads as it can, and
   * what several streams brought is compared with the file at the end. It can become true whenever a stream is opened.
   */
  readonly unversioned: boolean;
  /**
   * A stream that begins at `start`. It ends at `end`, or before or after it if the source prefers that.
   *
   * @throws an error of the contract if the read cannot continue, or the signal's reason; any other error counts as a break
   */
  open(start: number, end: number, signal: AbortSignal): Promise<Stream>;
  /**
   * What broke, if opening or reading a stream threw `error`.
   *
   * @throws an error of the contract if the read cannot continue
   */
  breakOf(error: unknown): ConnectionBreak;
  /** What an error of the contract becomes, which a user's code may have made of anything. @default the error */
  readonly failure?: (error: GeminiFilesError) => GeminiFilesError;
  /** Ends the connections. */
  close(): void;
}

export interface RangeSourceOptions {
  readonly name: string;
  readonly label: string;
  readonly fingerprint: SourceFingerprint;
  readonly mimeType?: string | undefined;
  readonly contentType?: string | undefined;
  /** A stream that is open already. */
  readonly stream?: Stream | undefined;
  readonly headBytes: number;
  /** Ends all reads. */
  readonly signal: AbortSignal;
}

export class RangeSource implements UploadSource {
  readonly name: string;
  readonly label: string;
  readonly fingerprint: SourceFingerprint;
  readonly mimeType: string | undefined;
  readonly contentType: string | undefined;
  private head: Buffer = Buffer.alloc(0);
  private stream: Stream | undefined;
  /** Streams so far that brought bytes. */
  private streams = 0;
  private breaks = 0;
  private sinceBreak = 0;

  private constructor(
    private readonly reader: RangeReader,
    private readonly options: RangeSourceOptions,
  ) {
    ({
      name: this.name,
      label: this.label,
      fingerprint: this.fingerprint,
      mimeType: this.mimeType,
      contentType: this.contentType,
    } = options);
    this.stream = options.stream;
    if (this.stream) this.streams = 1;
  }

  /** Takes over the reader: `close` closes it. */
  static async open(reader: RangeReader, options: RangeSourceOptions): Promise<RangeSource> {
    const source = new RangeSource(reader, options);
    try {
      await source.readHead();
      return source;
    } catch (error) {
      await source.close();
      throw error;
    }
  }

  get sizeBytes(): number {
    return this.fingerprint.sizeBytes;
  }

  /** Those that were read when it was opened. */
  get firstBytes(): Uint8Array {
    return this.head;
  }

  private async readHead(): Promise<void> {
    const end = Math.min(this.options.headBytes, this.sizeBytes);
    const chunks: Buffer[] = [];
    for await (const chunk of this.streamed(0, end, this.options.signal)) chunks.push(Buffer.from(chunk));
    this.head = Buffer.concat(chunks);
  }

  async *read(start: number, end: number, signal?: AbortSignal): AsyncGenerator<Buffer, void, undefined> {
    const ended = signal ? AbortSignal.any([this.options.signal, signal]) : this.options.signal;
    const known = Math.min(end, this.head.length);
    if (start < known) yield this.head.subarray(start, known);
    yield* this.streamed(Math.max(start, known), end, ended);
  }

  private async *streamed(
    start: number,
    end: number,
    signal: AbortSignal,
  ): AsyncGenerator<Buffer, void, undefined> {
    let position = start;
    while (position < end) {
      const chunk = await this.next(position, end, signal);
      position += chunk.length;
      yield chunk;
    }
    // Not before the last chunk was used: the end of a stream can be the end of its buffer.
    await this.endStream();
  }

  private async next(position: number, end: number, signal: AbortSignal): Promise<Buffer> {
    for (;;) {
      try {
        const stream = await this.streamAt(position, end, signal);
        const chunk = await stream.chunks.take(Math.min(end, stream.end) - position, signal);
        if (!chunk) throw new ConnectionBreak('the body ended early');
        stream.position += chunk.length;
        this.sinceBreak += chunk.length;
        return chunk;
      } catch (error) {
        this.dropStream();
        signal.throwIfAborted();
        if (isGeminiFilesError(error)) throw this.reader.failure?.(error) ?? error;
        this.countBreak(this.reader.breakOf(error));
      }
    }
  }

  private async streamAt(position: number, end: number, signal: AbortSignal): Promise<Stream> {
    if (this.stream?.position === position && position < this.stream.end) return this.stream;
    // A source that sends less than it is asked for needs more requests, as one that breaks does.
    if (this.stream?.position === position)
      this.countBreak(new ConnectionBreak('it sent less than it was asked for'));
    await this.endStream();
    this.dropStream();
    const wanted = this.reader.unversioned ? this.sizeBytes : end;
    this.stream = await this.reader.open(position, wanted, signal);
    this.streams += 1;
    return this.stream;
  }

  private async endStream(): Promise<void> {
    if (!this.stream || this.stream.position < this.stream.end) return;
    const { chunks } = this.stream;
    this.stream = undefined;
    await chunks.end();
  }

  private dropStream(): void {
    this.stream?.chunks.close();
    this.stream = undefined;
  }

  private countBreak({ reason, lasting }: ConnectionBreak): void {
    this.breaks = this.sinceBreak >= PROGRESS_BYTES ? 1 : this.breaks + 1;
    this.sinceBreak = 0;
    if (!lasting && this.breaks <= MAX_BREAKS) return;
    throw new SourceError(`${this.label} was not read to its end: ${reason}`, { retryable: !lasting });
  }

  /** Compares only what is already known: each answer is checked when it arrives. */
  assertUnchanged(expected: SourceFingerprint = this.fingerprint): Promise<void> {
    const { sizeBytes, version } = this.fingerprint;
    if (expected.sizeBytes !== sizeBytes) {
      return Promise.reject(
        sourceChanged(this, `its size was ${expected.sizeBytes} and is ${sizeBytes} bytes`),
      );
    }
    if (expected.version !== version && decides(expected.version) && decides(version))
      return Promise.reject(sourceChanged(this, 'its version has changed'));
    return Promise.resolve();
  }

  async assertContent(sha256: string): Promise<void> {
    if (!this.reader.unversioned || this.streams <= 1) return;
    this.dropStream();
    const hash = createHash('sha256');
    for await (const chunk of this.streamed(0, this.sizeBytes, this.options.signal)) hash.update(chunk);
    if (hash.digest('hex') !== sha256) throw sourceChanged(this, 'its content has changed');
  }

  close(): Promise<void> {
    this.dropStream();
    this.reader.close();
    return Promise.resolve();
  }
}
