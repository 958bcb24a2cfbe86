import { formatBytes } from './format.js';

interface Look {
  readonly at: number;
  readonly bytes: number;
}

/**
 * Returns the rate of an upload, such as `25 MB/s`; empty if it is not known yet. It counts from the first look that shows more bytes than
 * the one before. So the bytes of an earlier attempt do not count, nor does the time in which nothing was sent yet.
 */
export function createRate(now: () => number = Date.now): (bytesSent: number) => string {
  let last: number | undefined;
  let first: Look | undefined;
  return (bytes) => {
    const at = now();
    // A new session begins with no bytes.
    if (last === undefined || bytes < last) first = undefined;
    else if (bytes > last) first ??= { at, bytes };
    last = bytes;
    return first !== undefined && bytes > first.bytes && at > first.at
      ? `${formatBytes((bytes - first.bytes) / ((at - first.at) / 1000))}/s`
      : '';
  };
}
