/** The port through which an upload reads its bytes. What is behind it (a disk, a network) is not known here. */

import type { SourceFingerprint } from '../contract/activities.js';
import { FileChangedError } from '../contract/errors.js';

/**
 * Something to upload. Its content must not change during the upload; `fingerprint` shows whether it has changed.
 *
 * S1. One reader at a time: the next `read` begins after the last one has ended.
 * S2. A chunk is valid until the next chunk is requested, by any reader. Whoever keeps it longer copies it.
 * S3. `read` can return the same range again: a request that broke is repeated.
 */
export interface UploadSource {
  /** Its own name, such as `clip.mp4`: gives the default display name, and by its extension the MIME type. */
  readonly name: string;
  /** Names it in messages and logs. Contains no secret. */
  readonly label: string;
  /** Size in bytes. */
  readonly sizeBytes: number;
  /**
   * An empty version says nothing of the content: then the hash of what was sent before decides whether an earlier attempt can be
   * continued.
   */
  readonly fingerprint: SourceFingerprint;
  /**
   * Whether it is a file on a disk. Its version is then a time of change, which another mount of the same disk may tell differently.
   *
   * @default false
   */
  readonly local?: boolean;
  /** The MIME type, if the source knows it. It has precedence over name and content. */
  readonly mimeType?: string | undefined;
  /** What a server calls the content. Counts only if neither name nor content tells. */
  readonly contentType?: string | undefined;
  /**
   * The bytes from `start` to `end` (exclusive).
   *
   * @param start - the first byte
   * @param end - the byte after the last
   * @param signal - ends it early
   * @throws FileChangedError if there are fewer
   */
  read(start: number, end: number, signal?: AbortSignal): AsyncIterable<Buffer>;
  /**
   * Checks the fingerprint, without reading the content.
   *
   * @param expected - defaults to the fingerprint at the time of opening; an empty version is not compared
   * @throws FileChangedError
   */
  assertUnchanged(expected?: SourceFingerprint): Promise<void>;
  /**
   * Checks the fingerprint and, if the content may have changed although the fingerprint has not, the content.
   *
   * @param sha256 - SHA-256, hex, of the content that was sent
   * @throws FileChangedError
   */
  assertContent(sha256: string): Promise<void>;
  /** Releases what the source holds open. */
  close(): Promise<void>;
}

/**
 * The error for a source whose content changed during the upload.
 *
 * @param source - the source
 * @param how - in words, for the message
 */
export function sourceChanged({ label }: Pick<UploadSource, 'label'>, how: string): FileChangedError {
  return new FileChangedError(`${label} changed while it was being uploaded: ${how}`);
}
