/** Denials of a file during its wait and its clean-up: each is weighed for what it can prove. */

import { expect, it } from 'vitest';
import { faults, GeminiFilesEmulator } from '../../src/testing/index.js';
import { useTestFolder } from '../support/files.js';
import { ended, QUICK, scenario, uploadedName } from '../support/scenario.js';
import { useSharedDevServer } from '../support/temporal.js';
import { testWorker } from '../support/worker.js';
import { eventually } from '../support/eventually.js';

const env = await useSharedDevServer();
const folder = await useTestFolder();
const video = await folder.file('clip.mp4', 10_000);

const denied = (on: 'get' | 'delete', times: number, skip = 0) =>
  faults.error(on, 403, 'You do not have permission to access the File x or it may not exist.', {
    times,
    skip,
  });

const count = (emulator: GeminiFilesEmulator, operation: string) =>
  emulator.requests.filter((request) => request.operation === operation).length;

// One denial asks for another check, and a denial to another project's key does not count as one.
it.concurrent(
  'a wait ends although the last denials are to another key than the one before them',
  async () => {
    await using emulator = await GeminiFilesEmulator.start({
      outcome: 'NEVER',
      visibleAfter: '10m',
      apiKeys: ['first-key', 'other-key'],
    });
    const options = { baseUrl: emulator.url, allowedRoots: [folder.path] };
    const first = await testWorker(env, { ...options, apiKey: 'first-key' });
    const handle = await first.run(async () => {
      const started = await first.client.start(video.path, {
        pollInterval: '2s',
        jitter: 0,
        timeout: '5s',
        cleanupTimeout: '2s',
      });
      await eventually(async () => expect((await started.status()).polls).toBe(1));
      return started;
    });
    const second = await testWorker(env, { ...options, taskQueue: first.taskQueue, apiKey: 'other-key' });
    await second.run(async () => {
      const end = ended(env, handle);
      const endless = emulator.waitFor(() => count(emulator, 'get') > 20, { timeoutMs: 30_000 });
      const outcome = await Promise.race([end, endless.then(() => 'the checks do not end')]);
      expect(outcome).toMatchObject({ error: { name: 'UploadInactiveError', cleanup: 'failed' } });
      await handle.workflow.terminate().catch(() => undefined);
      endless.catch(() => undefined);
    });
  },
);

// Replicas of a store that agree a few seconds later.
it.concurrent(
  'a file that was found is not gone because it is denied a few times shortly after its upload',
  async () => {
    await using at = await scenario(env, folder, { faults: [denied('get', 6, 1)] });
    const { result } = await at.run(async () => {
      const settings = { ...QUICK, pollInterval: '300ms', maxPollInterval: '500ms' } as const;
      const handle = await at.client.start(video.path, settings);
      await at.emulator.waitFor((requests) => requests.filter(({ status }) => status === 403).length === 6);
      at.emulator.activate(await uploadedName(at.emulator));
      return ended(env, handle);
    });
    expect(result).toMatchObject({ state: 'ACTIVE' });
    expect(at.emulator.files.size).toBe(1);
  },
);

it.concurrent(
  'a file that was found is deleted, although its delete is denied a few times at first',
  async () => {
    await using at = await scenario(env, folder, { faults: [denied('delete', 4)] });
    const { error } = await at.run(async () =>
      ended(env, await at.client.start(video.path, { ...QUICK, timeout: '500ms' })),
    );
    expect(error).toMatchObject({ name: 'UploadInactiveError', cleanup: 'deleted' });
    expect(at.emulator.files.size).toBe(0);
  },
);

it.concurrent('a file that is gone was not kept', async () => {
  await using at = await scenario(env, folder, { faults: [denied('get', 100)] });
  const { error } = await at.run(async () => {
    const handle = await at.client.start(video.path, {
      pollInterval: '10s',
      jitter: 0,
      cleanupOnTimeout: false,
    });
    return ended(env, handle);
  });
  expect(error).toMatchObject({ name: 'UploadFailedError' });
  expect(error).not.toHaveProperty('cleanup');
});
