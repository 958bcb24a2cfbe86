/**
 * Google's resumable upload, a function a request: start, send, query, cancel. One attempt each; no state, no retries.
 * Provider facts F-START-REQUEST, F-UPLOAD-DATA, F-FINALIZE-ANSWER, F-QUERY-OFFSET and F-CANCEL-ANSWER.
 */

import type { GeminiFile } from '../contract/file.js';
import { invalidValue } from '../contract/invalid-option.js';
import { GeminiApiError } from './api-error.js';
import { isPage } from './classify.js';
import { assertSendable, hiderFor, reportFailure, type GeminiConnection } from './connection.js';
import { API_VERSION, joinBaseUrl, rebaseUploadUrl } from './endpoint.js';
import { sendUploadRequest } from './exchange.js';
import { assertUploadName } from './file-name.js';
import { isFileResource, toGeminiFile } from './file-resource.js';
import { otherServerAdvice } from './other-server.js';
import type { HttpAnswer } from './read-answer.js';
import type { SendPace } from './send-pace.js';

/** Non-final requests must be a multiple of this if the server names no number (provider fact F-START-GRANULARITY). */
const DEFAULT_GRANULARITY = 8 * 1024 * 1024;

/** An open upload. Its URL is a bearer secret (provider fact F-START-URL): it must not be logged or stored in the clear. */
export interface UploadSession {
  /** The upload URL. */
  readonly url: string;
  /** Bytes that a request which is not the last must be a multiple of. */
  readonly granularity: number;
}

/** Input of `startUpload`: the file's metadata. */
export interface StartInput {
  /** `files/<id>`. */
  readonly name: string;
  /** Name shown at the provider. */
  readonly displayName: string;
  /** MIME type, without parameters. */
  readonly mimeType: string;
  /** Size in bytes, 1 to 2 GiB. */
  readonly sizeBytes: number;
}

/** How far an upload is. */
export type UploadProgress =
  | {
      /** The session is open. */
      readonly state: 'active';
      /** Bytes the server has; absent on the answer to data (provider fact F-UPLOAD-ANSWER). */
      readonly received?: number;
    }
  | {
      /** The upload has ended. */
      readonly state: 'final';
      /** Absent if the answer had no usable File. */
      readonly file?: GeminiFile;
    }
  | {
      /** A success without a status header: a proxy dropped it, and only a query can tell (provider fact F-UPLOAD-ANSWER). */
      readonly state: 'unknown';
    };

/**
 * Opens an upload session. Nothing of the file is sent yet.
 *
 * @param connection - the base URL, the key and how requests are made
 * @param input - name, type and size of the file
 * @param signal - ends it early
 * @throws GeminiApiError if the provider refuses, or gives no complete answer
 * @throws InvalidOptionsError for a name or a MIME type that cannot be sent
 */
export async function startUpload(
  connection: GeminiConnection,
  input: StartInput,
  signal?: AbortSignal,
): Promise<UploadSession> {
  const { name, displayName, mimeType, sizeBytes } = input;
  assertUploadName(name);
  // The only text of a caller that becomes a header; the file's name does not (provider fact F-START-FILE-NAME-HEADER).
  if (!/^[\x21-\x7e]+$/.test(mimeType)) {
    throw invalidValue('mimeType', 'expected a MIME type without parameters', mimeType);
  }
  assertSendable(connection, 'start');
  const url = joinBaseUrl(connection.baseUrl, `/upload/${API_VERSION}/files`);
  const body = Buffer.from(
    JSON.stringify({ file: { name, displayName, mimeType, sizeBytes: String(sizeBytes) } }),
  );
  const answer = await sendUploadRequest(connection, 'start', url, signal, {
    headers: {
      'content-type': 'application/json',
      'x-goog-upload-protocol': 'resumable',
      'x-goog-upload-command': 'start',
      'x-goog-upload-header-content-length': String(sizeBytes),
      'x-goog-upload-header-content-type': mimeType,
    },
    body: [body],
    contentLength: body.length,
  });
  const named = answer.headers['x-goog-upload-url'];
  const session = named === undefined ? undefined : rebaseUploadUrl(connection.baseUrl, named);
  if (!session) {
    const { status } = answer;
    const advice = otherServerAdvice(connection.baseUrl);
    const message = `start: ${url.origin}${url.pathname} answered ${status} without an upload URL${advice}`;
    const error = new GeminiApiError(message, { kind: 'unavailable', operation: 'start', status });
    throw reportFailure(connection, error);
  }
  return { url: session.href, granularity: granularityOf(answer) };
}

