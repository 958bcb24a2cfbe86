/** What the answers to ranged GETs say. */

import {
  type FileChangedError,
  FileNotFoundError,
  SourceError,
  SourceNotAllowedError,
  type GeminiFilesError,
} from '../contract/errors.js';
import { parseRetryAfter } from '../gemini/retry-after.js';
import { sourceChanged } from '../gemini/index.js';
import type { GetAnswer } from './http-get.js';
import { MAX_RETRY_AFTER_MS } from './limits.js';

/** The content that an answer brings a part of. */
export interface Content {
  readonly sizeBytes: number;
  /** Where the last answer of this version came from. */
  readonly url: URL;
  /** A strong `ETag` of that URL; undefined if there is none that decides. */
  readonly etag?: string | undefined;
  /** Whether another `ETag` of that URL proves nothing, since several servers answer for it. */
  readonly versionGiven?: boolean | undefined;
}

/** Where the body of an answer begins and ends (exclusive) in the content, and what it says of the content. */
export interface Span {
  readonly sizeBytes: number;
  /** A strong `ETag`. */
  readonly etag?: string | undefined;
  readonly start: number;
  readonly end: number;
  /** Whether the server has left the range aside and sends everything. */
  readonly whole: boolean;
}

const LATER: ReadonlySet<number> = new Set([408, 425, 429]);

/** The error of an answer that is not a success. `what` names the request, without a query; `code` is the store's own. */
export function errorForStatus(what: string, { status, header }: GetAnswer, code?: string): GeminiFilesError {
  const answered = `${what} answered ${status}${code === undefined ? '' : ` (${code})`}`;
  if (status === 404 || status === 410)
    return new FileNotFoundError(`There is no file: ${what} answered ${status}`, { status });
  if (status === 401 || status === 403 || status === 407) {
    return new SourceNotAllowedError(`${answered}: the source does not permit the worker to read the file`, {
      status,
    });
  }
  if (LATER.has(status) || status >= 500) {
    const asked = parseRetryAfter(header);
    return new SourceError(`${what} answered ${status}`, {
      status,
      retryable: true,
      ...(asked !== undefined && { retryAfterMs: Math.min(asked, MAX_RETRY_AFTER_MS) }),
    });
  }
  return new SourceError(`${answered}, which brings no file`, { status });
}

/**
 * What the body of an answer is.
 *
 * @throws the error of an answer that is not a success
 * @throws SourceError if the answer does not say
 */
export function spanOf(what: string, answer: GetAnswer): Span {
  const { status, header } = answer;
  if (status !== 200 && status !== 206) throw errorForStatus(what, answer);
  const unusable = (how: string) => new SourceError(`${what} answered ${status} ${how}`, { status });
  if (isEncoded(header('content-encoding')))
    throw unusable('with a content encoding, although none was accepted');
  const length = parseLength(header('content-length'));
  const etag = strongEtag(header('etag'));
  if (status === 200) {
    if (length === undefined) throw unusable('without a length: the source has to say how long the file is');
    return { start: 0, end: length, sizeBytes: length, etag, whole: true };
  }
  const range = parseContentRange(header('content-range'));
  if (!range)
    throw unusable(
      'without a usable Content-Range: the source has to say which part it sends, and how long the file is',
    );
  if (length !== undefined && length !== range.end - range.start)
    throw unusable('with a Content-Length that is not the length of its Content-Range');
  return { ...range, etag, whole: false };
}

/**
 * Checks that an answer from `url` continues the content at `position`.
 *
 * @returns whether it is certainly of the same version
 * @throws FileChangedError if it is of other content
 * @throws SourceError if it begins elsewhere
 */
