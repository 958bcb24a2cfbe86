/** A file behind a route: its first answer says how long it is and which version; every later one is checked against it. */

import { SourceError } from '../contract/errors.js';
import {
  assertContinues,
  errorForUnsatisfiable,
  saysEmpty,
  spanOf,
  type Content,
  type Span,
} from './answers.js';
import { ConnectionBreak, toBreak } from './break.js';
import { ChunkReader } from './chunk-reader.js';
import type { Connections, GetAnswer } from './http-get.js';
import type { SourceLimits } from './limits.js';
import { assertNoPage, assertNoPageIn } from './page.js';
import { RangeSource, type RangeReader, type Stream } from './range-source.js';
import { getOver, type Route, type RoutedAnswer } from './route.js';
import { assertSize } from './size.js';

export interface HttpFile {
  readonly name: string;
  readonly mimeType?: string | undefined;
  /** What the input says that the file is. @default what the source says */
  readonly expected?: string | undefined;
  /** Where whoever found the file knows its version. @default the server's `ETag` */
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
  let first: RoutedAnswer | undefined;
  try {
    first = await firstAnswer(route, connections, limits, signal);
    const { answer, what, redirected } = first;
    const span = firstSpan(first, label);
    const { name, mimeType, expected, version } = describe();
    const contentType = answer.header('content-type');
    assertNoPage(what, contentType, name, expected ?? mimeType, redirected);
    const unversioned = span.etag === undefined;
    const reader = new HttpRanges(route, connections, limits, span);
    // A part without a version can only be used if it is all: the next one could be of another version.
    const usable = !unversioned || span.end === span.sizeBytes;
    if (!usable) answer.drop();
    const source = await RangeSource.open(reader, {
      name,
      label,
      mimeType,
      contentType,
      unversioned,
      headBytes: limits.headBytes,
      signal,
      fingerprint: { sizeBytes: span.sizeBytes, version: version ?? span.etag ?? '' },
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
  route: Route,
  connections: Connections,
  { headBytes }: SourceLimits,
  signal: AbortSignal,
): Promise<RoutedAnswer> {
  try {
    return await getOver(route, connections, rangeHeaders(0, headBytes), signal);
  } catch (error) {
    if (!(error instanceof ConnectionBreak)) throw error;
    throw new SourceError(`${route.label} could not be read: ${error.reason}`, { retryable: true });
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
    private readonly route: Route,
    private readonly connections: Connections,
    private readonly limits: SourceLimits,
    private readonly content: Content,
  ) {}

  async open(start: number, end: number, signal: AbortSignal): Promise<Stream> {
    const { route, content, limits } = this;
    const headers = rangeHeaders(start, end, content.etag);
    const { answer, what } = await getOver(route, this.connections, headers, signal);
    try {
      if (answer.status === 416) throw errorForUnsatisfiable(what, route.label, content, answer);
      const span = spanOf(what, answer);
      assertContinues(what, route.label, span, content, start);
      const stream = streamOf(answer, span, limits);
      if (span.whole) await stream.chunks.skip(start, signal);
      return { ...stream, position: start };
    } catch (error) {
      answer.drop();
      throw error;
    }
  }

  close(): void {
    this.connections.close();
  }
}

function streamOf({ body, drop }: GetAnswer, { start, end }: Span, limits: SourceLimits): Stream {
  return { position: start, end, chunks: new ChunkReader(body, limits, { drop }) };
}

/** @param end - exclusive */
function rangeHeaders(start: number, end: number, etag?: string): Record<string, string> {
  return { range: `bytes=${start}-${end - 1}`, ...(etag !== undefined && { 'if-range': etag }) };
}
