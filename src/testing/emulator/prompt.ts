/** A prompt: its parts, and whether all of its files can be used (provider fact F-STATE-USE). */

import type { Backend } from './backend.js';
import { fileNotActive, invalidArgument, unsupportedMimeType } from './error-bodies.js';
import { stateAt } from './file-record.js';
import { accessible } from './files-api.js';

export type Json = Readonly<Record<string, unknown>>;

/**
 * The parts of the prompt. Throws the provider's answers for a prompt without any, and for a file that is not there, is not ACTIVE, or has a MIME type with
 * parameters (provider fact F-STATE-MIME-TYPE).
 */
export function checkedParts(backend: Backend, owner: string, body: unknown, request: string): Json[] {
  const parts = promptParts(body);
  if (parts.length === 0) throw invalidArgument(`* ${request}.contents: contents is not specified`);
  for (const uri of parts.map(fileUri)) {
    if (uri === undefined) continue;
    const id = fileId(uri);
    if (id === undefined) continue;
    const record = accessible(backend, owner, id);
    if (stateAt(record, backend.clock.now()) !== 'ACTIVE') throw fileNotActive(id);
    if (record.mimeType.includes(';')) throw unsupportedMimeType(record.mimeType);
  }
  return parts;
}

function promptParts(body: unknown): Json[] {
  return jsonList((body as Json | null)?.['contents']).flatMap((content) => jsonList(content['parts']));
}

function jsonList(value: unknown): Json[] {
  const list: unknown[] = Array.isArray(value) ? value : [value];
  return list.filter((item): item is Json => typeof item === 'object' && item !== null);
}

function fileUri(part: Json): string | undefined {
  const data = (part['fileData'] ?? part['file_data']) as Json | null | undefined;
  if (data === undefined || data === null) return undefined;
  const uri = data['fileUri'] ?? data['file_uri'];
  if (typeof uri !== 'string') throw invalidArgument('Invalid file_data: file_uri is not specified');
  return uri;
}

/** The id in `https://…/v1beta/files/<id>` or `files/<id>`, of whatever host. Undefined for one of another server, such as a video of YouTube. */
function fileId(uri: string): string | undefined {
  const [, id] = /(?:^|\/)files\/([^/?#]+)$/.exec(uri) ?? [];
  if (id === undefined && !isForeign(uri)) throw invalidArgument(`Invalid or unsupported file uri: ${uri}`);
  return id;
}

/** Whether it is of a server that is not the provider's. */
function isForeign(uri: string): boolean {
  return /^https:\/\/(?!generativelanguage\.googleapis\.com(?:[/:?#]|$))/i.test(uri);
}