function granularityOf(answer: HttpAnswer): number {
  const named = Number(answer.headers['x-goog-upload-chunk-granularity']);
  return Number.isSafeInteger(named) && named > 0 ? named : DEFAULT_GRANULARITY;
}

/** Input of `sendBytes`. */
export interface SendInput {
  /** Where in the file the bytes begin. */
  readonly offset: number;
  /** How many bytes `body` has. */
  readonly contentLength: number;
  /** The bytes. If an answer or the signal comes first, the iterator's `return` is called, and neither it nor a pending `next` is waited for. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Whether these are the last bytes. */
  readonly finalize: boolean;
  /** Slows the body down, as a limit of the bandwidth does. @default as fast as it goes */
  readonly pace?: SendPace;
}

/**
 * Sends bytes; unless they are the last, a multiple of the session's granularity.
 *
 * @param connection - the base URL, the key and how requests are made
 * @param session - from `startUpload`
 * @param input - the bytes, their offset, and whether they are the last
 * @param signal - ends it early
 * @throws GeminiApiError if the provider refuses, or gives no complete answer
 */
export async function sendBytes(
  connection: GeminiConnection,
  session: UploadSession,
  input: SendInput,
  signal?: AbortSignal,
): Promise<UploadProgress> {
  const url = new URL(session.url);
  const answer = await sendUploadRequest(connection, 'upload', url, signal, {
    headers: {
      'x-goog-upload-command': input.finalize ? 'upload, finalize' : 'upload',
      'x-goog-upload-offset': String(input.offset),
    },
    body: input.body,
    contentLength: input.contentLength,
    pace: input.pace,
  });
  return standing(answer, hiderFor(connection, url));
}

/**
 * Asks how far an upload has come. An ended one answers `final`, with or without its File (provider fact F-QUERY-FINAL).
 *
 * @param connection - the base URL, the key and how requests are made
 * @param session - from `startUpload`
 * @param signal - ends it early
 * @throws GeminiApiError if the provider refuses, or gives no complete answer
 */
export async function queryUpload(
  connection: GeminiConnection,
  session: UploadSession,
  signal?: AbortSignal,
): Promise<UploadProgress> {
  const answer = await command(connection, session, 'query', signal);
  return standing(answer, hiderFor(connection, new URL(session.url)));
}

/**
 * Ends an upload without a file (provider fact F-CANCEL-ANSWER).
 *
 * @param connection - the base URL, the key and how requests are made
 * @param session - from `startUpload`
 * @param signal - ends it early
 * @throws GeminiApiError if the provider refuses, or gives no complete answer
 */
export async function cancelUpload(
  connection: GeminiConnection,
  session: UploadSession,
  signal?: AbortSignal,
): Promise<void> {
  await command(connection, session, 'cancel', signal);
}

async function command(
  connection: GeminiConnection,
  session: UploadSession,
  name: 'query' | 'cancel',
  signal?: AbortSignal,
): Promise<HttpAnswer> {
  const headers = { 'x-goog-upload-command': name };
  const url = new URL(session.url);
  const answer = await sendUploadRequest(connection, name, url, signal, { headers, contentLength: 0 });
  if (!isPage(answer)) return answer;
  // A login page answers anything with 200: the provider has not seen the command.
  const { status } = answer;
  const message = `${name}: ${url.origin} answered ${status} with an HTML page, which is not the provider's`;
  throw reportFailure(
    connection,
    new GeminiApiError(message, { kind: 'unavailable', operation: name, status }),
  );
}

function standing(answer: HttpAnswer, hide: (text: string) => string): UploadProgress {
  const status = answer.headers['x-goog-upload-status']?.trim().toLowerCase();
  if (status === 'final') {
    const file = finalFile(answer.body, hide);
    return file ? { state: 'final', file } : { state: 'final' };
  }
  if (status !== 'active') return { state: 'unknown' };
  const size = answer.headers['x-goog-upload-size-received'];
  const received = size === undefined || size.trim() === '' ? Number.NaN : Number(size);
  return Number.isSafeInteger(received) && received >= 0
    ? { state: 'active', received }
    : { state: 'active' };
}

function finalFile(body: string, hide: (text: string) => string): GeminiFile | undefined {
  try {
    const parsed = JSON.parse(body) as { file?: unknown } | null;
    return isFileResource(parsed?.file) ? toGeminiFile(parsed.file, hide) : undefined;
  } catch {
    return undefined;
  }
}
