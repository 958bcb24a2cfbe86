import type { StorageUsage } from '../gemini/index.js';
import { formatBytes } from './terminal/format.js';

/** As `3.22 GB of 21.5 GB (15 %)`. */
export function shareOf({ bytes, quotaBytes }: Pick<StorageUsage, 'bytes' | 'quotaBytes'>): string {
  const percent = Math.floor((100 * bytes) / quotaBytes);
  return `${formatBytes(bytes)} of ${formatBytes(quotaBytes)} (${percent} %)`;
}
