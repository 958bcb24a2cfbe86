import { formatBytes } from './format.js';

/**
 * Returns the rate of an upload, such as `25 MB/s`; empty if it is not known yet. Neither the bytes that an earlier attempt had sent count,
 * nor the time before the first byte of this one.
 */
export function createRate(now: () => number = Date.now): (bytesSent: number) => string {
  let first: { at: number; bytes: number } | undefined;
  return (bytesSent) => {
    // Fewer bytes than before: a new session has begun with none.
    if (first === undefined || bytesSent <= first.bytes) first = { at: now(), bytes: bytesSent };
    const seconds = (now() - first.at) / 1000;
    return seconds > 0 ? `${formatBytes((bytesSent - first.bytes) / seconds)}/s` : '';
  };
}
