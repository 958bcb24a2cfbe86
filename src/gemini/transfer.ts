/**
 * The data of one session: requests of bounded size, and after any doubt a query for the offset that the provider has
 * (provider facts F-UPLOAD-KEPT and F-UPLOAD-DOUBT).
 */

import type { GeminiFile } from '../contract/file.js';
import { GeminiApiError } from './api-error.js';
import { getFile } from './files-api.js';
import { checkpoint, type Attempt } from './attempt.js';
import { PartReading, type Part } from './part-reading.js';
import { RequestSize, type RequestTime } from './request-size.js';
import { isTooLarge, mayBeTooSlow, requestTooLarge } from './request-too-large.js';
import { queryUpload, sendBytes, type UploadSession, type UploadProgress } from './upload-protocol.js';
import { within } from '../util/within.js';

/** By origin, the size of requests that a gateway before it was given after it had refused larger ones (413). */
const accepted = new Map<string, number>();

/** How long the failure of a request waits for the source to end its reading, in milliseconds. */
const END_MS = 1000;

/** Requests in a row that may bring the upload no further before the attempt is given up. */
const MAX_WITHOUT_PROGRESS = 5;

/**
 * Sends what is missing and finalizes.
 *
 * @param resumed - whether the session is an earlier attempt's, so that its offset has to be queried
 * @throws GeminiApiError of kind `session-lost` if the session has ended
 */
export async function transfer(
  attempt: Attempt,
  session: UploadSession,
  resumed: boolean,
): Promise<GeminiFile> {
  const { source, signal, onEvent } = attempt.input;
  let progress: UploadProgress = resumed ? { state: 'unknown' } : { state: 'active', received: 0 };
  // Both are below the first offset, so that reaching it counts as progress.
  let best = -1;
  let last = -1;
  let withoutProgress = 0;
  const { origin } = attempt.connection.baseUrl;
  const size = new RequestSize(
    session.granularity,
    Math.min(attempt.input.requestBytes ?? Infinity, accepted.get(origin) ?? Infinity),
    attempt.forNext,
  );
  // The request that was broken last, until the server has told what it kept of it.
  let broken: Omit<Part, 'first'> | undefined;
  // The refusal of a request as too large, until a smaller one has passed.
  let refused: GeminiApiError | undefined;
  let trouble: GeminiApiError | undefined;
  let taken = !resumed;
  let begun = false;
  // Whether there was a finalize of this transfer whose outcome is not known.
  let unsettled = false;

  for (;;) {
    signal?.throwIfAborted();
    if (progress.state === 'unknown') progress = await queryOffset(attempt, session, countWithoutProgress);
    if (!taken) {
      taken = true;
      const had = progress.state === 'final' ? source.sizeBytes : (progress.received ?? 0);
      onEvent?.({ type: 'resumed', offset: Math.min(had, source.sizeBytes) });
    }
    if (progress.state === 'final') return progress.file ?? (await getFinishedFile(attempt));

    const offset: number = progress.received ?? 0;
    if (offset > source.sizeBytes) throw overrun(offset, source.sizeBytes);
    // Each request that does not move the offset counts, whatever its answer says. Only a new highest offset resets the count.
    if (offset > best) {
      best = offset;
      withoutProgress = 0;
      trouble = undefined;
      refused = undefined;
    } else if (offset <= last && !(refused && trouble === refused)) {
      countWithoutProgress();
    }
    last = offset;
    if (broken && offset <= broken.offset) size.broke(broken.end - offset);
    broken = undefined;
    const end: number = offset + size.of(source.sizeBytes - offset);
    const finalize = end === source.sizeBytes;
    const first = !begun;
    begun = true;
    try {
      const sent = await send(attempt, session, { offset, end, first }, size);
      progress = sent.progress;
      if (progress.state !== 'active') continue;
      size.passed(end - offset, sent.time);
      attempt.forNext = size.forNext;
      // Confirmed without a number: all of it (provider fact F-UPLOAD-ANSWER).
      progress = { state: 'active', received: progress.received ?? end };
      checkpoint(attempt, session);
    } catch (error) {
      if (finalize && !unsettled && isRefusal(error)) attempt.input.onFinalizeRefused?.();
      unsettled ||= finalize;
      const tooLarge = isTooLarge(error);
      if (!tooLarge && !isDoubtful(error)) throw error;
      if (tooLarge) {
        refused = requestTooLarge(error, end - offset);
        if (!size.refused(end - offset)) throw refused;
        accepted.set(origin, size.bytes);
      } else {
        broken = { offset, end };
      }
      trouble = tooLarge ? refused : error;
      onEvent?.({ type: 'interrupted', error });
      progress = { state: 'unknown' };
    }
  }

  function countWithoutProgress(): void {
    withoutProgress += 1;
    if (withoutProgress < MAX_WITHOUT_PROGRESS) return;
    // The same gateway, which now and then breaks the connection before its answer can be read.
    if (refused) throw refused;
    // A connection may be better later; a session that answers and does not move will not.
    throw trouble?.kind === 'connection' ? trouble : noProgress(attempt, trouble);
  }
}

