/** The times of a held file: pure. All are milliseconds, or milliseconds since the epoch. */

import { FILE_LIFETIME_MS, type ActiveFile } from '../../contract/file.js';

/** A file with less left is not handed out: a prompt that is sent with it would come too late. The second is for the timer. */
const LEAST_LEFT_MS = 61_000;

/** After this time a file that was not looked at is checked before it is handed out: its key may have changed. */
const CHECKED_FOR_MS = 5000;

const FIRST_RETRY_MS = 2000;
const MAX_RETRY_MS = 10 * 60_000;

/** When the provider forgets the file. */
export function expiryOf({ expirationTime }: Pick<ActiveFile, 'expirationTime'>, uploadedAt: number): number {
  const at = Date.parse(expirationTime);
  // Without one, or with one that was over before the upload: the provider's rule (provider fact F-LIFETIME-FILE).
  return at > uploadedAt ? at : uploadedAt + FILE_LIFETIME_MS;
}

/** Until when the file is handed out. */
export function usableUntil(expiresAt: number): number {
  return expiresAt - LEAST_LEFT_MS;
}

/**
 * When the file is uploaded again. A file whose time is not longer than `renewBefore` is renewed at half of it: else each new file
 * would be due at once.
 */
export function renewalTime(expiresAt: number, activeAt: number, renewBefore: number): number {
  const left = expiresAt - activeAt;
  return activeAt + Math.max(1000, left > renewBefore ? left - renewBefore : left / 2);
}

/**
 * How long the upload of a renewal may take: half of what is left of the file, so that a failure shows in `lastError`, and another
 * upload has as much time again.
 */
export function renewalTimeout(uploadTimeout: number, expiresAt: number, now: number): number {
  return Math.min(uploadTimeout, Math.max(1000, Math.round((expiresAt - now) / 2)));
}

/** When a failed renewal is tried again: in the end, once more when the file expires. */
export function retryTime(now: number, failures: number, expiresAt: number, random: number): number {
  const delay = Math.min(FIRST_RETRY_MS * 2 ** (failures - 1), MAX_RETRY_MS);
  return Math.min(now + Math.round(delay * (0.9 + random * 0.2)), expiresAt);
}

/** Whether the file has to be checked before it is handed out. */
export function isStale(checkedAt: number, now: number): boolean {
  return now - checkedAt > CHECKED_FOR_MS;
}
