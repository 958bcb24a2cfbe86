/** The waits of a worker that was killed are taken over by another after 3 s, with what the package sets by default. */

import { expect, it } from 'vitest';
import { useTestFolder } from '../support/files.js';
import { timeOf, type HistoryEvent } from '../support/replay.js';
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
    // The worker dies in its first sleep, which is long enough, and not in a task.
    const settings = { pollInterval: '4s', maxPollInterval: '4s', jitter: 0, timeout: '1m' } as const;
    const handle = await at.client.start(video.path, settings);
    const gets = () => at.emulator.requests.filter(({ operation }) => operation === 'get');
    await expect.poll(async () => (await handle.status()).nextCheckAt, { interval: 20 }).not.toBeNull();
    const { result, events } = await at.run(async () => {
      first.kill('SIGKILL');
      expect(gets()).toEqual([]);
      await at.emulator.waitFor(() => gets().length > 0);
      at.emulator.activate(gets()[0]?.file ?? '');
      return ended(env, handle);
    });
    expect(result?.state).toBe('ACTIVE');
    const { offered, takenBack, offeredAgain } = takeover(events);
    // By the server's clock, which has timers of whole seconds. Temporal's own default is 10 s.
    expect(takenBack - offered).toBeLessThanOrEqual(4000);
    expect(offeredAgain - takenBack).toBeLessThanOrEqual(1000);
    expect(at.emulator.requests.filter(({ operation }) => operation === 'start')).toHaveLength(1);
    if (process.env.SHOW_FIGURES)
      process.stderr.write(
        `given up after ${takenBack - offered} ms, offered again after ${offeredAgain - takenBack} ms\n`,
      );
  } finally {
    await killHard(first);
  }
});

/** Of the workflow task that the dead worker was offered: when it was, when the server took it back, and when it offered it to all. */
function takeover(events: readonly HistoryEvent[]) {
  const at = events.findIndex(({ workflowTaskTimedOutEventAttributes: one }) => one);
  const [offered, takenBack, offeredAgain] = [events[at - 1], events[at], events[at + 1]].map(timeOf);
  return { offered: offered ?? NaN, takenBack: takenBack ?? NaN, offeredAgain: offeredAgain ?? NaN };
}
