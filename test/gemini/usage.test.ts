/** What the files of a key take of its storage: all pages, each file once. */

import { afterEach, expect, it } from 'vitest';
import { storageUsage } from '../../src/gemini/index.js';
import { GeminiFilesEmulator, type EmulatorOptions } from '../../src/testing/index.js';
import { connectionTo, KEY } from '../support/connection.js';

let emulator: GeminiFilesEmulator;
afterEach(() => emulator.close());
const start = async (options: EmulatorOptions = {}) =>
  (emulator = await GeminiFilesEmulator.start({ apiKeys: [KEY, 'other'], ...options }));
const usage = () => storageUsage(connectionTo(emulator.url));

it('is nothing without files', async () => {
  await start();
  expect(await usage()).toEqual({
    files: 0,
    bytes: 0,
    quotaBytes: 21_474_836_480,
    processing: 0,
    failed: 0,
    oldestExpirationTime: null,
  });
});

it('adds up all pages of the key’s own project, in every state', async () => {
  await start({ processing: '1h' });
  Array.from({ length: 250 }, () =>
    emulator.addFile({ content: 'four', apiKey: KEY, mimeType: 'audio/mpeg' }),
  );
  emulator.addFile({ content: 'another project’s', apiKey: 'other' });
  const [oldest] = [...emulator.filesOf(KEY).values()].map((file) => file.expirationTime).sort();
  emulator.advance(60_000);
  const video = emulator.addFile({ content: 'film', apiKey: KEY, mimeType: 'video/mp4' });
  emulator.addFile({ content: 'film', apiKey: KEY, mimeType: 'video/mp4' });
  emulator.fail(video);
  expect(await usage()).toEqual({
    files: 252,
    bytes: 252 * 4,
    quotaBytes: 21_474_836_480,
    processing: 1,
    failed: 1,
    // Of files that expire within the same millisecond, any of them.
    oldestExpirationTime: expect.toSatisfy(
      (time: string) => Date.parse(time) === Date.parse(oldest ?? ''),
    ) as string,
  });
  expect(emulator.requests.map(({ operation }) => operation)).toEqual(['list', 'list', 'list']);
});

it('reads pages of ACTIVE videos, each with its thumbnail', async () => {
  await start({ processing: 0 });
  for (let count = 0; count < 150; count += 1)
    emulator.addFile({ content: 'film', apiKey: KEY, mimeType: 'video/mp4' });
  expect(await usage()).toMatchObject({ files: 150, bytes: 150 * 4, processing: 0 });
  expect(emulator.requests).toHaveLength(2);
});

it('counts a file once that is on two pages, and ignores sizes and times that are none', async () => {
  await start();
  const file = { name: 'files/a', sizeBytes: '5', expirationTime: '2026-01-01T00:00:00Z' };
  const odd = { name: 'files/b', sizeBytes: 'many', expirationTime: 'soon' };
  emulator.addFaults(
    { on: 'list', do: 'respond', status: 200, json: { files: [file, odd], nextPageToken: 'x' } },
    { on: 'list', do: 'respond', status: 200, json: { files: [file] } },
  );
  expect(await usage()).toMatchObject({
    files: 2,
    bytes: 5,
    processing: 2,
    oldestExpirationTime: '2026-01-01T00:00:00Z',
  });
});

it('does not read for ever if the pages repeat', async () => {
  await start();
  emulator.addFaults({
    on: 'list',
    times: 'always',
    do: 'respond',
    status: 200,
    json: { nextPageToken: 'x' },
  });
  await expect(usage()).rejects.toMatchObject({ kind: 'unavailable', operation: 'list' });
  expect(emulator.requests).toHaveLength(2);
});
