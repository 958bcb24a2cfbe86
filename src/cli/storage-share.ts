import prettyBytes from 'pretty-bytes';
import type { StorageUsage } from '../gemini/index.js';

/** As `3.22 GB of 21.5 GB (15 %)`. */
export function shareOf({ bytes, quotaBytes }: Pick<StorageUsage, 'bytes' | 'quotaBytes'>): string {
  const percent = Math.floor((100 * bytes) / quotaBytes);
  return `${prettyBytes(bytes)} of ${prettyBytes(quotaBytes)} (${percent} %)`;
}
