import { EmptyFileError, FileTooLargeError } from '../contract/errors.js';
import { formatBytes } from '../util/format-bytes.js';

/** The provider's limit (provider fact F-QUOTA-FILE). */
export const MAX_FILE_BYTES = 2 * 1024 ** 3;

/** @throws EmptyFileError, FileTooLargeError */
export function assertSize(label: string, bytes: number | bigint): void {
  if (bytes === 0 || bytes === 0n) throw new EmptyFileError(`${label} is empty: there is nothing to upload`);
  if (bytes <= MAX_FILE_BYTES) return;
  throw new FileTooLargeError(
    // The exact numbers tell apart what is the same when it is rounded.
    `${label} has ${formatBytes(bytes)} (${bytes} bytes); the provider takes at most ${formatBytes(MAX_FILE_BYTES)} (${MAX_FILE_BYTES} bytes)`,
  );
}
