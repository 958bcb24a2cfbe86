/** The start request: opens a session (provider facts F-START-REQUEST, F-START-ANSWER). It makes no file (F-START-NO-FILE). */

import type { IncomingMessage } from 'node:http';
import type { Backend, Exchange } from './backend.js';
import {
  fileTooLarge,
  invalidArgument,
  nameTaken,
  storageQuotaExceeded,
  uploadError,
} from './error-bodies.js';
import { ReplyError, type Reply } from './reply.js';
import type { UploadSession } from './upload-session.js';

/** Provider fact F-START-NAME-RULE. */
const FILE_NAME = /^files\/[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;

export function startUpload(backend: Backend, exchange: Exchange, owner: string, body: unknown): Reply {
  const { options } = backend;
  const { headers } = exchange.request;
  if (String(headers['x-goog-upload-protocol']).toLowerCase() !== 'resumable') {
    throw uploadError(
      400,
      'A start has X-Goog-Upload-Protocol: resumable; a multipart upload has no command.',
    );
  }
  const declaredBytes = declaredLength(headers['x-goog-upload-header-content-length']);
  const type = headers['x-goog-upload-header-content-type'];
  const declaredType = typeof type === 'string' ? type : undefined;
  const session = openSession(backend, exchange, owner, body, { declaredBytes, declaredType });
  const uploadUrl = uploadUrlOf(backend, exchange, session.start.id);
  return {
    status: 200,
    headers: {
      'X-Goog-Upload-Status': 'active',
      'X-Goog-Upload-URL': uploadUrl,
      'X-Goog-Upload-Control-URL': uploadUrl,
      'X-Goog-Upload-Chunk-Granularity': String(options.granularity),
      'X-GUploader-UploadID': session.start.id,
    },
  };
}

/** What the request says of the file beside its JSON. */
interface Declared {
  readonly declaredBytes?: number | undefined;
  readonly declaredType: string | undefined;
}

/** Opens the session of an upload, by the JSON of its file; throws the provider's refusals. */
export function openSession(
  backend: Backend,
  exchange: Exchange,
  owner: string,
  body: unknown,
  { declaredBytes, declaredType }: Declared,
): UploadSession {
  const { options } = backend;
  const metadata = fileMetadata(body);
  if (declaredBytes !== undefined && declaredBytes > options.maxFileBytes) {
    const message = `File size ${declaredBytes} is over the limit of ${options.maxFileBytes} bytes.`;
    throw fileTooLarge(options.tooLargeStatus, message);
  }
  if (options.conflictStage === 'start') checkRoom(backend, owner, metadata.name, declaredBytes ?? 0);

  const session = backend.sessions.open({
    ...metadata,
    owner,
    declaredBytes,
    mimeType: metadata.mimeType ?? declaredType ?? 'application/octet-stream',
  });
  exchange.record.uploadId = session.start.id;
  exchange.record.file = metadata.name;
  return session;
}

/** Throws the provider's answers for a taken name and for a full quota. */
export function checkRoom(
  backend: Backend,
  owner: string,
  name: string | undefined,
  sizeBytes: number,
): void {
  const { storageQuotaBytes, quotaRetryInfo } = backend.options;
  if (name !== undefined && backend.files.isTaken(name)) throw nameTaken(name.slice('files/'.length));
  if (backend.files.usedBytes(owner) + sizeBytes > storageQuotaBytes) {
    throw new ReplyError(storageQuotaExceeded(storageQuotaBytes, quotaRetryInfo));
  }
}

interface Metadata {
  readonly name: string | undefined;
  readonly displayName: string | undefined;
  readonly mimeType: string | undefined;
}

/** `file` of the body, in camelCase or snake_case (provider fact F-START-JSON). */
function fileMetadata(body: unknown): Metadata {
  const file = (body as { file?: Record<string, unknown> } | null)?.file ?? {};
  const text = (camel: string, snake: string): string | undefined => {
    const value = file[camel] ?? file[snake];
    if (value === undefined || value === '' || value === null) return undefined;
    if (typeof value === 'string') return value;
    const shown = typeof value === 'object' ? 'a message or a list' : JSON.stringify(value);
    throw invalidArgument(`Invalid value at 'file.${snake}' (TYPE_STRING), ${shown}`);
  };
  const name = text('name', 'name');
  const displayName = text('displayName', 'display_name');
  if (name !== undefined && !FILE_NAME.test(name)) throw invalidName(name);
  if (displayName !== undefined && [...displayName].length > 512) {
    throw invalidArgument('* file.display_name: must be at most 512 characters.');
  }
  return { name, displayName, mimeType: text('mimeType', 'mime_type') };
}

export function invalidName(name: string): ReplyError {
  return invalidArgument(
    `* file.name: ${name} is not files/ and up to 40 lowercase alphanumeric characters or dashes, with no dash at either end.`,
  );
}

function declaredLength(header: string | string[] | undefined): number | undefined {
  if (header === undefined) return undefined;
  if (typeof header === 'string' && /^\d{1,19}$/.test(header)) return Number(header);
  throw uploadError(400, `Invalid X-Goog-Upload-Header-Content-Length: ${String(header)}`);
}

/** On the host that the client asked; it has the key if the client sent it in the query (provider fact F-START-URL). */
function uploadUrlOf(backend: Backend, { request, route }: Exchange, id: string): string {
  const url = new URL(route.uploadPath, originOf(request) ?? backend.baseUrl);
  const key = route.query.get('key');
  if (key) url.searchParams.set('key', key);
  url.searchParams.set('upload_id', id);
  url.searchParams.set('upload_protocol', 'resumable');
  return url.href;
}

function originOf(request: IncomingMessage): string | undefined {
  const { host } = request.headers;
  return host && URL.canParse(`http://${host}`) ? `http://${host}` : undefined;
}
