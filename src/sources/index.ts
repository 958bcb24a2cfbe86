/** Where the bytes of an upload come from: a disk, an https URL, an S3 bucket, or a user's function. */

import { SourceNotAllowedError } from '../contract/errors.js';
import type { UploadSource } from '../gemini/index.js';
import type { SourcesConfig } from './config.js';
import { openAllowedFile } from './open-allowed-file.js';

export { resolveSources, type SourcesConfig } from './config.js';
export { MAX_FILE_BYTES, openAllowedFile } from './open-allowed-file.js';
export type {
  HttpsSourceOptions,
  LocateContext,
  LocatedFile,
  LocatedReader,
  LocatedUrl,
  LocateFile,
  S3Credentials,
  S3SourceOptions,
  SourcesOptions,
} from './options.js';

/** What the worker permits. */
export interface SourcePolicy {
  /** Absolute folders (or files) below which files may be read. */
  readonly allowedRoots: readonly string[];
  /** @default none */
  readonly sources?: SourcesConfig;
}

/** What the input names: exactly one of the two. */
export interface SourceInput {
  readonly path?: string | undefined;
  readonly source?: string | undefined;
}

export interface OpenContext {
  /** Number of the attempt, from 1. */
  readonly attempt: number;
  /** Ends every read of the source. */
  readonly signal: AbortSignal;
}

/**
 * Opens what the input names. The caller closes it.
 *
 * @throws SourceNotAllowedError, SourceError, and the errors of `openAllowedFile`
 */
export function openSource(
  { path, source }: SourceInput,
  { allowedRoots }: SourcePolicy,
  context: OpenContext,
): Promise<UploadSource> {
  context.signal.throwIfAborted();
  if (source === undefined) return openAllowedFile(path ?? '', allowedRoots);
  throw new SourceNotAllowedError('The worker permits no sources');
}
