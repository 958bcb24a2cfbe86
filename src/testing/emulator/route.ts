/** What a request asks for, by its path, method and upload command. */

import type { IncomingMessage } from 'node:http';

/** `upload` is any request with data or a finalize; `unknown` is what the emulator does not serve. */
export type Operation =
  'start' | 'upload' | 'query' | 'cancel' | 'get' | 'list' | 'delete' | 'generateContent' | 'unknown';

export interface Route {
  readonly operation: Operation;
  /** The request line's target is not a URL; the operation is `unknown`. */
  readonly malformed: boolean;
  /** `/upload/v1beta/files` and the like, without the prefix; empty for other paths. */
  readonly uploadPath: string;
  readonly query: URLSearchParams;
  /** Words of `X-Goog-Upload-Command` in lower case. */
  readonly command: readonly string[];
  /** The file's id in the path of get and delete. */
  readonly fileId: string;
  /** `upload_id` of the upload URL. */
  readonly uploadId: string;
  readonly model: string;
}

const BASE = 'http://emulator';
/** Both versions and both folders: provider fact F-START-VERSION. */
const UPLOAD_PATH = /^\/(?:resumable\/)?upload\/(?:v1|v1beta)\/files$/;
const FILES_PATH = /^\/(?:v1|v1beta)\/files(?:\/([^/:]+))?$/;
const GENERATE_PATH = /^\/(?:v1|v1beta)\/models\/([^/:]+):generateContent$/;

/** Takes whatever stands in a request line. `prefix` is the path that the API is served under, '' for none. */
export function routeOf(request: IncomingMessage, prefix: string): Route {
  const target = request.url ?? '/';
  const malformed = !URL.canParse(target, BASE);
  const url = malformed ? new URL(BASE) : new URL(target, BASE);
  const inside = url.pathname.startsWith(prefix);
  const path = inside ? url.pathname.slice(prefix.length) : '';
  const command = commandWords(request.headers['x-goog-upload-command']);
  const uploadPath = UPLOAD_PATH.test(path) ? path : '';
  const files = FILES_PATH.exec(path);
  const fileId = decoded(files?.[1] ?? '');
  const model = decoded(GENERATE_PATH.exec(path)?.[1] ?? '');
  const uploadId = url.searchParams.get('upload_id') ?? '';

  const operation = ((): Operation => {
    if (malformed) return 'unknown';
    if (uploadPath)
      return request.method === 'POST' || request.method === 'PUT' ? uploadOperation(command) : 'unknown';
    if (model) return request.method === 'POST' ? 'generateContent' : 'unknown';
    if (!files) return 'unknown';
    if (request.method === 'GET') return fileId ? 'get' : 'list';
    return request.method === 'DELETE' && fileId ? 'delete' : 'unknown';
  })();
  return { operation, malformed, uploadPath, query: url.searchParams, command, fileId, uploadId, model };
}

/** A comma-separated list; case and spaces do not matter (provider fact F-UPLOAD-COMMANDS). */
function commandWords(header: string | string[] | undefined): string[] {
  return String(header ?? '')
    .split(',')
    .map((word) => word.trim().toLowerCase())
    .filter((word) => word !== '');
}

function uploadOperation(command: readonly string[]): Operation {
  const [first, second] = command;
  if (command.length === 2) return first === 'upload' && second === 'finalize' ? 'upload' : 'unknown';
  if (command.length !== 1) return 'unknown';
  if (first === 'upload' || first === 'finalize') return 'upload';
  return first === 'start' || first === 'query' || first === 'cancel' ? first : 'unknown';
}

function decoded(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
