/** get, list and delete (provider facts F-GET-RESOURCE, F-LIST-PAGES, F-DELETE-ANSWER, F-DELETE-DENIED). */

import type { Backend } from './backend.js';
import { resourceOf } from './backend.js';
import { fileNotAccessible, invalidArgument } from './error-bodies.js';
import { isFileName } from '../../contract/file-name.js';
import { isVisible, type FileRecord } from './file-record.js';
import type { Reply } from './reply.js';
import { invalidName } from './upload-start.js';

const DEFAULT_PAGE = 10;
const MAX_PAGE = 100;

export function getFile(backend: Backend, owner: string, id: string): Reply {
  return { status: 200, body: resourceOf(backend, accessible(backend, owner, id)) };
}

/** A client chooses names of at most 40 characters. The provider's own can be longer, and it does not delete those (provider fact F-DELETE-BATCH-NAME). */
const LONGEST_DELETED = 40;

export function deleteFile(backend: Backend, owner: string, id: string): Reply {
  if (id.length > LONGEST_DELETED) {
    throw invalidArgument(
      `* DeleteFileRequest.name: File ID (name excluding 'files/') cannot be more than ${LONGEST_DELETED} characters.\n`,
    );
  }
  backend.files.delete(accessible(backend, owner, id).name);
  return { status: 200, body: {} };
}

/** Newest first (the provider promises no order: provider fact F-LIST-PAGES). A page size over 100 counts as 100. No files: `{}`. */
export function listFiles(backend: Backend, owner: string, query: URLSearchParams): Reply {
  const size = pageSize(query.get('pageSize') ?? query.get('page_size'));
  const nowMs = backend.clock.now();
  const visible = backend.files.ownedBy(owner).filter((record) => isVisible(record, nowMs));
  const newestFirst = visible.reverse();
  const token = query.get('pageToken') ?? query.get('page_token');
  const before = token ? decodeToken(token) : Infinity;
  const rest = newestFirst.filter(({ sequence }) => sequence < before);
  const page = rest.slice(0, size);
  const last = page.at(-1);
  return {
    status: 200,
    body: {
      ...(page.length > 0 && { files: page.map((record) => resourceOf(backend, record)) }),
      ...(rest.length > size && last && { nextPageToken: encodeToken(last) }),
    },
  };
}

/** The file, if it is there, visible and `owner`'s; throws the provider's 403 if not, and its 400 if the id is not valid. */
export function accessible(backend: Backend, owner: string, id: string): FileRecord {
  if (!isFileName(`files/${id}`)) throw invalidName(`files/${id}`);
  const record = backend.files.get(`files/${id}`);
  if (record?.owner !== owner || !isVisible(record, backend.clock.now())) throw fileNotAccessible(id);
  return record;
}

function pageSize(text: string | null): number {
  if (text === null || text === '') return DEFAULT_PAGE;
  if (!/^\d+$/.test(text)) throw invalidArgument(`Invalid value at 'page_size' (TYPE_INT32), "${text}"`);
  return Math.min(Number(text) || DEFAULT_PAGE, MAX_PAGE);
}

/** A token names the last file of a page, so that the next page is correct if files are added or deleted in between. */
function encodeToken({ sequence }: FileRecord): string {
  return Buffer.from(`emulator:${sequence}`).toString('base64url');
}

function decodeToken(token: string): number {
  const [, sequence] = /^emulator:(\d+)$/.exec(Buffer.from(token, 'base64url').toString('latin1')) ?? [];
  if (sequence === undefined) throw invalidArgument('Invalid page token.');
  return Number(sequence);
}
