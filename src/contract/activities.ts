/** Inputs and results of the activities, as they are recorded in a history. No keys, no session URLs. */

import type { GeminiFile } from './file.js';
import type { AbandonedDeletion, AbandonedFile, AbandonedSearch, FindAbandonedInput } from './sweep.js';

interface FileInput {
  /** `files/<id>`. */
  readonly name: string;
  /** Name of a credentials profile on the worker. */
  readonly credentials?: string;
}

/** Exactly one of `path` and `source`; a worker of 0.1.0 knows only `path`, and fails with `InvalidOptionsError` without it. */
export interface UploadInput extends FileInput {
  /** The file's path, as the worker sees it. */
  readonly path?: string | undefined;
  /** An `https://` URL or `NAME:KEY`, in place of the path. */
  readonly source?: string | undefined;
  /** Name shown at the provider. @default the file's own name */
  readonly displayName?: string;
  /** MIME type. @default that of the file's name and content */
  readonly mimeType?: string;
  /**
   * Runs of this workflow, the latest first, that ended during an attempt under this name. The attempt goes on in the session of
   * the last heartbeat.
   */
  readonly earlierRuns?: readonly string[];
}

/** Length of `earlierRuns` at most. All but the first are of use only if no attempt began in the runs after them. */
export const MAX_EARLIER_RUNS = 10;

/** Result of the upload. */
export interface UploadResult extends GeminiFile {
  /** Fingerprint of the API key that uploaded the file; absent in results of 0.1.0. */
  readonly keyFingerprint?: string;
  /** See `UploadTrace`. */
  readonly earlierFinalize?: true;
}

/** Input of the activity `geminiFilesCheck`. */
export interface CheckInput extends FileInput {
  /** End of the wait, milliseconds since the epoch: a delay that the provider asks for never goes past it. */
  readonly deadlineMs?: number;
  /** Fingerprint of the key that uploaded the file: a denial under another key proves nothing. */
  readonly keyFingerprint?: string;
}

/** Input of the activity `geminiFilesDelete`. */
export interface DeleteInput extends FileInput {
  /** The sealed session of an upload that may still be open; it is cancelled first. */
  readonly session?: string;
  /** Fingerprint of the key that uploaded the file: a denial under another key proves nothing. */
  readonly keyFingerprint?: string;
  /**
   * For how long after the delete was scheduled a denial is not final, in milliseconds: the file may not be visible yet,
   * or the provider may still be creating it. Until then the delete is repeated. @default 0
   */
  readonly settleMs?: number;
  /** A finalize of an earlier session may still create the file: before `settleMs`, a successful delete is not final either. */
  readonly mayReappear?: true;
  /**
   * No check has found the file: a denial does not prove that it is deleted, because the API key may be of another project
   * than the one that uploaded it.
   */
  readonly unseen?: true;
  /**
   * Runs of this workflow, the latest first, that ended during an attempt at the upload. If no `session` is given, that in the last of
   * their heartbeats counts.
   */
  readonly earlierRuns?: readonly string[];
}

/** Result of the activity `geminiFilesCheck`: the file, or the provider's denial of it. */
export type CheckResult =
  | {
      /** The provider has the file. */
      readonly found: true;
      /** As it is now. */
      readonly file: GeminiFile;
      /** Fingerprint of the API key that the file was found with, if the check was not told that of the upload. */
      readonly keyFingerprint?: string;
    }
  /** The provider denies the file: 403 or 404 in its own JSON (provider fact F-GET-DENIED). */
  | {
      /** The provider denies the file. */
      readonly found: false;
      /** HTTP status: 403 or 404. */
      readonly status: number;
      /** The provider's words. */
      readonly message: string;
      /** The key is not the one that uploaded the file, so the file may exist all the same. */
      readonly otherKey?: true;
    };

/**
 * What a clean-up has to know about an upload that did not end well. It is part of the heartbeat, and of the failure or
 * the cancellation of each attempt.
 */
export interface UploadTrace {
  /** The resumable session, sealed under a key derived from the API key. */
  readonly session?: string;
  /** A request that finalizes the upload may have been sent: the provider may have created the file, or may still create it. */
  readonly finalizing?: true;
  /** The same of an earlier session, so that the file may appear once more after a delete. */
  readonly earlierFinalize?: true;
  /** Fingerprint of the API key that the session was opened with. */
  readonly keyFingerprint?: string;
}

/** Details of the upload's heartbeat: what the next attempt needs, and what a progress display shows. */
export interface UploadHeartbeat extends UploadTrace {
  /** Bytes that the provider has confirmed or that are on their way, of `sizeBytes`. */
  readonly bytesSent: number;
  /** Size of the file in bytes. */
  readonly sizeBytes: number;
  /** Fingerprint of the source when the session was opened. */
  readonly fingerprint?: StoredFingerprint;
  /** SHA-256 (hex) of the first `prefixBytes` bytes: a changed file is noticed before it is sent on. */
  readonly prefixSha256?: string;
  /** How many bytes `prefixSha256` is of. */
  readonly prefixBytes?: number;
  /** Bytes of the next attempt's first request at most, after one that took long and did not pass; absent in heartbeats of 0.1.0. */
  readonly requestBytes?: number;
}

/** Tells whether the content of a source is still the same. */
export interface SourceFingerprint {
  /** Size in bytes. */
  readonly sizeBytes: number;
  /** Differs after a change. For a file on a disk: its modification time in nanoseconds, as a decimal string. */
  readonly version: string;
}

/** As heartbeats store it: workers of 0.1.0 write and read only `mtimeNs`. */
export interface StoredFingerprint extends Partial<SourceFingerprint> {
  readonly sizeBytes: number;
  readonly mtimeNs: string;
}

/** The activities of an upload, by their names on the wire. */
export interface GeminiFilesActivities {
  /**
   * Uploads one file. It resumes the session of the attempt before it, from the heartbeat's details.
   *
   * @param input - the file, its name at the provider, and the credentials
   */
  geminiFilesUpload(input: UploadInput): Promise<UploadResult>;
  /**
   * Gets the file once. A denial is a result; what may pass is retried by Temporal.
   *
   * @param input - the name of the file, and the credentials
   */
  geminiFilesCheck(input: CheckInput): Promise<CheckResult>;
  /**
   * Cancels the session, if there is one, and deletes the file. A file that is gone counts as deleted.
   *
   * @param input - the name of the file, the session if there is one, and the credentials
   */
  geminiFilesDelete(input: DeleteInput): Promise<void>;
}

/** The activities of the sweep. */
export interface SweepActivities {
  /** A worker of 0.1.0 answers with the files alone; so does a later one without a `limit`. */
  geminiFilesFindAbandoned(input: FindAbandonedInput): Promise<AbandonedSearch | readonly AbandonedFile[]>;
  geminiFilesDeleteAbandoned(input: AbandonedFile): Promise<AbandonedDeletion>;
}
