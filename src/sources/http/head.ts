/** The head of an answer of HTTP/1.1 (RFC 9112), read strictly: an answer that could be read in two ways is refused. */

import { ConnectionBreak } from '../break.js';

/** How the end of a body is found: its length, chunks that tell theirs, or the end of the connection. */
export type Framing = number | 'chunked' | 'close';

export interface AnswerHead {
  readonly status: number;
  /** By name in lower case. A repeated header has its first value, or all of them joined. */
  readonly headers: ReadonlyMap<string, string>;
  readonly framing: Framing;
  /** How long the server keeps the connection for another request, in milliseconds. Infinity: it does not say. */
  readonly keepAliveMs: number;
}

/** Headers of which a second one is left aside, as Node does. */
const FIRST: ReadonlySet<string> = new Set(['content-type', 'etag', 'location', 'retry-after']);

/** The break by an answer that is not HTTP/1.1. Another request would get the same. */
export const noHttp = (why: string) => new ConnectionBreak(`the answer is not HTTP/1.1: ${why}`, true);

/**
 * @param text - the lines before the empty one
 * @throws ConnectionBreak, a lasting one
 */
export function parseHead(text: string): AnswerHead {
  const [statusLine = '', ...lines] = text.split('\r\n');
  const [, minor, digits] = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [^\r\n]*)?$/.exec(statusLine) ?? [];
  if (digits === undefined) throw noHttp('it has no status line');
  const headers = new Map<string, string>();
  for (const line of lines) addHeader(headers, line);
  foldLength(headers);
  const status = Number(digits);
  const framing = framingOf(minor, status, headers);
  return { status, headers, framing, keepAliveMs: framing === 'close' ? 0 : keepAliveOf(minor, headers) };
}

function keepAliveOf(minor: string | undefined, headers: ReadonlyMap<string, string>): number {
  const tokens = (headers.get('connection') ?? '').toLowerCase().split(',').map(trimSpace);
  if (minor === '1' ? tokens.includes('close') : !tokens.includes('keep-alive')) return 0;
  const seconds = /(?:^|[\s,])timeout=(\d{1,9})/i.exec(headers.get('keep-alive') ?? '')?.[1];
  return seconds === undefined ? Infinity : Number(seconds) * 1000;
}

function addHeader(headers: Map<string, string>, line: string): void {
  const colon = line.indexOf(':');
  const key = line.slice(0, Math.max(0, colon)).toLowerCase();
  const value = trimSpace(line.slice(colon + 1));
  if (!/^[!#$%&'*+.^_`|~\w-]+$/.test(key) || /[\x00-\x08\x0a-\x1f\x7f]/.test(value))
    throw noHttp('it has a malformed header');
  const earlier = headers.get(key);
  if (earlier === undefined) headers.set(key, value);
  else if (!FIRST.has(key)) headers.set(key, `${earlier}, ${value}`);
}

/** A length that is said twice can still be read in one way only (RFC 9110, 8.6). */
function foldLength(headers: Map<string, string>): void {
  const [length, ...others] = new Set(headers.get('content-length')?.split(',').map(trimSpace));
  if (length !== undefined && others.length === 0) headers.set('content-length', length);
}

/**
 * The text without the spaces and tabs around it. `trim` would take other characters too, and a regular expression the square of the time:
 * a head full of spaces would hold the worker up.
 */
function trimSpace(text: string): string {
  const isSpace = (at: number) => text[at] === ' ' || text[at] === '\t';
  let [start, end] = [0, text.length];
  while (isSpace(start)) start += 1;
  while (end > start && isSpace(end - 1)) end -= 1;
  return text.slice(start, end);
}

function framingOf(minor: string | undefined, status: number, headers: ReadonlyMap<string, string>): Framing {
  // What follows is another protocol, which nobody asked for.
  if (status === 101) return 'close';
  if (status < 200 || status === 204 || status === 304) return 0;
  const coding = headers.get('transfer-encoding');
  const length = headers.get('content-length');
  if (coding !== undefined) {
    if (coding.toLowerCase() !== 'chunked') throw noHttp('its Transfer-Encoding is not chunked');
    if (minor === '0') throw noHttp('it is of HTTP/1.0, and has a Transfer-Encoding');
    if (length !== undefined) throw noHttp('it has both a Transfer-Encoding and a Content-Length');
    return 'chunked';
  }
  if (length === undefined) return 'close';
  if (!/^\d{1,15}$/.test(length)) throw noHttp('its Content-Length is not one number');
  return Number(length);
}
