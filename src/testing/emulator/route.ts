/** What a request asks for, by its path, method and upload command. */

import type { IncomingMessage } from 'node:http';
import { decodeIfPossible } from '../../util/decode-if-possible.js';
import type { FaultTarget } from './fault.js';

/** `upload` is any request with data or a finalize, `multipart` a whole upload in one request; `unknown` is what the emulator does not serve. */
export type Operation = Exclude<FaultTarget, 'finalize' | '*'> | 'unknown';

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
  /** The model's id in the path, without `models/`. */
  readonly model: string;
}

const BASE = 'http://emulator';
/** Both versions and both folders: provider fact F-START-VERSION. */
const UPLOAD_PATH = /^\/(?:resumable\/)?upload\/(?:v1|v1beta)\/files$/;
const FILES_PATH = /^\/(?:v1|v1beta)\/files(?:\/([^/:]+))?$/;
const MODELS_PATH =
  /^\/(?:v1|v1beta)\/models(?:\/([^/:]+)(?::(generateContent|streamGenerateContent|countTokens))?)?$/;

/** Accepts any request line. `prefix` is the path that the API is served under, '' for none. */
export function routeOf(request: IncomingMessage, prefix: string): Route {
  const target = request.url ?? '/';
  const malformed = !URL.canParse(target, BASE);
  const url = malformed ? new URL(BASE) : new URL(target, BASE);
  const inside = url.pathname.startsWith(prefix);
  const path = inside ? url.pathname.slice(prefix.length) : '';
  const command = commandWords(request.headers['x-goog-upload-command']);
  const uploadPath = UPLOAD_PATH.test(path) ? path : '';
  const files = FILES_PATH.exec(path);
  const fileId = decodeIfPossible(files?.[1] ?? '');
  const models = MODELS_PATH.exec(path);
  const model = decodeIfPossible(models?.[1] ?? '');
  const uploadId = url.searchParams.get('upload_id') ?? '';

  const operation = ((): Operation => {
    if (malformed) return 'unknown';
    if (uploadPath)
      return request.method === 'POST' || request.method === 'PUT'
        ? uploadOperation(command, isMultipart(request, url.searchParams))
        : 'unknown';
    if (models) return modelOperation(request.method, model, models[2]);
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

function modelOperation(method: string | undefined, model: string, verb: string | undefined): Operation {
  if (verb !== undefined) return method === 'POST' ? (verb as Operation) : 'unknown';
  if (method !== 'GET') return 'unknown';
  return model ? 'getModel' : 'listModels';
}

/** Provider fact F-START-MULTIPART. */
function isMultipart({ headers }: IncomingMessage, query: URLSearchParams): boolean {
  const protocol =
    headers['x-goog-upload-protocol'] ?? query.get('uploadType') ?? query.get('upload_protocol');
  return String(protocol).toLowerCase() === 'multipart';
}

function uploadOperation(command: readonly string[], multipart: boolean): Operation {
  if (command.length === 0 && multipart) return 'multipart';
  const [first, second] = command;
  if (command.length === 2) return first === 'upload' && second === 'finalize' ? 'upload' : 'unknown';
  if (command.length !== 1) return 'unknown';
  if (first === 'upload' || first === 'finalize') return 'upload';
  return first === 'start' || first === 'query' || first === 'cancel' ? first : 'unknown';
}
