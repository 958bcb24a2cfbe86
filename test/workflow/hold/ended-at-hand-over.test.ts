/** A hold is cancelled or released after its upload, or its wait, was handed to the next run, and before that run has its first task. */

import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { expect, it } from 'vitest';
import type { DeleteInput } from '../../../src/contract/activities.js';
import { RELEASE_HOLD_SIGNAL, WORKFLOW } from '../../../src/contract/names.js';
import { runsOf } from '../../support/replay.js';
import { stubWorker } from '../../support/stub-worker.js';
import { useSharedDevServer } from '../../support/temporal.js';
import { bundleFixture } from '../../support/user-worker.js';
import { testWorker } from '../../support/worker.js';

const env = await useSharedDevServer();
const workflowBundle = await bundleFixture('hands-over.ts');
/** What an attempt of the run before may have created. */
const NAME = 'files/handed-over';

const ENDS: [string, (hold: WorkflowHandle) => Promise<unknown>, string][] = [
  ['a cancellation', (hold: WorkflowHandle) => hold.cancel(), 'CANCELLED'],
  [
    'the release of its last lease',
    (hold: WorkflowHandle) => hold.signal(RELEASE_HOLD_SIGNAL, { leaseId: 'first' }),
    'COMPLETED',
  ],
];

const PHASES = ['upload', 'wait'] as const;

it.each(ENDS.flatMap(([what, end, status]) => PHASES.map((phase) => [what, phase, end, status] as const)))(
  'deletes what the run before has uploaded: %s in the %s',
  async (_, phase, end, status) => {
    const before = await testWorker(env, { workflowBundle });
    const workflowId = randomUUID();
    const nextQueue = `next-${workflowId}`;
    const hold = env.client.workflow.getHandle(workflowId);
    const continued = async () => (await hold.describe()).taskQueue === nextQueue;
    await before.run(async () => {
      const { taskQueue } = before;
      const args = [{ path: 'talk.mp4', for: '1m' }, { taskQueue: nextQueue }, NAME, phase];
      await env.client.workflow.start(WORKFLOW.holdActiveFile, { taskQueue, workflowId, args });
      await expect.poll(continued).toBe(true);
    });
    await end(hold);
    const deletes: DeleteInput[] = [];
    const activities = {
      geminiFilesDelete: (input: DeleteInput) => Promise.resolve(void deletes.push(input)),
    };
    const after = await stubWorker(env, activities, { taskQueue: nextQueue });
    const [first] = await runsOf(env.client, workflowId);
    await after.run(() => hold.result().catch(() => undefined));
    expect(after.calls).toEqual({ uploads: [], checks: [], deletes: [NAME] });
    // Where the session is, if an attempt of that run has left one.
    expect(deletes[0]?.earlierRuns).toEqual(phase === 'upload' ? [first] : undefined);
    expect((await hold.describe()).status.name).toBe(status);
  },
);
