/** What the files of a key's project take of its storage. */

import { FILE_STORAGE_BYTES } from '../contract/file.js';
import { allFiles } from './all-files.js';
import type { GeminiConnection } from './connection.js';

/** What the files of a project take of its storage. */
export interface StorageUsage {
  /** How many files the provider lists. */
  readonly files: number;
  /** Bytes of all files that the provider lists: a lower bound, because it does not list everything that it counts. */
  readonly bytes: number;
  /** The provider's quota for one project (provider fact F-QUOTA-STORAGE). */
  readonly quotaBytes: number;
  /** How many files are PROCESSING: they take storage too. */
  readonly processing: number;
  /** How many files are FAILED: they take storage until they expire, unless they are deleted. */
  readonly failed: number;
  /** When the first of the files expires, RFC 3339; null if there is none. */
  readonly oldestExpirationTime: string | null;
}

/**
 * Reads all pages of the key's list of files.
 *
 * @param connection - the base URL, the key and how requests are made
 * @param signal - ends it early
 * @throws GeminiApiError of kind `unavailable` if the pages repeat, so that they would never end
 */
export async function storageUsage(
  connection: GeminiConnection,
  signal?: AbortSignal,
): Promise<StorageUsage> {
  const usage = { files: 0, bytes: 0, processing: 0, failed: 0 };
  let oldestMs = Number.POSITIVE_INFINITY;
  let oldestExpirationTime: string | null = null;
  for await (const { sizeBytes, state, expirationTime } of allFiles(connection, signal)) {
    usage.files += 1;
    usage.bytes += Number.isSafeInteger(sizeBytes) && sizeBytes > 0 ? sizeBytes : 0;
    if (state === 'PROCESSING') usage.processing += 1;
    if (state === 'FAILED') usage.failed += 1;
    const expiresMs = Date.parse(expirationTime);
    if (expiresMs < oldestMs) [oldestMs, oldestExpirationTime] = [expiresMs, expirationTime];
  }
  return { quotaBytes: FILE_STORAGE_BYTES, ...usage, oldestExpirationTime };
}
