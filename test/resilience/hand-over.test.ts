/** The next worker continues the upload of a worker that shuts down. */

import { once } from 'node:events';
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
/** The provider keeps multiples of this size of a broken request. */
const GRANULARITY = 8 * MIB;

const env = await useSharedDevServer();
const folder = await useTestFolder();
const file = await folder.file('film.mp4', 40 * MIB);

it('on SIGTERM, within shutdownGraceTime; no more is sent twice than what the server had not kept', async () => {
  await using emulator = await GeminiFilesEmulator.start({ outcome: 'ACTIVE', processing: 0 });
  const taskQueue = `test-${randomUUID()}`;
  const { address, namespace = 'default' } = env;
  const options = {
    address,
    namespace,
    taskQueue,
    baseUrl: emulator.url,
    apiKey: 'test-key',
    allowedRoots: [folder.path],
    shutdownGraceTime: '1s',
  } as const;
  const handle = await new GeminiFilesClient(env.client, { taskQueue }).start(file.path);

  const first = await workerProcess({ ...options, limits: { maxUploadBytesPerSecond: 8 * MIB } });
  await emulator.waitFor((requests) => requests.some(({ bytes }) => bytes > 12 * MIB));
  const gone = once(first, 'exit');
  const elapsed = stopwatch();
  first.kill('SIGTERM');
  expect(await gone).toEqual([0, null]);
  const seconds = elapsed() / 1000;
  expect(emulator.sessions).toMatchObject([{ state: 'active' }]);
  expect(emulator.files.size).toBe(0);

  const second = await workerProcess(options);
  const { result, activities } = await ended(env, handle).finally(() => killHard(second));
  expect(result).toMatchObject({ state: 'ACTIVE', sha256: file.sha256, polls: 0 });
  expect(activities).toEqual(['geminiFilesUpload']);
  expect(emulator.requests.filter(({ operation }) => operation === 'start')).toHaveLength(1);
  expect(emulator.files.size).toBe(1);

  const sent = emulator.requests
    .filter(({ operation }) => operation === 'upload')
    .reduce((sum, { bytes }) => sum + bytes, 0);
  if (process.env.SHOW_FIGURES)
    process.stderr.write(
      `hand-over: ${sent} bytes of ${file.sizeBytes}, gone after ${seconds.toFixed(2)} s\n`,
    );
  expect(sent).toBeLessThan(file.sizeBytes + GRANULARITY);
  // The grace time, and what ending a process takes.
  expect(seconds).toBeLessThan(1 + 2);
});
