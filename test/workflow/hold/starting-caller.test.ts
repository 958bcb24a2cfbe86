/**
 * What a workflow that starts a hold does next, if it is cancelled, or the hold ends, at a certain event: made histories, which end with
 * the commands that have to follow.
 */

import { beforeAll, expect, it } from 'vitest';
import { replayHistories } from '../../../src/testing/index.js';
import { MadeRun } from '../../testing/made-history.js';
import { bundleFixture } from '../../support/user-worker.js';

const HOLD = 'hold-1';
const LEASE = 'lease-1';
const INPUT = { path: 'a.mp4', for: '1h', holdId: HOLD, leaseId: LEASE };
const ANSWER = { holdId: HOLD, leaseId: LEASE, file: { id: 'files/a' } };
const TYPE = 'holdActiveFile';

let workflowBundle: { code: string };
beforeAll(async () => {
  workflowBundle = await bundleFixture('holding.ts');
});

/** A caller that found no hold, and starts one. */
function started(workflowType: string): { run: MadeRun; child: string } {
  const run = new MadeRun(workflowType, INPUT);
  run.langUsedFlags = [1];
  run.workflowTask();
  run.signalFailed(run.signalSent(HOLD, 'acquireHold'));
  run.workflowTask();
  return { run, child: run.child(HOLD, TYPE) };
}

/** The same, when the hold has its signal and it waits for the answer. */
function asking(workflowType = 'heldBlock'): { run: MadeRun; child: string; waits: string } {
  const { run, child } = started(workflowType);
  run.childStarted(child, HOLD, TYPE);
  run.workflowTask();
  run.signalArrived(run.signalSent(HOLD, 'acquireHold'));
  run.workflowTask();
  return { run, child, waits: run.timer() };
}

/** After the hold has ended: the time of the wait is over, and there is no hold to signal. */
function askAgain(run: MadeRun, waits: string): void {
  run.workflowTask();
  run.patched('hold-answers-itself');
  run.fired(waits);
  run.workflowTask();
  run.signalFailed(run.signalSent(HOLD, 'acquireHold'));
  run.workflowTask();
}

async function assertReplays(run: MadeRun): Promise<void> {
  const histories = [{ name: 'made', history: run.history() }];
  expect((await replayHistories(histories, { workflowBundle })).replayed).toEqual(['made']);
}

it('cancelled before the hold has started: it waits for the start, and releases its lease', async () => {
  const { run, child } = started('heldBlock');
  run.cancelRequested();
  run.workflowTask();
  run.childStarted(child, HOLD, TYPE);
  run.workflowTask();
  run.signalSent(HOLD, 'releaseHold');
  run.openWorkflowTask();
  await assertReplays(run);
});

it('cancelled in its block: the hold that it has started runs on, and is asked for the file', async () => {
  const { run } = asking('heldUntilCancelled');
  run.signal('heldFileReady', ANSWER);
  run.workflowTask();
  run.timerCancelled('1');
  run.timer();
  run.cancelRequested();
  run.workflowTask();
  run.timerCancelled('2');
  run.signalArrived(run.signalSent(HOLD, 'acquireHold'));
  run.workflowTask();
  // An answer is waited for: the cancellation of this workflow is none.
  run.timer();
  run.openWorkflowTask();
  await assertReplays(run);
});

it('while it waits for the answer of a hold that is terminated: it asks again, and starts another one', async () => {
  const { run, child, waits } = asking();
  run.childTerminated(child, HOLD, TYPE);
  askAgain(run, waits);
  run.child(HOLD, TYPE);
  run.openWorkflowTask();
  await assertReplays(run);
});

it('while it waits for the answer of a hold that fails without one: it gets that failure when it asks again', async () => {
  const { run, child, waits } = asking();
  run.childFailed(child, HOLD, TYPE);
  askAgain(run, waits);
  run.signalFailed(run.signalSent(HOLD, 'releaseHold'));
  run.workflowTask();
  run.failed();
  await assertReplays(run);
});

it.each([null, 'failed', 7, { message: 7, type: [] }])(
  'an answer with the failure %j fails the call',
  async (failure) => {
    const { run } = asking();
    run.signal('heldFileReady', { holdId: HOLD, leaseId: LEASE, failure });
    run.workflowTask();
    run.timerCancelled('1');
    run.signalArrived(run.signalSent(HOLD, 'releaseHold'));
    run.workflowTask();
    run.failed();
    await assertReplays(run);
  },
);

/** A caller that is cancelled before it knows that there is no hold. */
function cancelledAsking(): MadeRun {
  const run = new MadeRun('heldBlock', INPUT);
  run.langUsedFlags = [1];
  run.workflowTask();
  const asks = run.signalSent(HOLD, 'acquireHold');
  run.cancelRequested();
  run.workflowTask();
  run.signalFailed(asks);
  run.workflowTask();
  return run;
}

it('cancelled before it knows that there is no hold: it starts none', async () => {
  const run = cancelledAsking();
  run.patched('cancelled-starts-no-hold');
  run.signalSent(HOLD, 'releaseHold');
  run.openWorkflowTask();
  await assertReplays(run);
});

it('cancelled before it knows that there is no hold, as earlier versions did it: it starts one', async () => {
  const run = cancelledAsking();
  const child = run.child(HOLD, TYPE);
  run.childStarted(child, HOLD, TYPE);
  run.workflowTask();
  run.signalSent(HOLD, 'releaseHold');
  run.openWorkflowTask();
  await assertReplays(run);
});

/** A caller whose block asks for the file, and ends before it has the answer. */
function leavingBlock(workflowType = 'heldAndLeft'): { run: MadeRun; asks: string } {
  const { run } = asking(workflowType);
  run.signal('heldFileReady', ANSWER);
  run.workflowTask();
  run.timerCancelled('1');
  return { run, asks: run.signalSent(HOLD, 'acquireHold') };
}

it('asks in a block that ends meanwhile: it releases the lease when the question has arrived, and does not acquire it again', async () => {
  const { run, asks } = leavingBlock();
  run.patched('lease-ends-with-block');
  run.signalArrived(asks);
  run.workflowTask();
  run.signalArrived(run.signalSent(HOLD, 'releaseHold'));
  run.workflowTask();
  run.end();
  await assertReplays(run);
});

it('asks in a block that ends meanwhile, when there is no hold any more: it starts none', async () => {
  const { run, asks } = leavingBlock();
  run.patched('lease-ends-with-block');
  run.signalFailed(asks);
  run.workflowTask();
  run.signalFailed(run.signalSent(HOLD, 'releaseHold'));
  run.workflowTask();
  run.end();
  await assertReplays(run);
});

it('asks in a block that ends meanwhile, as earlier versions did it: it acquires the lease again', async () => {
  const { run, asks } = leavingBlock();
  const releases = run.signalSent(HOLD, 'releaseHold');
  run.signalArrived(asks);
  run.signalArrived(releases);
  run.workflowTask();
  const waits = run.timer();
  run.fired(waits);
  run.workflowTask();
  run.signalSent(HOLD, 'acquireHold');
  run.openWorkflowTask();
  await assertReplays(run);
});

it('leaves a question behind in its block: its failure fails no workflow task', async () => {
  const { run, asks } = leavingBlock('heldAndForgot');
  run.patched('lease-ends-with-block');
  run.signalArrived(asks);
  run.workflowTask();
  run.signalArrived(run.signalSent(HOLD, 'releaseHold'));
  run.workflowTask();
  const sleeps = run.timer();
  run.fired(sleeps);
  run.workflowTask();
  run.end();
  await assertReplays(run);
});
