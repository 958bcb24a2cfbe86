/**
 * The clean-up's cancel of a session wakes an attempt that does not know yet that Temporal has ended it: nothing is cut off, but the
 * worker's clock is behind and Temporal is far away.
 */

import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { expect, it } from 'vitest';
import { GeminiFilesClient } from '../../src/client/index.js';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { useTestFolder } from '../support/files.js';
import { startRelay } from '../support/relay.js';
import { ended, operations } from '../support/scenario.js';
import { useSharedDevServer } from '../support/temporal.js';
import { testWorker } from '../support/worker.js';
import { killHard, workerProcess } from '../support/worker-process.js';

const MIB = 1024 * 1024;
const env = await useSharedDevServer();
const folder = await useTestFolder();
const film = await folder.file('film.mp4', 48 * MIB);

/** Both end the upload in its middle, between two heartbeats. */
const ENDS = [
  ['uploadTimeout', { uploadTimeout: '4400ms' }, {}],
  ['startToCloseTimeout', {}, { startToCloseTimeout: '4400ms', retry: { maximumAttempts: 1 } }],
] as const;

it.concurrent.each(ENDS)('after %s there is no other session, and no file', async (_, settings, upload) => {
  await using emulator = await GeminiFilesEmulator.start({
    outcome: 'ACTIVE',
    processing: 0,
    faults: [{ on: 'upload', do: 'pace', bytesPerSecond: 4 * MIB }],
  });
  const relay = await startRelay(Number(env.address.split(':').at(-1)), { delayMs: 30 });
  const options = { baseUrl: emulator.url, apiKey: 'test-key', allowedRoots: [folder.path] };
  const other = await testWorker(env, options);
  const taskQueue = `test-${randomUUID()}`;
  const uploader = await workerProcess(
    {
      ...options,
      address: `127.0.0.1:${relay.port}`,
      namespace: env.namespace ?? 'default',
      taskQueue,
      // An old attempt may do all that it wants to before the process ends.
      shutdownGraceTime: '1m',
    },
    -3000,
  );
  try {
    const { error } = await other.run(async () => {
      const { workflowId } = await env.client.workflow.start('uploadAndWaitActive', {
        taskQueue: other.taskQueue,
        workflowId: randomUUID(),
        args: [{ path: film.path, ...settings }, { activityOptions: { upload: { taskQueue, ...upload } } }],
      });
      return ended(env, new GeminiFilesClient(env.client).attach(workflowId));
    });
    expect(error).toMatchObject({ name: 'UploadFailedError', cleanup: 'deleted' });
    const gone = once(uploader, 'exit');
    uploader.kill('SIGTERM');
    expect(await gone).toEqual([0, null]);
    expect(operations(emulator).filter((operation) => operation === 'start')).toHaveLength(1);
    expect(emulator.sessions).toMatchObject([{ state: 'cancelled' }]);
    expect(emulator.files.size).toBe(0);
  } finally {
    await killHard(uploader);
    await relay.close();
  }
});
