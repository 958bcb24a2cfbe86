/** Gateways that take only short bodies (413): nginx takes 1 MiB unless it is told otherwise, some load balancers 10 MiB. */

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { testFolder, type TestFile, type TestFolder } from '../support/files.js';
import { limitingGateway, type Manner } from '../support/limiting-gateway.js';
import { MiB, uploading } from '../support/upload.js';
import { stopwatch } from '../support/stopwatch.js';

let folder: TestFolder;
let file: TestFile;
let emulator: GeminiFilesEmulator;

beforeAll(async () => {
  folder = await testFolder();
  file = await folder.file('recording.bin', 8 * MiB);
});
afterAll(() => folder[Symbol.asyncDispose]());
beforeEach(async () => void (emulator = await GeminiFilesEmulator.start({ granularity: MiB / 2 })));
afterEach(() => emulator.close());

const RUNS = 20;
const AT_A_TIME = 5;
const range = (first: number, count: number) => Array.from({ length: count }, (_, at) => first + at);

const manners: Manner[] = ['close', 'reset', 'read on'];

describe.each(manners)('a gateway that says 413 and then does this to the connection: %s', (manner) => {
  it('gets requests of half the size until they pass: 20 of 20 times', async () => {
    const upload = async (run: number) => {
      await using gateway = await limitingGateway(emulator, 2.5 * MiB, () => manner);
      const { sha256 } = await uploading(gateway.url, file, { name: `files/run-${run}` });
      return { sha256, refused: gateway.refused };
    };
    // Some at a time, which also makes the order of events on each connection less regular.
    const ends: unknown[] = [];
    for (let first = 0; first < RUNS; first += AT_A_TIME)
      ends.push(...(await Promise.all(range(first, AT_A_TIME).map(upload))));
    expect(ends).toEqual(range(0, RUNS).map(() => ({ sha256: file.sha256, refused: [8 * MiB, 4 * MiB] })));
  });

  it('and takes not even the smallest is one clear failure', async () => {
    await using gateway = await limitingGateway(emulator, MiB / 4, () => manner);
    const elapsed = stopwatch();
    await expect(uploading(gateway.url, file)).rejects.toMatchObject({
      kind: 'rejected',
      retryable: false,
      status: 413,
      message: expect.stringMatching(/413.*a request of 524288 bytes.*limit/s) as unknown,
    });
    expect(elapsed()).toBeLessThan(5000);
    expect(gateway.refused.map((bytes) => bytes / MiB)).toEqual([8, 4, 2, 1, 0.5]);
  });
});

it('the size that has passed is used for the next file, too', async () => {
  await using gateway = await limitingGateway(emulator, 2.5 * MiB, () => 'close');
  await uploading(gateway.url, file, { name: 'files/one' });
  await uploading(gateway.url, file, { name: 'files/two' });
  expect(gateway.refused).toHaveLength(2);
});

it('an answer that is lost now and then does not make the failure one that is retried', async () => {
  await using gateway = await limitingGateway(emulator, MiB / 4, (nth) => (nth === 0 ? 'close' : 'mute'));
  await expect(uploading(gateway.url, file)).rejects.toMatchObject({ retryable: false, status: 413 });
});

it('a 413 of the provider itself is about the file, and final', async () => {
  const json = { error: { code: 413, message: 'Too large.', status: 'INVALID_ARGUMENT' } };
  emulator.addFaults({ on: 'finalize', do: 'respond', status: 413, json, early: true });
  await expect(uploading(emulator.url, file)).rejects.toMatchObject({ kind: 'rejected', status: 413 });
  expect(emulator.requests.filter(({ operation }) => operation === 'upload')).toHaveLength(1);
});
