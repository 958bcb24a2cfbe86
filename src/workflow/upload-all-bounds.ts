/** How long the result of an `uploadAllAndWaitActive` can become, from its inputs. */

import { InvalidOptionsError, UploadFailedError } from '../contract/errors.js';
import { toApplicationFailure } from '../contract/failure.js';
import { FILE_LIFETIME_MS, type ActiveFile } from '../contract/file.js';
import { BOUNDS, type ResolvedUploadOptions } from '../contract/options.js';
import { jsonBytes } from '../util/json-bytes.js';
import { isRefused, MAX_PAYLOAD_BYTES } from './payload-bounds.js';

/** The provider's URIs have some 100 characters; a gateway's path may be longer. */
const URI = 'x'.repeat(256);

/** The longest that the worker finds by itself are some 75 characters. */
const DETECTED_MIME_TYPE = 'x'.repeat(127);

/** @throws InvalidOptionsError if the result could be larger than Temporal accepts; call it before anything is sent */
export function checkResultSize(inputs: readonly ResolvedUploadOptions[]): void {
  const bytes = inputs.reduce((sum, input) => sum + jsonBytes(longestResult(input)) + 1, 2);
  if (bytes > MAX_PAYLOAD_BYTES && isRefused()) {
    throw new InvalidOptionsError(
      `Invalid inputs: expected a result of at most ${MAX_PAYLOAD_BYTES} bytes, which Temporal takes, ` +
        `got ${inputs.length} files with up to ${bytes}; give shorter display names, or start child workflows`,
    );
  }
}

/** @throws ApplicationFailure if the provider's answers were longer than any known one, and the result is larger than Temporal accepts */
export function throwIfTooLong(result: readonly ActiveFile[]): void {
  const bytes = jsonBytes(result);
  if (bytes <= MAX_PAYLOAD_BYTES || !isRefused()) return;
  throw toApplicationFailure(
    new UploadFailedError(
      `The result for ${result.length} files has ${bytes} bytes, more than the ${MAX_PAYLOAD_BYTES} that Temporal takes`,
    ),
  );
}

function longestResult({ path, source, displayName, mimeType }: ResolvedUploadOptions): ActiveFile {
  return {
    provider: 'google',
    id: `files/${'x'.repeat(36)}`,
    uri: URI,
    state: 'ACTIVE',
    mimeType: mimeType ?? DETECTED_MIME_TYPE,
    sizeBytes: 2 ** 31,
    sha256: 'x'.repeat(64),
    // The worker may find another name: the path can be a link, and a source can name its files. The result itself is checked in the end.
    displayName: displayName ?? (source ?? path ?? '').split(/[/\\]/).at(-1) ?? '',
    expirationTime: '2026-01-01T00:00:00.000000000Z',
    polls: BOUNDS.maxTimeout / BOUNDS.minPollInterval,
    waitedMs: 2 * FILE_LIFETIME_MS,
  };
}
