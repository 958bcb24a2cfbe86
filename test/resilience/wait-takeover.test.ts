/** The waits of a worker that was killed are taken up by another within 5 s, with what the package sets by default. */

import { expect, it } from 'vitest';
import { useTestFolder } from '../support/files.js';
import { ended, scenario } from '../support/scenario.js';
import { useSharedDevServer } from '../support/temporal.js';
import { killHard, workerProcess } from '../support/worker-process.js';

const env = await useSharedDevServer();
const folder = await useTestFolder();

it('takes a wait over from a worker that was killed -9 in its sleep', async () => {
  const video = await folder.file('clip.mp4', 10_000);
  // How long a task waits for the dead worker is that worker's setting: the package's default.
  await using at = await scenario(env, folder);
  const options = {
    address: env.address,
    namespace: env.namespace ?? 'default',
    taskQueue: at.taskQueue,
    baseUrl: at.emulator.url,
    allowedRoots: [folder.path],
    apiKey: 'test-key',
  };
  const first = await workerProcess(options);
  try {
    const settings = { pollInterval: '500ms', maxPollInterval: '500ms', jitter: 0, timeout: '1m' } as const;
    const handle = await at.client.start(video.path, settings);
    const gets = () => at.emulator.requests.filter(({ operation }) => operation === 'get');
    await at.emulator.waitFor(() => gets().length >= 2 && gets().every(({ status }) => status === 200));
    // The worker dies in its sleep, not in its task.
    await expect.poll(async () => (await handle.status()).nextCheckAt, { interval: 20 }).not.toBeNull();
    const { state, waitedMs } = await at.run(async () => {
      const before = gets().length;
      first.kill('SIGKILL');
      const killed = Date.now();
      await at.emulator.waitFor(() => gets().length > before);
      const waitedMs = Date.now() - killed;
      at.emulator.activate(gets()[0]?.file ?? '');
      const { result } = await ended(env, handle);
      return { state: result?.state, waitedMs };
    });
    expect(state).toBe('ACTIVE');
    expect(waitedMs).toBeLessThan(5000);
    expect(at.emulator.requests.filter(({ operation }) => operation === 'start')).toHaveLength(1);
    if (process.env.SHOW_FIGURES) process.stderr.write(`taken over after ${waitedMs} ms\n`);
  } finally {
    await killHard(first);
  }
});
