/** The machine of a worker sleeps in the middle of an upload, for longer than the heartbeat's timeout of 10 s, and wakes up. */

import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import { GeminiFilesClient } from '../../src/client/index.js';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { useTestFolder } from '../support/files.js';
import { ended } from '../support/scenario.js';
import { useSharedDevServer } from '../support/temporal.js';
import { MiB } from '../support/upload.js';
import { killHard, workerProcess } from '../support/worker-process.js';

const env = await useSharedDevServer();
const folder = await useTestFolder();

/** Time itself has to pass: what is tested are the bounds of real sockets and of the server. */
const SLEEPS: readonly [seconds: number, otherWorker: boolean][] = [
  [15, false],
  [15, true],
  [180, false],
  [180, true],
];

it.concurrent.each(SLEEPS)(
  'for %i s, with another worker: %j. One file, the right hash, nothing left over',
  async (seconds, otherWorker) => {
    await using emulator = await GeminiFilesEmulator.start({ outcome: 'ACTIVE', processing: 0 });
    const file = await folder.file(`film-${seconds}-${otherWorker}.mp4`, 40 * MiB);
    const taskQueue = `test-${randomUUID()}`;
    const { address, namespace = 'default' } = env;
    const options = {
      ...{ address, namespace, taskQueue, apiKey: 'test-key' },
      ...{ baseUrl: emulator.url, allowedRoots: [folder.path] },
      limits: { maxUploadBytesPerSecond: 8 * MiB },
    };
    const sleeper = await workerProcess(options);
    const workers = [sleeper];
    try {
      const handle = await new GeminiFilesClient(env.client, { taskQueue }).start(file.path);
      await emulator.waitFor((requests) => requests.some(({ bytes }) => bytes > 12 * MiB));
      sleeper.kill('SIGSTOP');
      if (otherWorker) workers.push(await workerProcess(options));
      await delay(seconds * 1000);
      sleeper.kill('SIGCONT');
      const { result, activities } = await ended(env, handle);
      expect(result).toMatchObject({ state: 'ACTIVE', sha256: file.sha256 });
      expect(activities).toEqual(['geminiFilesUpload']);
      expect([...emulator.files.values()].map(({ name }) => name)).toEqual([result?.id]);
      // No loop: the session that was open, and a few requests for the rest.
      expect(emulator.requests.filter(({ operation }) => operation === 'start')).toHaveLength(1);
      expect(emulator.requests.length).toBeLessThan(20);
    } finally {
      await Promise.all(workers.map(killHard));
    }
  },
  300_000,
);
