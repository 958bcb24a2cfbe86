/**
 * A sweep in a rolling deployment: workflows and activities of 0.1.0 meet those of this version. The activities of 0.1.0
 * answer a search with an array, and have no delete of the sweep's own.
 */

import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { createGeminiFilesActivities } from '../../src/activities/index.js';
import { GeminiFilesClient, WORKFLOW, type SweepResult } from '../../src/client/index.js';
import { ACTIVITY } from '../../src/contract/names.js';
import type { DeleteInput } from '../../src/contract/activities.js';
import type { FindAbandonedInput } from '../../src/contract/sweep.js';
import { faults, GeminiFilesEmulator } from '../../src/testing/index.js';
import { resolveSettings } from '../../src/worker/internal.js';
import { useTestFolder } from '../support/files.js';
import { replayed, scheduled } from '../support/replay.js';
import { startWaiting, terminate } from '../support/sweep.js';
import { useSharedDevServer } from '../support/temporal.js';
import { versions, type Version } from '../support/versions.js';

const env = await useSharedDevServer();
const folder = await useTestFolder();
const { path } = await folder.file('clip.mp4', 1000);
const { bundles, start } = await versions(env, folder);

/** A terminated run with a file, and the sweep of it. */
async function abandonedRun() {
  const emulator = await GeminiFilesEmulator.start({ outcome: 'NEVER' });
  const taskQueue = `upgrade-${randomUUID()}`;
  const client = new GeminiFilesClient(env.client, { taskQueue });
  const stop = await start('current', taskQueue, emulator.url);
  const { workflowId, name } = await startWaiting({ emulator, client }, path);
  await terminate(env, workflowId);
  await stop();
  const activities = createGeminiFilesActivities(
    resolveSettings({ baseUrl: emulator.url, apiKey: 'test-key' }),
  );
  const sweepId = `sweep-${randomUUID()}`;
  return {
    emulator,
    name,
    /** As those of 0.1.0. */
    oldActivities: {
      [ACTIVITY.findAbandoned]: ({ query, olderThanMs }: FindAbandonedInput) =>
        activities[ACTIVITY.findAbandoned]({ query, olderThanMs }),
      [ACTIVITY.delete]: (input: DeleteInput) => activities[ACTIVITY.delete](input),
    },
    sweepId,
    worker: (version: Version, activities?: object) =>
      start(version, taskQueue, emulator.url, activities && { activities }),
    sweep: () =>
      env.client.workflow.start<(input: object) => Promise<SweepResult>>(WORKFLOW.sweepAbandonedFiles, {
        taskQueue,
        workflowId: sweepId,
        args: [{ olderThan: 0, query: `TaskQueue = '${taskQueue}'` }],
      }),
    [Symbol.asyncDispose]: () => emulator.close(),
  };
}

async function activitiesOf(workflowId: string, ...replayedBy: Version[]): Promise<string[]> {
  let events;
  for (const version of replayedBy)
    events = await replayed(env.client, workflowId, undefined, {
      workflowBundle: { codePath: bundles[version] },
    });
  return scheduled(events ?? []);
}

it.each<[string, Version, boolean]>([
  ['a workflow of 0.1.0 with the activities of this version', 'recorded', false],
  ['a workflow of this version with the activities of 0.1.0', 'current', true],
])('%s deletes the file', async (_, version, old) => {
  await using at = await abandonedRun();
  const stop = await at.worker(version, old ? at.oldActivities : undefined);
  const result = await (await at.sweep()).result();
  await stop();
  expect(result).toMatchObject({ found: 1, deleted: 1, failed: 0, files: [{ name: at.name }] });
  expect(at.emulator.files.size).toBe(0);
  expect(await activitiesOf(at.sweepId, 'recorded', 'current')).toEqual([
    ACTIVITY.findAbandoned,
    ACTIVITY.delete,
  ]);
});

it('a sweep that a worker of 0.1.0 cannot continue is continued by the next worker of this version', async () => {
  await using at = await abandonedRun();
  at.emulator.addFaults(faults.unavailable('delete'));
  const stopFirst = await at.worker('current');
  const handle = await at.sweep();
  await at.emulator.waitFor((requests) => requests.some(({ operation }) => operation === 'delete'));
  await stopFirst();
  const stopOld = await at.worker('recorded');
  const blocked = async () => {
    const { events } = await handle.fetchHistory();
    return events?.some((event) => event.workflowTaskFailedEventAttributes?.identity === 'recorded');
  };
  await expect.poll(blocked, { interval: 50 }).toBe(true);
  await stopOld();
  const stopLast = await at.worker('current');
  expect(await handle.result()).toMatchObject({ found: 1, deleted: 1, failed: 0 });
  await stopLast();
  expect(at.emulator.files.size).toBe(0);
  expect(await activitiesOf(at.sweepId, 'current')).toEqual([
    ACTIVITY.findAbandoned,
    ACTIVITY.deleteAbandoned,
  ]);
});
