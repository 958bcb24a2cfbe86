/** Of many files at once, those that are up are looked at before the others are sent: Temporal's task queue priority. */

import { expect, it } from 'vitest';
import { ACTIVITY } from '../../src/contract/names.js';
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
    // It has the slot until it is terminated.
    at.emulator.addFaults({ on: 'upload', do: 'stall' });
    const busy = await at.client.start(path);
    await at.emulator.waitFor(() => requests('upload').some(({ outcome }) => outcome === 'stalled'));
    const others = await Promise.all(Array.from({ length: 20 }, () => at.client.start(path)));
    await Promise.all(others.map(({ workflowId }) => scheduled(workflowId, ACTIVITY.upload)));
    at.emulator.activate(name);
    await first.checkNow();
    await scheduled(first.workflowId, ACTIVITY.check);
    const started = requests('start');
    expect(started).toHaveLength(2);
    await busy.workflow.terminate();
    expect(await first.result()).toMatchObject({ id: name, state: 'ACTIVE' });
    const [check] = requests('get');
    const before = requests('start').filter(({ startedAt }) => startedAt < (check?.startedAt ?? 0));
    // One may have begun before the check had come to the queue; in the order of arrival it would be all 20.
    expect(before.length - started.length).toBeLessThanOrEqual(1);
    await Promise.all(others.map((handle) => handle.workflow.terminate()));
  });
});

/** Resolves once an activity of that type waits for a worker, or is with one. */
async function scheduled(workflowId: string, type: string): Promise<void> {
  const handle = env.client.workflow.getHandle(workflowId);
  for (;;) {
    const { raw } = await handle.describe();
    if (raw.pendingActivities?.some(({ activityType }) => activityType?.name === type)) return;
  }
}
