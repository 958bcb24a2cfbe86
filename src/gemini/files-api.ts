/** get, delete and list, one attempt each. */

import type { GeminiFile } from '../contract/file.js';
import { GeminiApiError } from './api-error.js';
import { hiderFor, reportFailure, type GeminiConnection } from './connection.js';
import { assertFileName } from './file-name.js';
import { isFileResource, toGeminiFile } from './file-resource.js';
import { sdkFor } from './sdk.js';

/** One page of the list of files. */
export interface FilesPage {
  /** The files of the page. */
  readonly files: readonly GeminiFile[];
  /** Absent on the last page. */
  readonly nextPageToken?: string;
}

/**
 * The file as it is now.
 *
 * @param connection - the base URL, the key and how requests are made
 * @param name - the file's name, `files/…`
 * @param signal - ends it early
 * @throws GeminiApiError of kind `not-found` if the provider has none for this key
 * @throws InvalidOptionsError if `name` is not the name of a file
 * @throws MissingDependencyError if `@google/genai` is not installed, or not in a version that fits
 */
export async function getFile(
  connection: GeminiConnection,
  name: string,
  signal?: AbortSignal,
): Promise<GeminiFile> {
  assertFileName(name);
  const sdk = await sdkFor(connection, 'get', signal);
  const file: unknown = await sdk.files.get({ name });
  // Another file's state must not be taken for this file's.
  if (isFileResource(file) && file.name === name) return toGeminiFile(file, hiderFor(connection));
  const message = `get: ${connection.baseUrl.origin} answered for ${name} without that file in it`;
  throw reportFailure(connection, new GeminiApiError(message, { kind: 'unavailable', operation: 'get' }));
}

/**
 * Deletes the file.
 *
 * @param connection - the base URL, the key and how requests are made
 * @param name - the file's name, `files/…`
 * @param signal - ends it early
 * @throws GeminiApiError of kind `not-found` if the provider has none for this key
 * @throws InvalidOptionsError if `name` is not the name of a file
 * @throws MissingDependencyError if `@google/genai` is not installed, or not in a version that fits
 */
export async function deleteFile(
  connection: GeminiConnection,
  name: string,
  signal?: AbortSignal,
): Promise<void> {
  assertFileName(name);
  const sdk = await sdkFor(connection, 'delete', signal);
  await sdk.files.delete({ name });
}

/**
 * One page of the key's files; no order is promised (provider fact F-LIST-PAGES).
 *
 * @param connection - the base URL, the key and how requests are made
 * @param page - `pageSize`, 1 to 100 (default 100), and `pageToken`, the `nextPageToken` of the page before
 * @param signal - ends it early
 * @throws GeminiApiError if the provider refuses, or gives no complete answer
 * @throws MissingDependencyError if `@google/genai` is not installed, or not in a version that fits
 */
export async function listFiles(
  connection: GeminiConnection,
  { pageSize = 100, pageToken }: { pageSize?: number; pageToken?: string } = {},
  signal?: AbortSignal,
): Promise<FilesPage> {
  const sdk = await sdkFor(connection, 'list', signal);
  const pager = await sdk.files.list({ config: { pageSize, ...(pageToken && { pageToken }) } });
  const hide = hiderFor(connection);
  const files = pager.page.filter(isFileResource).map((file) => toGeminiFile(file, hide));
  const next = pager.params?.config?.pageToken;
  return { files, ...(pager.hasNextPage() && next && { nextPageToken: next }) };
}
