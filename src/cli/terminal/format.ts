/** One format for what people read: times, sizes and counts. `--json` has the exact values. */

import prettyBytes from 'pretty-bytes';

/** A time to the second, in UTC, as the Web UI and the log show it: `2026-11-27T02:46:41Z`. Text that is no time stays as it is. */
export function formatTime(time: string | number | Date): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? String(time) : date.toISOString().replace(/\.\d+Z$/, 'Z');
}

/** A size in decimal units: `629 MB`. */
export function formatBytes(bytes: number): string {
  return prettyBytes(bytes);
}

/** `1 check`, `2 checks`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
