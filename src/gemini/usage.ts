/** What the files of a key's project take of its storage. */

import { FILE_STORAGE_BYTES } from '../contract/file.js';
import { GeminiApiError } from './api-error.js';
import type { GeminiConnection } from './connection.js';
import { listFiles } from './files-api.js';

/** What the files of a project take of its storage. */
export interface StorageUsage {
  /** How many files the provider lists. */
  readonly files: number;
  /** Bytes of all files that the provider lists: a lower bound, because it does not list everything that it counts. */
  readonly bytes: number;
  /** The provider's quota for one project (provider fact F-QUOTA-STORAGE). */
  readonly quotaBytes: number;
  /** How many files are PROCESSING, and how many FAILED: they take storage too. */
  readonly processing: number;
  /** How many files are FAILED. */
  readonly failed: number;
  /** When the first of the files expires, RFC 3339; null if there is none. */
  readonly oldestExpirationTime: string | null;
}

/**
 * Reads all pages of the key's list of files.
 *
 * @throws GeminiApiError of kind `unavailable` if the pages repeat, so that they would never end
 */
export async function storageUsage(
  connection: GeminiConnection,
  signal?: AbortSignal,
): Promise<StorageUsage> {
  // By name: files come and go between two pages, which can list one twice.
  const names = new Set<string>();
  const tokens = new Set<string>();
  const usage = { bytes: 0, processing: 0, failed: 0 };
  let oldestMs = Number.POSITIVE_INFINITY;
  let oldestExpirationTime: string | null = null;
  for (let pageToken: string | undefined = ''; pageToken !== undefined;) {
    const page = await listFiles(connection, pageToken ? { pageToken } : {}, signal);
    for (const { name, sizeBytes, state, expirationTime } of page.files) {
      if (names.has(name)) continue;
      names.add(name);
      usage.bytes += Number.isSafeInteger(sizeBytes) && sizeBytes > 0 ? sizeBytes : 0;
      if (state === 'PROCESSING') usage.processing += 1;
      if (state === 'FAILED') usage.failed += 1;
      const expiresMs = Date.parse(expirationTime);
      if (expiresMs < oldestMs) [oldestMs, oldestExpirationTime] = [expiresMs, expirationTime];
    }
    pageToken = page.nextPageToken;
    if (pageToken === undefined) break;
    if (tokens.has(pageToken)) throw repeated(connection);
    tokens.add(pageToken);
  }
  return { files: names.size, quotaBytes: FILE_STORAGE_BYTES, ...usage, oldestExpirationTime };
}

function repeated({ baseUrl }: GeminiConnection): GeminiApiError {
  const message = `list: ${baseUrl.origin} answered with a page token that it had given before`;
  return new GeminiApiError(message, { kind: 'unavailable', operation: 'list' });
}
