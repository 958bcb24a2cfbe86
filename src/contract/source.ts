/** `source`: a file that is not on a worker's disk. Only its form is checked here; the worker decides what it may read. */

import { decodeIfPossible } from '../util/decode-if-possible.js';
import { text, type Kind } from './kinds.js';
import { lastSegment, showPath } from './show.js';
import { authorizingPart } from './signed-parameters.js';

const MAX_CHARACTERS = 2048;

const HTTPS = 'https://';

/** Name of a source that is configured on a worker. */
const NAME = '[a-z][a-z0-9-]{0,31}';
const SOURCE_NAME = new RegExp(`^${NAME}$`);

/** Schemes of URLs, which nobody should take for a name. */
const RESERVED_NAMES: ReadonlySet<string> = new Set(['http', 'https', 'file', 'data', 'blob', 'gs', 's3']);

/** Those of the stores that a worker can be configured for. */
const BUCKETS: ReadonlySet<string> = new Set(['gs', 's3']);
const NAME_THE_BUCKET =
  ": give the bucket a name in the worker's sources, such as media, and write media:KEY";

const EXPECTED =
  'expected an https:// URL, or NAME:KEY with the name of a source that is configured on the worker';

/** Control characters, line separators, and the characters that change the direction of text. */
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u;

const HOST = /^(?:\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9._-]*[a-z0-9.])?)(?::\d{1,5})?$/i;

/** Where a file comes from. */
export type SourceAddress =
  | { readonly type: 'https'; readonly url: string }
  | { readonly type: 'named'; readonly name: string; readonly key: string };

/** Whether a source can be configured under this name. */
export function isSourceName(name: string): boolean {
  return SOURCE_NAME.test(name) && !RESERVED_NAMES.has(name);
}

const anyText = text(MAX_CHARACTERS);

/** The kind of the field `source`. Its value is not shown in messages: one that is refused may hold a secret. */
export const sourceAddress: Kind<string> = {
  ...anyText,
  schema: { type: 'string', pattern: `^${NAME}:.` },
  concealed: true,
  mismatch: (value) => anyText.mismatch(value) ?? problemOf(value as string),
};

/** @param source - that `sourceAddress` accepts */
export function parseSource(source: string): SourceAddress {
  if (source.startsWith(HTTPS)) return { type: 'https', url: source };
  const colon = source.indexOf(':');
  return { type: 'named', name: source.slice(0, colon), key: source.slice(colon + 1) };
}

/** `text` without the characters that a source must not have. A part of a URL can have them percent-encoded. */
export function removeUnprintable(text: string): string {
  return text.replace(new RegExp(UNPRINTABLE, 'gu'), '');
}

/** The source, of the right form, as messages and logs show it: origin and path, or name and key. */
export function showSource(source: string): string {
  return source.startsWith(HTTPS) ? (source.split(/[?#]/, 1)[0] ?? '') : source;
}

/** The file's own name: the last segment of its path, or that of its source, decoded if it is a URL. */
export function fileNameOf({ path, source }: Origin): string {
  if (source === undefined) return lastSegment(showPath(path ?? ''));
  const shown = showSource(source);
  const url = shown.startsWith(HTTPS) ? shown.slice(HTTPS.length) : undefined;
  if (url === undefined) return lastSegment(shown.slice(shown.indexOf(':') + 1));
  return decodeIfPossible(lastSegment(url));
}

/** Where a file is: exactly one of the two. */
interface Origin {
  readonly path?: string | undefined;
  readonly source?: string | undefined;
}

/** Longest summary of a source: the server takes at most 400 bytes, and a character may have three. */
const MAX_SUMMARY = 120;
const SUMMARY_BEGINNING = 40;

/** The file as the summaries of a run and its upload show it: its name, or its source, of which only the middle may be left out. */
export function summaryOf({ path, source }: Origin): string {
  if (source === undefined) return lastSegment(showPath(path ?? ''));
  const shown = showSource(source);
  if (shown.length <= MAX_SUMMARY) return shown;
  const end = shown.slice(SUMMARY_BEGINNING + 1 - MAX_SUMMARY);
  return `${shown.slice(0, SUMMARY_BEGINNING)}…${end}`.toWellFormed();
}

/** The summary of a hold: it names the file. */
export const summaryOfHold = (file: Origin) => `${HOLD_SUMMARY}${summaryOf(file)}`;

/** How the summary of a hold begins. */
export const HOLD_SUMMARY = 'hold ';

/** What was expected in place of `source`; undefined if its form is right. */
function problemOf(source: string): string | undefined {
  if (UNPRINTABLE.test(source)) return 'expected no control characters';
  if (source.startsWith(HTTPS)) return problemOfUrl(source.slice(HTTPS.length));
  const colon = source.indexOf(':');
  const name = source.slice(0, Math.max(0, colon));
  if (RESERVED_NAMES.has(name))
    return `${EXPECTED}, which is not ${name}${BUCKETS.has(name) ? NAME_THE_BUCKET : ''}`;
  if (!SOURCE_NAME.test(name)) return EXPECTED;
  return colon === source.length - 1 ? 'expected a key after the name of the source' : undefined;
}

/** @param url - without `https://` */
function problemOfUrl(url: string): string | undefined {
  const [authority = ''] = url.split(/[/?#\\]/, 1);
  if (authority.includes('@')) return 'expected a URL without user name and password; use a named source';
  if (url.includes('#')) return 'expected a URL without a fragment; leave it out, or use a named source';
  if (/[\s\\]/.test(url)) return 'expected a URL without spaces and backslashes (write a space as %20)';
  if (!HOST.test(authority) || !URL.canParse(`${HTTPS}${url}`))
    return 'expected a URL with a host in ASCII (write an international name in its form xn--…)';
  const part = authorizingPart(url);
  return part === undefined
    ? undefined
    : `expected a URL without ${part}, because that can authorize the request, and inputs are stored in histories; use a named source`;
}
