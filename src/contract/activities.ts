/** Inputs and results of the activities, as they stand in a history. No keys, no session URLs. */

import type { GeminiFile } from './file.js';
import type { AbandonedDeletion, AbandonedFile, AbandonedSearch, FindAbandonedInput } from './sweep.js';

interface FileInput {
  /** `files/<id>`. */
  readonly name: string;
  /** Name of a credentials profile on the worker. */
  readonly credentials?: string;
}

export interface UploadInput extends FileInput {
  readonly path: string;
  readonly displayName?: string;
  readonly mimeType?: string;
}

export interface CheckInput extends FileInput {
  /** End of the wait, milliseconds since the epoch: a delay that the provider asks for never goes past it. */
  readonly deadlineMs?: number;
}

export interface DeleteInput extends FileInput {
  /** The sealed session of an upload that may still be open; it is cancelled first. */
  readonly session?: string;
}

export type CheckResult =
  | { readonly found: true; readonly file: GeminiFile }
  /** The provider says 403 or 404 for the name. */
  | { readonly found: false; readonly status: number; readonly message: string };

/** Details of the upload's heartbeat: what the next attempt needs, and what a progress display shows. */
export interface UploadHeartbeat {
  /** Bytes that the provider has confirmed or that are on their way, of `sizeBytes`. */
  readonly bytesSent: number;
  readonly sizeBytes: number;
  /** The resumable session, sealed under a key derived from the API key. */
  readonly session?: string;
  /** What the file on disk was when the session was opened. */
  readonly fingerprint?: FileFingerprint;
  /** SHA-256 (hex) of the first `prefixBytes` bytes: a changed file is noticed before it is sent on. */
  readonly prefixSha256?: string;
  readonly prefixBytes?: number;
}

export interface FileFingerprint {
  readonly sizeBytes: number;
  /** Modification time in nanoseconds, as a decimal string. */
  readonly mtimeNs: string;
}

export interface GeminiFilesActivities {
  geminiFilesUpload(input: UploadInput): Promise<GeminiFile>;
  geminiFilesCheck(input: CheckInput): Promise<CheckResult>;
  geminiFilesDelete(input: DeleteInput): Promise<void>;
}

/** The activities of the sweep. */
export interface SweepActivities {
  geminiFilesFindAbandoned(input: FindAbandonedInput): Promise<AbandonedSearch>;
  geminiFilesDeleteAbandoned(input: AbandonedFile): Promise<AbandonedDeletion>;
}
