/** What a file is: its content and its type, without an upload. */

import { assertKnownOptions, readFields, type InputOf, type OutputOf } from './fields.js';
import { assertOneOrigin, assertSupportedProvider, UPLOAD_FIELDS, type FileOrigin } from './options.js';
import { invalidValue } from './invalid-option.js';

/** The options of an upload that say what the file is and where it is read. */
export const IDENTIFY_FIELDS = {
  /** The file, as the worker that runs the activity sees it; relative to its first allowed root. Required, unless `source` is given. */
  path: UPLOAD_FIELDS.path,
  /** In place of `path`, a file that is on no worker's disk: an `https://` URL, or `NAME:KEY`, as for an upload. */
  source: UPLOAD_FIELDS.source,
  /** The only provider there is. @default 'google' */
  provider: UPLOAD_FIELDS.provider,
  /** MIME type, without parameters; by default that of the file's name and content. */
  mimeType: UPLOAD_FIELDS.mimeType,
  /** Bound of the reading with its retries. @default '2h' */
  uploadTimeout: UPLOAD_FIELDS.uploadTimeout,
  /** Name of a credentials profile on the worker. */
  credentials: UPLOAD_FIELDS.credentials,
  /** Task queue of the activity, for a file that is on one host's disk; by default the workflow's own. */
  taskQueue: UPLOAD_FIELDS.taskQueue,
};

/** Input of the workflow `identifyFile`. */
export type IdentifyOptions = Omit<InputOf<typeof IDENTIFY_FIELDS>, keyof FileOrigin> & FileOrigin;

/** The input with its defaults; durations in milliseconds. */
export type ResolvedIdentifyOptions = OutputOf<typeof IDENTIFY_FIELDS>;

/** Result of the workflow `identifyFile`. */
export interface FileIdentity {
  /** SHA-256 of the content, lower-case hex. */
  readonly sha256: string;
  /** Size in bytes. */
  readonly sizeBytes: number;
  /** The type that an upload would declare. */
  readonly mimeType: string;
}

/** Input of the activity `geminiFilesIdentify`. */
export interface IdentifyInput {
  /** Exactly one of `path` and `source`. */
  readonly path?: string | undefined;
  /** An `https://` URL or `NAME:KEY`, in place of the path. */
  readonly source?: string | undefined;
  /** MIME type. @default that of the file's name and content */
  readonly mimeType?: string;
  /** Name of a credentials profile on the worker. */
  readonly credentials?: string;
}

/** Result of the activity `geminiFilesIdentify`. */
export interface IdentifyResult extends FileIdentity {
  /** SHA-256 of the base URL that the worker's profile uploads to, lower-case hex: which of two APIs it is, without the URL. */
  readonly baseUrlSha256: string;
}

/** The activity of `identifyFile`, by its name on the wire. */
export interface IdentifyActivities {
  /**
   * Reads the file and hashes it. Nothing is sent to the provider.
   *
   * @param input - the file
   */
  geminiFilesIdentify(input: IdentifyInput): Promise<IdentifyResult>;
}

/**
 * @throws InvalidOptionsError that names the field and its value
 * @throws UnsupportedProviderError if `provider` is not `google`
 */
export function resolveIdentifyOptions(input: unknown): ResolvedIdentifyOptions {
  assertKnownOptions(IDENTIFY_FIELDS, input, 'one object with a path');
  assertOneOrigin(input);
  assertSupportedProvider(input.provider);
  return readFields(IDENTIFY_FIELDS, input, invalidValue);
}
