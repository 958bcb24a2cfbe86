/** Where the bytes of an upload come from: a disk, an https URL, an S3 bucket, or a user's function. */

import { SourceError, SourceNotAllowedError, type InvalidOptionsError } from '../contract/errors.js';
import { showPath } from '../contract/show.js';
import { isSourceName, parseSource } from '../contract/source.js';
import { invalidOption } from '../contract/invalid-option.js';
import { assertDisksAnswer, diskAnswer } from '../gemini/disk-calls.js';
import { detectMimeType, type UploadSource } from '../gemini/index.js';
import type { SourcesConfig } from './config.js';
import { openLocated } from './function.js';
import { openHttps } from './https.js';
import type { OpenContext } from './open-context.js';
import { openAllowedFile } from './open-allowed-file.js';
import { openS3 } from './s3.js';

export { environmentCredentials, resolveSources, type SourcesConfig } from './config.js';
export { askOrigin } from './ask-origin.js';
export { openAllowedFile } from './open-allowed-file.js';
export { SOURCE_LIMITS } from './limits.js';
export type { OpenContext } from './open-context.js';
export { MAX_FILE_BYTES } from './size.js';

/** What the worker permits. */
export interface SourcePolicy {
  /** Absolute folders (or files) below which files may be read. */
  readonly allowedRoots: readonly string[];
  /** The sources beside the disk. @default none */
  readonly sources?: SourcesConfig;
}

/** What the input names: exactly one of the two. */
export interface SourceInput {
  readonly path?: string | undefined;
  readonly source?: string | undefined;
  /** What the file is, if the input says so. */
  readonly mimeType?: string | undefined;
}

/**
 * Opens what the input names. The caller closes it.
 *
 * @throws SourceNotAllowedError, SourceError, and the errors of `openAllowedFile`
 */
export async function openSource(
  { path, source, mimeType }: SourceInput,
  { allowedRoots, sources = NO_SOURCES }: SourcePolicy,
  given: OpenContext,
): Promise<UploadSource> {
  given.signal.throwIfAborted();
  if (source === undefined) return openOnDisk(path ?? '', allowedRoots, given.signal);
  const context = { ...given, mimeType };
  const address = parseSource(source);
  if (address.type === 'https') return openHttps(address.url, sources, context);
  const { name, key } = address;
  if (!isSourceName(name) || key === '') throw noSource();
  const named = sources.named.get(name);
  if (!named) throw unknownSource(name, sources);
  return named.type === 's3'
    ? openS3(name, key, named, sources, context)
    : openLocated(name, key, named, sources, context);
}

/** Ends with the signal and in bounded time, also if the disk hangs: a file that is opened after that is closed. */
async function openOnDisk(
  path: string,
  roots: readonly string[],
  signal: AbortSignal,
): Promise<UploadSource> {
  const shown = showPath(path);
  assertDisksAnswer(shown);
  const opening = openAllowedFile(path, roots, signal);
  try {
    return await diskAnswer(shown, opening, [signal], false);
  } catch (error) {
    opening.then((late) => late.close()).catch(() => undefined);
    throw error;
  }
}

/**
 * Opens the file as its upload would, and sends nothing.
 *
 * @returns what can pass by itself, and which the upload tries again: nobody knows yet whether the file can be uploaded
 * @throws what the upload would fail with
 */
export async function examineSource(
  input: SourceInput,
  policy: SourcePolicy,
  context: OpenContext,
): Promise<SourceError | undefined> {
  try {
    const source = await openSource(input, policy, context);
    try {
      if (input.mimeType === undefined) await detectMimeType(source);
    } finally {
      await source.close();
    }
    return undefined;
  } catch (error) {
    if (error instanceof SourceError && error.retryable) return error;
    throw error;
  }
}

const NO_SOURCES: SourcesConfig = { named: new Map() };

/** The message does not show the value: if it is neither of the two, it may contain a secret. */
function noSource(): InvalidOptionsError {
  return invalidOption(
    'source',
    'expected an https:// URL, or NAME:KEY with the name of a source of the worker',
  );
}

function unknownSource(name: string, { named }: SourcesConfig): SourceNotAllowedError {
  const names = named.size > 0 ? `it has ${[...named.keys()].join(', ')}` : 'it has none';
  return new SourceNotAllowedError(`The worker has no source ${name}; ${names}`);
}
