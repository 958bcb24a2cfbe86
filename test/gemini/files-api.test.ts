/** get, delete and list through the SDK, against the emulator. */

import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { deleteFile, getFile, listFiles } from '../../src/gemini/index.js';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { connectionTo, KEY, NAME } from '../support/connection.js';

let emulator: GeminiFilesEmulator;
beforeEach(async () => void (emulator = await GeminiFilesEmulator.start()));
afterEach(async () => {
  vi.unstubAllEnvs();
  await emulator.close();
});
const addFiles = (count: number) =>
  Array.from({ length: count }, (_, index) =>
    emulator.addFile({ name: `files/f-${index}`, content: 'x', apiKey: KEY }),
  );

it('lists page by page', async () => {
  const names = addFiles(5);
  const found: string[] = [];
  let pageToken: string | undefined;
  do {
    const page = await listFiles(connectionTo(emulator.url), {
      pageSize: 2,
      ...(pageToken && { pageToken }),
    });
    expect(page.files.length).toBeLessThanOrEqual(2);
    found.push(...page.files.map(({ name }) => name));
    pageToken = page.nextPageToken;
  } while (pageToken);
  expect(found.sort()).toEqual(names);
  expect(emulator.requests.map(({ operation }) => operation)).toEqual(['list', 'list', 'list']);
});

it('lists nothing of an empty project', async () => {
  expect(await listFiles(connectionTo(emulator.url))).toEqual({ files: [] });
});

it('gets and deletes by name, dashes and all', async () => {
  emulator.addFile({ name: NAME, content: 'words', apiKey: KEY });
  expect(await getFile(connectionTo(emulator.url), NAME)).toMatchObject({ name: NAME, sizeBytes: 5 });
  await deleteFile(connectionTo(emulator.url), NAME);
  await expect(getFile(connectionTo(emulator.url), NAME)).rejects.toMatchObject({
    kind: 'not-found',
    status: 403,
  });
  await expect(deleteFile(connectionTo(emulator.url), NAME)).rejects.toMatchObject({
    kind: 'not-found',
    status: 403,
  });
});

// The SDK reads all of these by itself; none may send a key, or a file's name, elsewhere.
it('is not led astray by the environment', async () => {
  await using other = await GeminiFilesEmulator.start();
  vi.stubEnv('GOOGLE_GENAI_USE_VERTEXAI', 'true');
  vi.stubEnv('GOOGLE_GENAI_USE_ENTERPRISE', 'true');
  vi.stubEnv('GOOGLE_CLOUD_PROJECT', 'project');
  vi.stubEnv('GOOGLE_CLOUD_LOCATION', 'europe-west1');
  vi.stubEnv('GOOGLE_GEMINI_BASE_URL', other.url);
  vi.stubEnv('GOOGLE_API_KEY', 'AIza-of-the-environment');
  emulator.addFile({ name: NAME, content: 'words', apiKey: KEY });
  expect(await getFile(connectionTo(emulator.url), NAME)).toMatchObject({ name: NAME });
  expect(emulator.requests[0]?.headers['x-goog-api-key']).toBe(KEY);
  expect(other.requests).toEqual([]);
});

it('does not take another file for the one that it asked for', async () => {
  const name = emulator.addFile({ name: 'files/mine', content: 'words', apiKey: KEY });
  const other = { name: 'files/another', state: 'ACTIVE' };
  emulator.addFaults({ on: 'get', do: 'respond', status: 200, json: other });
  await expect(getFile(connectionTo(emulator.url), name)).rejects.toMatchObject({ kind: 'unavailable' });
});

it('ends with its signal', async () => {
  emulator.addFaults({ on: 'get', do: 'stall' });
  const abort = new AbortController();
  const result = getFile(connectionTo(emulator.url), NAME, abort.signal);
  await emulator.waitFor((all) => all.length === 1);
  abort.abort(new Error('not wanted any more'));
  await expect(result).rejects.toThrow('not wanted any more');
});
