import { formatBytes } from './format.js';

/**
 * Returns the rate of an upload, such as `25 MB/s`; empty if it is not known yet. Bytes that an earlier attempt had sent when it was
 * called first do not count.
 */
export function createRate(now: () => number = Date.now): (bytesSent: number) => string {
  let first: { at: number; bytes: number } | undefined;
  return (bytesSent) => {
    first ??= { at: now(), bytes: bytesSent };
    const seconds = (now() - first.at) / 1000;
    return seconds > 0 && bytesSent > first.bytes
      ? `${formatBytes((bytesSent - first.bytes) / seconds)}/s`
      : '';
  };
}
