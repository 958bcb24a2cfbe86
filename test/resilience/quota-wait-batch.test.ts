/** A batch that is larger than the storage: it waits for a consumer that deletes what it has used. */

import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { ActiveFile, UploadOptions } from '../../src/client/index.js';
import type { EmulatorOptions, GeminiFilesEmulator } from '../../src/testing/index.js';
import { useTestFolder } from '../support/files.js';
import { useTimeSkippingServer } from '../support/temporal.js';
import { bundleEmbedding, userWorker } from '../support/user-worker.js';

const env = await useTimeSkippingServer();
const folder = await useTestFolder();
const workflowBundle = await bundleEmbedding();

const FILES = 9;
const SIZE = 10_000;
const QUOTA = (FILES / 3) * SIZE;
const names = Array.from({ length: FILES }, (_, index) => `talk-${index}.mp3`);
for (const name of names) await folder.file(name, SIZE);

const refusals = ({ requests }: GeminiFilesEmulator) =>
  requests.filter(({ status }) => status === 429).length;

/** Deletes every file as soon as an upload was refused; returns the most bytes that there were. */
async function consume(emulator: GeminiFilesEmulator, ended: AbortSignal): Promise<number> {
  let most = 0;
  let seen = 0;
  while (!ended.aborted) {
    const files = [...emulator.files.values()];
    most = Math.max(
      most,
      files.reduce((sum, file) => sum + Number(file.sizeBytes), 0),
    );
    if (refusals(emulator) > seen) {
      seen = refusals(emulator);
      for (const { name } of files) {
        const headers = { 'x-goog-api-key': 'test-key' };
        await fetch(new URL(`/v1beta/${name}`, emulator.url), { method: 'DELETE', headers });
      }
    }
    await sleep(5);
  }
  return most;
}

it.each<[string, EmulatorOptions]>([
  ['at start', { conflictStage: 'start' }],
  ['at the end of each upload', { conflictStage: 'finalize' }],
])('ends with all files ACTIVE, and the quota is never exceeded: refused %s', async (_, options) => {
  await using at = await userWorker(env, folder, workflowBundle, {
    storageQuotaBytes: QUOTA,
    outcome: 'ACTIVE',
    ...options,
  });
  const ended = new AbortController();
  const consumed = consume(at.emulator, ended.signal);
  const inputs = names.map((path): UploadOptions => ({ path, onQuotaFull: 'wait' }));
  const { value, error } = await at.run('all', [inputs, 4]).finally(() => ended.abort());
  expect(error).toBeUndefined();
  expect(value).toMatchObject(names.map((displayName) => ({ displayName, state: 'ACTIVE' })));
  const ids = (value as ActiveFile[]).map(({ id }) => id);
  expect(new Set(ids).size).toBe(FILES);
  const most = await consumed;
  expect(most).toBeLessThanOrEqual(QUOTA);
  expect(most).toBeGreaterThan(0);
  expect(refusals(at.emulator)).toBeGreaterThan(1);
  // What is left is of this batch: no refused upload has left a file under another name.
  for (const name of at.emulator.files.keys()) expect(ids).toContain(name);
});
