import { EmptyFileError, FileTooLargeError } from '../contract/errors.js';

/** The provider's limit (provider fact F-QUOTA-FILE). */
export const MAX_FILE_BYTES = 2 * 1024 ** 3;

/** @throws EmptyFileError, FileTooLargeError */
export function assertSize(label: string, bytes: number | bigint): void {
  if (bytes === 0 || bytes === 0n) throw new EmptyFileError(`${label} is empty: there is nothing to upload`);
  if (bytes <= MAX_FILE_BYTES) return;
  throw new FileTooLargeError(
    `${label} has ${bytes} bytes; the provider takes at most ${MAX_FILE_BYTES} (2 GiB)`,
  );
}
