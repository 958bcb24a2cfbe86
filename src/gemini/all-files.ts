import type { GeminiFile } from '../contract/file.js';
import { GeminiApiError } from './api-error.js';
import type { GeminiConnection } from './connection.js';
import { listFiles } from './files-api.js';

/**
 * The files of all pages of the key's list, each once, in no order that is promised.
 *
 * @throws GeminiApiError of kind `unavailable` if the pages repeat, so that they would never end
 */
export async function* allFiles(
  connection: GeminiConnection,
  signal?: AbortSignal,
): AsyncGenerator<GeminiFile, void, undefined> {
  // By name: files come and go between two pages, which can list one twice.
  const names = new Set<string>();
  const tokens = new Set<string>();
  for (let pageToken: string | undefined = ''; pageToken !== undefined;) {
    const page = await listFiles(connection, pageToken ? { pageToken } : {}, signal);
    for (const file of page.files) {
      if (names.has(file.name)) continue;
      names.add(file.name);
      yield file;
    }
    pageToken = page.nextPageToken;
    if (pageToken === undefined) break;
    if (tokens.has(pageToken)) throw repeated(connection);
    tokens.add(pageToken);
  }
}

function repeated({ baseUrl }: GeminiConnection): GeminiApiError {
  const message = `list: ${baseUrl.origin} answered with a page token that it had given before`;
  return new GeminiApiError(message, { kind: 'unavailable', operation: 'list' });
}