export function assertContinues(
  { what, url, label }: { readonly what: string; readonly url: URL; readonly label: string },
  span: Span,
  content: Content,
  position: number,
): boolean {
  const sameEtag = content.etag !== undefined && span.etag === content.etag;
  // An ETag is that of a URL (RFC 9110, 8.8.3): two mirrors of a file can have two, and two files the same one, such as "1".
  const sameVersion = sameEtag && (content.versionGiven === true || isSameObject(url, content.url));
  const decides = !content.versionGiven && url.href === content.url.href;
  if (!sameEtag && decides && content.etag && span.etag)
    throw sourceChanged({ label }, 'its version (ETag) has changed');
  if (span.sizeBytes !== content.sizeBytes)
    throw sourceChanged({ label }, `its size was ${content.sizeBytes} and is ${span.sizeBytes} bytes`);
  if (!span.whole && span.start !== position)
    throw new SourceError(`${what} answered with bytes from ${span.start}, and not from ${position}`);
  return sameVersion;
}

/** Whether both URLs name one object of a server: its signature, in the query, can have been renewed. */
const isSameObject = (one: URL, other: URL) => one.origin === other.origin && one.pathname === other.pathname;

/** Whether the answer brings the content from `position` on, or all of it, as far as the answer says. Its version may be another one. */
export function isPartOf(answer: GetAnswer, { sizeBytes }: Content, position: number): boolean {
  try {
    const span = spanOf('the answer', answer);
    return span.sizeBytes === sizeBytes && (span.whole || span.start === position);
  } catch {
    return false;
  }
}

/** Whether an answer to the first range says that the file has no bytes: no range begins in it, and it has no other length. */
export function saysEmpty(answer: GetAnswer): boolean {
  return answer.status === 416 && (sizeOfRefusal(answer) ?? 0) === 0;
}

/** The length of the file in a refusal of a range. Some servers refuse one that ends after the file, and do not send what there is of it. */
export function sizeOfRefusal({ status, header }: GetAnswer): number | undefined {
  const size = /^bytes \*\/(\d{1,15})$/i.exec(header('content-range')?.trim() ?? '')?.[1];
  return status !== 416 || size === undefined ? undefined : Number(size);
}

/** The error of a 416 for a part of known content. It proves a change only if it names another size. */
export function errorForUnsatisfiable(
  what: string,
  label: string,
  { sizeBytes }: Content,
  answer: GetAnswer,
): FileChangedError | SourceError {
  const size = sizeOfRefusal(answer);
  if (size !== undefined && size !== sizeBytes)
    return sourceChanged({ label }, `its size was ${sizeBytes} and is ${size} bytes`);
  return new SourceError(`${what} answered 416, although the range is in the file`, {
    status: 416,
    retryable: true,
  });
}

const CODINGS: ReadonlySet<string> = new Set([
  'gzip',
  'x-gzip',
  'deflate',
  'br',
  'zstd',
  'compress',
  'x-compress',
  'bzip2',
  'xz',
  'lzma',
  'dcb',
  'dcz',
]);

/**
 * Whether the bytes are encoded. Objects in stores often have another word there, such as `aws-chunked` or `utf-8`, of which nothing is
 * left to decode; the length and the hash are checked all the same.
 */
function isEncoded(contentEncoding = ''): boolean {
  return contentEncoding
    .toLowerCase()
    .split(',')
    .some((word) => CODINGS.has(word.trim()));
}

/** A strong entity tag (RFC 9110, 8.8.3) of sane length. */
function strongEtag(value: string | undefined): string | undefined {
  const etag = value?.trim() ?? '';
  return /^"[\x21\x23-\x7e\x80-\xff]{1,256}"$/.test(etag) ? etag : undefined;
}

function parseLength(value: string | undefined): number | undefined {
  return value !== undefined && /^\d{1,15}$/.test(value.trim()) ? Number(value) : undefined;
}

function parseContentRange(value: string | undefined): Omit<Span, 'whole'> | undefined {
  const [, first, last, size] = /^bytes (\d{1,15})-(\d{1,15})\/(\d{1,15})$/i.exec(value?.trim() ?? '') ?? [];
  const [start, end, sizeBytes] = [Number(first), Number(last) + 1, Number(size)];
  return start < end && end <= sizeBytes ? { start, end, sizeBytes } : undefined;
}
