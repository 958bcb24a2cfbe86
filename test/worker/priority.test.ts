/** Of many files at once, those that are up are looked at before the others are sent: Temporal's task queue priority. */

import { expect, it } from 'vitest';
import { useTestFolder } from '../support/files.js';
import { asleep, scenario, uploadedName } from '../support/scenario.js';
import { useDevServer } from '../support/temporal.js';

// Priority holds within a partition of a task queue; with one, the order is exact.
const env = await useDevServer(undefined, {
  'matching.numTaskqueueReadPartitions': 1,
  'matching.numTaskqueueWritePartitions': 1,
});
const folder = await useTestFolder();

it('a check goes before the uploads that wait for a worker', async () => {
  const { path } = await folder.file('clip.mp4', 1000);
  // With one slot, what is done next is the server's choice.
  await using at = await scenario(env, folder, {}, { maxConcurrentActivityTaskExecutions: 1 });
  const requests = (operation: string) =>
    at.emulator.requests.filter((request) => request.operation === operation);
  await at.run(async () => {
    const first = await at.client.start(path, { pollInterval: '1h', maxPollInterval: '1h', timeout: '2h' });
    const name = await uploadedName(at.emulator);
    await asleep(env, first);
    at.emulator.addFaults({ on: 'upload', do: 'pace', bytesPerSecond: 2000, times: 'always' });
    const others = await Promise.all(Array.from({ length: 20 }, () => at.client.start(path)));
    await Promise.all(others.map(({ workflowId }) => scheduledUpload(workflowId)));
    at.emulator.activate(name);
    const started = requests('start').length;
    await first.checkNow();
    expect(await first.result()).toMatchObject({ id: name, state: 'ACTIVE' });
    const [check] = requests('get');
    const before = requests('start').filter(({ startedAt }) => startedAt < (check?.startedAt ?? 0));
    // One may have begun before the signal had become a check; in the order of arrival it would be all 20.
    expect(before.length - started).toBeLessThanOrEqual(1);
    expect(started).toBeLessThan(15);
    await Promise.all(others.map((handle) => handle.workflow.terminate()));
  });
});

/** Resolves once the workflow's activity waits for a worker, or is with one. */
async function scheduledUpload(workflowId: string): Promise<void> {
  const handle = env.client.workflow.getHandle(workflowId);
  while (((await handle.describe()).raw.pendingActivities ?? []).length === 0);
}
