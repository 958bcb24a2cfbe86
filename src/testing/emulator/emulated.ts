/** What a test sees of the emulator's files and sessions, and gives it. */

import type { FileState } from '../../contract/file.js';
import type { FileResource } from './file-record.js';
import type { SessionState } from './upload-session.js';

/** A stored file: the resource as a get would answer it now, and its hash readable. */
export interface EmulatedFile extends FileResource {
  /** State now, by the emulator's clock. */
  readonly state: FileState;
  /** Lower-case hex. */
  readonly sha256: string;
}

/** An upload session as it is now. */
export interface EmulatedSession {
  /** `upload_id` of the upload URL. */
  readonly id: string;
  /** What can be done with the session. */
  readonly state: SessionState;
  /** The name that the start asked for, or the one that the finalize gave; undefined before. */
  readonly name: string | undefined;
  /** The display name that the start gave. */
  readonly displayName: string | undefined;
  /** The MIME type that the start gave. */
  readonly mimeType: string;
  /** The size that the start gave; undefined if it gave none. */
  readonly declaredBytes: number | undefined;
  /** Bytes that the session has kept. */
  readonly receivedBytes: number;
}

/** A file that is put into the emulator without an upload. */
export interface SeedFile {
  /** `files/<id>`. @default an id of the server's */
  readonly name?: string;
  /** Its content. */
  readonly content: string | Uint8Array;
  /** MIME type of the file. @default 'text/plain' */
  readonly mimeType?: string;
  /** Name shown in answers. @default none */
  readonly displayName?: string;
  /** The key that it is visible to. @default another project's, so that its name is taken but a get is 403 */
  readonly apiKey?: string;
}
