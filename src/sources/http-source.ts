/** A file behind a route: its first answer says how long it is and which version; every later one is checked against it. */

import { SourceError } from '../contract/errors.js';
import {
  assertContinues,
  isPartOf,
  errorForUnsatisfiable,
  saysEmpty,
  sizeOfRefusal,
  spanOf,
  type Content,
  type Span,
} from './answers.js';
import { ConnectionBreak, toBreak } from './break.js';
import { ChunkReader } from './chunk-reader.js';
import type { Connections, GetAnswer } from './http-get.js';
import type { SourceLimits } from './limits.js';
import { assertNoPage, assertNoPageIn } from './page.js';
import { givenVersion, mirrorVersion, RangeSource, type RangeReader, type Stream } from './range-source.js';
import { RoutedRequests, type Route, type RoutedAnswer } from './route.js';
import { assertSize } from './size.js';

export interface HttpFile {
  readonly name: string;
  readonly mimeType?: string | undefined;
  /** What the input says that the file is. @default what the source says */
  readonly expected?: string | undefined;
  /** The file's version, if the function that found it returned one. Then an `ETag` that differs is not a change. @default the server's `ETag` */
  readonly version?: string | undefined;
}

/**
 * Opens the file behind the route. The source closes the connections.
 *
 * @throws FileNotFoundError, EmptyFileError, FileTooLargeError, SourceNotAllowedError, SourceError
 */
export async function openHttpSource(
  route: Route,
  connections: Connections,
  limits: SourceLimits,
  signal: AbortSignal,
  describe: () => HttpFile,
): Promise<RangeSource> {
  const { label } = route;
  const requests = new RoutedRequests(route, connections);
  let first: RoutedAnswer | undefined;
  try {
    first = await firstAnswer(requests, limits, signal);
    const { answer, what, redirected, url } = first;
    const span = firstSpan(first, label);
    const { name, mimeType, expected, version } = describe();
    const contentType = answer.header('content-type');
    assertNoPage(what, contentType, name, expected ?? mimeType, redirected);
    const { sizeBytes, etag } = span;
    const versionGiven = version !== undefined;
    const reader = new HttpRanges(requests, limits, { sizeBytes, url, etag, versionGiven });
    // A part without a version can only be used if it is all: the next one could be of another version.
    const usable = !reader.unversioned || span.end === sizeBytes;
    if (!usable) answer.drop();
    const served = redirected && etag !== undefined ? mirrorVersion(etag) : etag;
    const lasting = version === undefined ? served : givenVersion(version);
    const source = await RangeSource.open(reader, {
      name,
      label,
      mimeType,
      contentType,
      headBytes: limits.headBytes,
      signal,
      fingerprint: { sizeBytes, version: lasting ?? '' },
      stream: usable ? streamOf(answer, span, limits) : undefined,
    });
    if (contentType === undefined && expected !== undefined)
      assertNoPageIn(what, source.firstBytes, expected);
    return source;
  } catch (error) {
    first?.answer.drop();
    connections.close();
    throw error;
  }
}

async function firstAnswer(
  requests: RoutedRequests,
  { headBytes }: SourceLimits,
  signal: AbortSignal,
): Promise<RoutedAnswer> {
  const firstBytes = (count: number) => requests.get(() => rangeHeaders(0, count), signal);
  try {
    const first = await firstBytes(headBytes);
    const sizeBytes = sizeOfRefusal(first.answer);
    if (!sizeBytes || sizeBytes >= headBytes) return first;
    first.answer.drop();
    return await firstBytes(sizeBytes);
  } catch (error) {
    if (!(error instanceof ConnectionBreak)) throw error;
    throw new SourceError(`${requests.route.label} could not be read: ${error.reason}`, { retryable: true });
  }
}

function firstSpan({ answer, what }: RoutedAnswer, label: string): Span {
  if (saysEmpty(answer)) assertSize(label, 0);
  const span = spanOf(what, answer);
  assertSize(label, span.sizeBytes);
  if (span.start !== 0)
    throw new SourceError(`${what} answered with bytes from ${span.start}, and not from 0`);
  return span;
}

class HttpRanges implements RangeReader {
  readonly breakOf = toBreak;

  constructor(
    private readonly requests: RoutedRequests,
    private readonly limits: SourceLimits,
    private content: Content,
  ) {}

  get unversioned(): boolean {
    return this.content.etag === undefined;
  }

  async open(start: number, end: number, signal: AbortSignal): Promise<Stream> {
    const { requests, content, limits } = this;
    const { label } = requests.route;
    const conditional = !content.versionGiven;
    const ifRange = (url: URL) => (conditional && url.href === content.url.href ? content.etag : undefined);
    const { answer, what, url } = await requests.get(
      (to) => rangeHeaders(start, end, ifRange(to)),
      signal,
      (kept) => isPartOf(kept, content, start),
    );
    try {
      if (answer.status === 416) throw errorForUnsatisfiable(what, label, content, answer);
      const span = spanOf(what, answer);
      const sameVersion = assertContinues({ what, url, label }, span, content, start);
      this.content = { ...content, ...(sameVersion ? { url } : { etag: undefined }) };
      const stream = streamOf(answer, span, limits);
      if (span.whole) await stream.chunks.skip(start, signal);
      return { ...stream, position: start };
    } catch (error) {
      answer.drop();
      throw error;
    }
  }

  close(): void {
    this.requests.close();
  }
}

function streamOf({ body, drop }: GetAnswer, { start, end }: Span, limits: SourceLimits): Stream {
  return { position: start, end, chunks: new ChunkReader(body, limits, { drop }) };
}

/** @param end - exclusive */
function rangeHeaders(start: number, end: number, etag?: string): Record<string, string> {
  return { range: `bytes=${start}-${end - 1}`, ...(etag !== undefined && { 'if-range': etag }) };
}
