/** One format for what people read: times, sizes and counts. `--json` has the exact values. */

export { formatBytes } from '../../util/format-bytes.js';

/**
 * A time to the second where the user is, with its distance from UTC: `2026-11-27T03:46:41+01:00`, or with `Z` if that is UTC. Text
 * that is not a time is returned unchanged.
 */
export function formatTime(time: string | number | Date): string {
  const date = new Date(time);
  if (Number.isNaN(date.getTime())) return String(time);
  const east = -date.getTimezoneOffset();
  const local = new Date(date.getTime() + east * 60_000).toISOString().replace(/\.\d+Z$/, '');
  if (east === 0) return `${local}Z`;
  const two = (number: number) => String(Math.floor(number)).padStart(2, '0');
  return `${local}${east < 0 ? '-' : '+'}${two(Math.abs(east) / 60)}:${two(Math.abs(east) % 60)}`;
}

/** `1 check`, `2 checks`. */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}