async function send(
  attempt: Attempt,
  session: UploadSession,
  part: Part,
  size: RequestSize,
): Promise<{ progress: UploadProgress; time: RequestTime }> {
  const { offset, end } = part;
  const { source, signal, pace } = attempt.input;
  // The last look before the bytes that make it a file.
  await source.assertUnchanged();
  await attempt.hash.advanceTo(offset, signal);
  const finalize = end === source.sizeBytes;
  // The provider has all bytes, and the request is whole with its head.
  if (offset === end) await attempt.input.beforeStep?.('finalize');
  const began = performance.now();
  const reading = new PartReading(attempt, session, part);
  const data = { offset, contentLength: end - offset, body: reading.body, finalize, ...(pace && { pace }) };
  const sent = await sendBytes(attempt.connection, session, data, signal).catch(async (error: unknown) => {
    if (mayBeTooSlow(error)) size.cutShort(end - offset, performance.now() - began);
    if (size.forNext !== attempt.forNext) {
      attempt.forNext = size.forNext;
      checkpoint(attempt, session);
    }
    // The transfer goes on only if the source has no other reader; a failure need not wait for a source that hangs.
    const ended = reading.end();
    await (isTooLarge(error) || isDoubtful(error) ? ended : within(END_MS, ended));
    throw error;
  });
  const ms = performance.now() - began;
  await reading.end();
  // A finalized upload that says "active" has lost its last command; the query tells.
  const lost = finalize && sent.state === 'active' && sent.received === undefined;
  return { progress: lost ? { state: 'unknown' } : sent, time: { ms, bodyMs: reading.bodyMs } };
}

/** The file of an upload that says it is done, without the file in its answer. */
async function getFinishedFile({ connection, input }: Attempt): Promise<GeminiFile> {
  try {
    return await getFile(connection, input.name, input.signal);
  } catch (error) {
    if (!(error instanceof GeminiApiError) || error.kind !== 'not-found') throw error;
    // Done, and no file came of it: only a new session can make one.
    throw new GeminiApiError(error.message, { kind: 'session-lost', operation: 'query', cause: error });
  }
}

async function queryOffset(
  attempt: Attempt,
  session: UploadSession,
  onUnusable: () => void,
): Promise<Exclude<UploadProgress, { state: 'unknown' }>> {
  for (;;) {
    // A query that breaks ends the attempt: a server that is down must not meet more requests than Temporal's retries.
    const standing = await queryUpload(attempt.connection, session, attempt.input.signal);
    if (standing.state === 'final' || (standing.state === 'active' && standing.received !== undefined))
      return standing;
    // An answer without the offset in it; ask again, a bounded number of times.
    onUnusable();
  }
}

/** Whether the provider itself has refused a request for good; others on the way to it do not know what becomes of the request. */
function isRefusal(error: unknown): boolean {
  if (!(error instanceof GeminiApiError) || !error.ofProvider) return false;
  return error.kind === 'rejected' || error.kind === 'quota' || error.kind === 'credentials';
}

/** Whether only the server can tell how far the upload has come. */
function isDoubtful(error: unknown): error is GeminiApiError {
  return error instanceof GeminiApiError && (error.kind === 'connection' || error.kind === 'offset-mismatch');
}

function overrun(received: number, sizeBytes: number): GeminiApiError {
  return new GeminiApiError(`query: the server has ${received} bytes of a file of ${sizeBytes}`, {
    kind: 'session-lost',
    operation: 'query',
  });
}

function noProgress({ input }: Attempt, trouble?: GeminiApiError): GeminiApiError {
  const last = trouble ? `; the last: ${trouble.message}` : '';
  return new GeminiApiError(
    `upload of ${input.name}: ${MAX_WITHOUT_PROGRESS} requests in a row brought no progress${last}`,
    { kind: 'session-lost', operation: 'upload', cause: trouble },
  );
}
