/** What comes to a hold after its upload, or its wait, was handed to the next run, and before that run has its first task. */

import { randomUUID } from 'node:crypto';
import type { WorkflowHandle } from '@temporalio/client';
import { expect, it } from 'vitest';
import type { CheckInput, CheckResult, DeleteInput } from '../../../src/contract/activities.js';
import type { HoldOptions, HoldStatus } from '../../../src/contract/hold.js';
import {
  CHECK_NOW_SIGNAL,
  HELD_FILE_QUERY,
  RELEASE_HOLD_SIGNAL,
  WORKFLOW,
} from '../../../src/contract/names.js';
import { gate } from '../../support/gate.js';
import { runsOf } from '../../support/replay.js';
import { stubFile, stubWorker } from '../../support/stub-worker.js';
import { useSharedDevServer } from '../../support/temporal.js';
import { bundleFixture } from '../../support/user-worker.js';
import { testWorker } from '../../support/worker.js';
import type { HandOverPhase } from '../fixtures/hands-over.js';

const env = await useSharedDevServer();
const workflowBundle = await bundleFixture('hands-over.ts');
/** What an attempt of the run before may have created. */
const NAME = 'files/handed-over';

/** A hold whose next run has no worker yet. */
async function handedOver(phase: HandOverPhase, input: Partial<HoldOptions> = {}) {
  const before = await testWorker(env, { workflowBundle });
  const workflowId = randomUUID();
  const nextQueue = `next-${workflowId}`;
  const hold = env.client.workflow.getHandle(workflowId);
  const continued = async () => (await hold.describe()).taskQueue === nextQueue;
  await before.run(async () => {
    const { taskQueue } = before;
    const args = [{ path: 'talk.mp4', for: '1m', ...input }, { taskQueue: nextQueue }, NAME, phase];
    await env.client.workflow.start(WORKFLOW.holdActiveFile, { taskQueue, workflowId, args });
    await expect.poll(continued).toBe(true);
  });
  return { hold, nextQueue };
}

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
    const { hold, nextQueue } = await handedOver(phase);
    await end(hold);
    const deletes: DeleteInput[] = [];
    const activities = {
      geminiFilesDelete: (input: DeleteInput) => Promise.resolve(void deletes.push(input)),
    };
    const after = await stubWorker(env, activities, { taskQueue: nextQueue });
    const [first] = await runsOf(env.client, hold.workflowId);
    await after.run(() => hold.result().catch(() => undefined));
    expect(after.calls).toEqual({ uploads: [], checks: [], deletes: [NAME] });
    // Where the session is, if an attempt of that run has left one.
    expect(deletes[0]?.earlierRuns).toEqual(phase === 'upload' ? [first] : undefined);
    expect((await hold.describe()).status.name).toBe(status);
  },
);

it('checkNow leads to a check, also of a wait that the next run has not begun yet', async () => {
  const { hold, nextQueue } = await handedOver('wait', { for: '1h' });
  await hold.signal(CHECK_NOW_SIGNAL);
  const activities = {
    geminiFilesCheck: ({ name }: CheckInput): Promise<CheckResult> =>
      Promise.resolve({ found: true, file: stubFile(name, { state: 'ACTIVE', expirationTime: '' }) }),
    geminiFilesDelete: () => Promise.resolve(),
  };
  const after = await stubWorker(env, activities, { taskQueue: nextQueue });
  await after.run(async () => {
    const isActive = async () => (await hold.query<HoldStatus>(HELD_FILE_QUERY)).phase;
    await expect.poll(isActive).toBe('active');
    await hold.signal(RELEASE_HOLD_SIGNAL, { leaseId: 'first' });
    await hold.result();
  });
  expect(after.calls).toEqual({ uploads: [], checks: [NAME], deletes: [NAME] });
});

it('the time without a lease counts on from the run before', async () => {
  const { hold, nextQueue } = await handedOver('idle', { linger: '1h' });
  const activities = { geminiFilesDelete: () => Promise.resolve() };
  const after = await stubWorker(env, activities, { taskQueue: nextQueue });
  expect(await after.run(() => hold.result())).toEqual({ renewals: 0, leases: 1, cleanup: 'deleted' });
  expect(after.calls).toEqual({ uploads: [], checks: [], deletes: [NAME] });
});

it('a file that is to be checked before it is handed out is checked by the next run', async () => {
  const { hold, nextQueue } = await handedOver('check');
  const checked = gate();
  const activities = {
    geminiFilesCheck: async ({ name }: CheckInput): Promise<CheckResult> => {
      await checked.pass();
      return { found: true, file: stubFile(name, { state: 'ACTIVE', expirationTime: '' }) };
    },
    geminiFilesDelete: () => Promise.resolve(),
  };
  const after = await stubWorker(env, activities, { taskQueue: nextQueue });
  const leases = async () => (await hold.query<HoldStatus>(HELD_FILE_QUERY)).leases;
  await after.run(async () => {
    await checked.reached;
    expect(await leases()).toEqual([{ id: 'first', until: null }]);
    checked.open();
    await expect.poll(async () => (await leases())[0]?.until).not.toBe(null);
    await hold.signal(RELEASE_HOLD_SIGNAL, { leaseId: 'first' });
    await hold.result();
  });
  expect(after.calls).toEqual({ uploads: [], checks: [NAME], deletes: [NAME] });
});
