/** How long the provider asks to wait, from the header or the error body (provider facts F-ERROR-RATE, F-ERROR-RETRY-AFTER). */

/**
 * Milliseconds asked for by a Retry-After header: seconds, or an HTTP date. A date is of the server's clock, so it is compared with
 * that clock (provider fact F-NETWORK-DATE); with this machine's only if the answer does not tell it.
 *
 * @param header - the value of a header of the answer
 * @param now - this machine's clock
 */
export function parseRetryAfter(
  header: (name: 'retry-after' | 'date') => string | undefined,
  now = Date.now(),
): number | undefined {
  const text = header('retry-after')?.trim();
  if (!text) return undefined;
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1000;
  const at = parseDate(text);
  return at === undefined ? undefined : Math.max(0, at - serverTime(header('date'), now));
}

/** No two clocks of which both are in use differ by more, in milliseconds. */
const MAX_SKEW_MS = 24 * 3_600_000;

/** What the header `Date` says, if it has the form of HTTP and may be true; otherwise `now`. */
function serverTime(date: string | undefined, now: number): number {
  const at = / \d{4} \d\d:\d\d:\d\d GMT$/.test(date ?? '') ? parseDate(date) : undefined;
  return at !== undefined && Math.abs(at - now) <= MAX_SKEW_MS ? at : now;
}

function parseDate(text: string | undefined): number | undefined {
  // A date has the name of a month; `Date.parse` reads one into almost anything else too.
  const at = text !== undefined && /[a-z]{3}/i.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(at) ? undefined : at;
}

/**
 * Milliseconds of a `google.rpc.RetryInfo.retryDelay`: `"28s"`, `"0.5s"`, or `{seconds, nanos}` as some replies print it.
 * A full storage quota asks for int64's maximum of seconds (provider fact F-QUOTA-DELAY). It is returned as the large number
 * that it is: the caller knows how much time is left, and decides.
 */
export function parseRetryDelay(value: unknown): number | undefined {
  if (typeof value === 'string') {
    const match = /^(\d+(?:\.\d+)?)s$/.exec(value.trim());
    return match ? Number(match[1]) * 1000 : undefined;
  }
  if (typeof value !== 'object' || value === null) return undefined;
  const { seconds = 0, nanos = 0 } = value as { seconds?: unknown; nanos?: unknown };
  const ms = count(seconds) * 1000 + count(nanos) / 1e6;
  return Number.isFinite(ms) && ms >= 0 ? ms : undefined;
}

/** An int64 comes as a string, an int32 as a number; anything else is none. */
const count = (value: unknown): number =>
  typeof value === 'number' || typeof value === 'string' ? Number(value) : Number.NaN;
