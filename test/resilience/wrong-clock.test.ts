/** A worker with a wrong clock has as much time for an upload as every other worker. */

import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { GeminiFilesClient } from '../../src/client/index.js';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { useTestFolder } from '../support/files.js';
import { ended } from '../support/scenario.js';
import { useSharedDevServer } from '../support/temporal.js';
import { killHard, workerProcess } from '../support/worker-process.js';
import { stopwatch } from '../support/stopwatch.js';

const MIB = 1024 * 1024;
const HOUR = 3_600_000;
/** As long as a clock is wrong in these tests. */
const HOURS = '2h';

const env = await useSharedDevServer();
const folder = await useTestFolder();
const clip = await folder.file('clip.mp4', 3 * MIB);
const film = await folder.file('film.mp4', 60 * MIB);

it.concurrent.each([
  ['ahead by the uploadTimeout', 2 * HOUR],
  ['behind by the uploadTimeout', -2 * HOUR],
  ['behind by 3 s', -3000],
])('%s: an upload has all of its time, and no more', async (_, clockShiftMs) => {
  await using emulator = await GeminiFilesEmulator.start({ outcome: 'ACTIVE', processing: 0 });
  const taskQueue = `test-${randomUUID()}`;
  const worker = await workerProcess(
    {
      address: env.address,
      namespace: env.namespace ?? 'default',
      taskQueue,
      baseUrl: emulator.url,
      apiKey: 'test-key',
      allowedRoots: [folder.path],
    },
    clockShiftMs,
  );
  try {
    const client = new GeminiFilesClient(env.client, { taskQueue });
    const quick = await ended(env, await client.start(clip.path, { uploadTimeout: HOURS }));
    expect(quick.result).toMatchObject({ state: 'ACTIVE', sha256: clip.sha256 });
    expect(emulator.requests.map(({ operation }) => operation)).toEqual(['start', 'upload']);

    // Takes 15 s, of which it gets 6.
    emulator.addFaults({ on: 'upload', do: 'pace', bytesPerSecond: 4 * MIB });
    const slow = await client.start(film.path, { uploadTimeout: '6s' });
    const [begun, elapsed] = await emulator.waitFor(
      (requests) => requests[3] && [performance.now(), stopwatch()],
    );
    await emulator.waitFor((requests) => requests[3]?.outcome === 'broken', { timeoutMs: 30_000 });
    const tookMs = performance.now() - begun;
    const ownMs = elapsed();
    const { error } = await ended(env, slow);
    // The reason is the worker's own: it stopped before the server did.
    expect(error).toMatchObject({
      name: 'UploadFailedError',
      message: expect.stringMatching(/did not end within its uploadTimeout$/) as string,
      cleanup: 'deleted',
    });
    expect(tookMs).toBeGreaterThan(3000);
    expect(ownMs).toBeLessThan(10_000);
    expect(emulator.sessions.at(-1)).toMatchObject({ state: 'cancelled' });
    expect(emulator.files.size).toBe(1);
  } finally {
    await killHard(worker);
  }
});
