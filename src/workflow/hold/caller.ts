/**
 * The lease of a workflow that calls a hold: it is acquired by a signal, the hold answers by another, and a hold that does not exist is
 * started.
 */

import { WorkflowExecutionAlreadyStartedError } from '@temporalio/common';
import {
  ApplicationFailure,
  CancellationScope,
  ChildWorkflowCancellationType,
  type ChildWorkflowFailure,
  condition,
  getExternalWorkflowHandle,
  isCancellation,
  ParentClosePolicy,
  patched,
  startChild,
  TemporalFailure,
  workflowInfo,
} from '@temporalio/workflow';
import { UploadFailedError } from '../../contract/errors.js';
import { toApplicationFailure } from '../../contract/failure.js';
import type { ActiveFile } from '../../contract/file.js';
import type { HeldFileReady, HoldFailure, HoldOptions } from '../../contract/hold.js';
import { summaryOfHold } from '../../contract/source.js';
import { WORKFLOW } from '../../contract/names.js';
import { answers, keyOf, listen, toFailure, toHoldFailure } from './answers.js';
import { acquireHold, releaseHold } from './hold-view.js';

/** Milliseconds to wait for an answer before the hold is asked again: the hold may have been terminated. */
const ASK_AGAIN_MS = 10_000;
const MAX_ASK_AGAIN_MS = 10 * 60_000;

/** A lease, as its caller has it. */
export interface CallerLease {
  readonly holdId: string;
  readonly leaseId: string;
  readonly input: HoldOptions;
  readonly forMs: number;
  /** Task queue of a hold that has to be started; that of the caller if undefined. */
  readonly taskQueue?: string | undefined;
  /** Whether its block has ended: then it is not acquired again by what the block has left behind. */
  isOver: boolean;
  /** The signals and starts that acquire it and are under way. */
  readonly asks: Set<Promise<unknown>>;
}

/** The failure of a lease that has ended. */
export function leaseOver({ holdId, leaseId }: CallerLease): ApplicationFailure {
  return toApplicationFailure(new UploadFailedError(`The lease ${leaseId} of the hold ${holdId} is over`));
}

/** Earlier versions acquired the lease again. */
function isBlockOver(lease: CallerLease): boolean {
  return lease.isOver && patched('lease-ends-with-block');
}

/**
 * Acquires or extends the lease, and waits for the file.
 *
 * @throws ApplicationFailure of the contract, also if the block of the lease has ended
 */
export async function acquire(lease: CallerLease, forMs: number): Promise<ActiveFile> {
  if (isBlockOver(lease)) throw leaseOver(lease);
  listen();
  const key = keyOf(lease);
  answers().delete(key);
  let started: StartedHold | undefined;
  for (let waitMs = ASK_AGAIN_MS; ; waitMs = Math.min(2 * waitMs, MAX_ASK_AGAIN_MS)) {
    const asking = ask(lease, forMs, started);
    lease.asks.add(asking);
    try {
      started = await asking;
    } finally {
      lease.asks.delete(asking);
    }
    if (isBlockOver(lease)) throw leaseOver(lease);
    const summary = 'until the hold answers';
    // Taken when the condition sees it: two calls that wait for the same answer both continue before either could read it.
    let answer: HeldFileReady | undefined;
    const isAnswered = () => (answer = answers().get(key)) !== undefined;
    const isInTime = await condition(isAnswered, waitMs, { summary });
    if (isBlockOver(lease)) throw leaseOver(lease);
    if (!isInTime) continue;
    const { file, failure } = answer as unknown as HeldFileReady;
    answers().delete(key);
    if (file) return file;
    throw toFailure(failure);
  }
}

/**
 * Signals the hold, and starts it if there is none.
 *
 * @param started - the hold that an earlier call has started
 * @returns the hold that was started last
 */
async function ask(
  lease: CallerLease,
  forMs: number,
  started: StartedHold | undefined,
): Promise<StartedHold | undefined> {
  const { holdId, leaseId } = lease;
  const replyTo = { workflowId: workflowInfo().workflowId };
  const signal = () =>
    getExternalWorkflowHandle(holdId).signal(acquireHold, { leaseId, for: forMs, replyTo });
  if (await exists(signal)) return started;
  if (started?.failure) throw toFailure(started.failure);
  if (isBlockOver(lease)) throw leaseOver(lease);
  const again = await start(lease);
  // It can have ended at once.
  again.signalled = await exists(signal);
  return again;
}

interface StartedHold {
  /** Whether it has the caller's signal: then it answers, or is asked again. */
  signalled: boolean;
  /** With which it has ended since. One that could not run its first task has answered nobody. */
  failure?: HoldFailure;
}

/**
 * Starts the hold, which lives on when this workflow ends. If it fails before it can be signalled, that is its answer. A cancellation
 * of this workflow is kept away from it: otherwise, the SDK can leave `startChild` without an end, or report a hold that is
 * still running as cancelled.
 */
async function start(lease: CallerLease): Promise<StartedHold> {
  const { holdId, leaseId, input, taskQueue } = lease;
  const started: StartedHold = { signalled: false };
  const scope = CancellationScope.current();
  // The scope below would start a hold that its caller does not want any more.
  if (scope.consideredCancelled && patched('cancelled-starts-no-hold')) await scope.cancelRequested;
  try {
    const child = await CancellationScope.nonCancellable(() =>
      startChild(WORKFLOW.holdActiveFile, {
        workflowId: holdId,
        args: [input],
        staticSummary: summaryOfHold(input),
        parentClosePolicy: ParentClosePolicy.ABANDON,
        cancellationType: ChildWorkflowCancellationType.ABANDON,
        ...(taskQueue !== undefined && { taskQueue }),
      }),
    );
    child.result().catch(({ cause }: ChildWorkflowFailure) => {
      if (!cause) return;
      if (started.signalled && patched('hold-answers-itself')) {
        // A hold that was terminated or cancelled says nothing of its file.
        if (cause instanceof ApplicationFailure) started.failure = toHoldFailure(cause);
        return;
      }
      answers().set(keyOf(lease), { holdId, leaseId, failure: toHoldFailure(cause) });
    });
  } catch (error) {
    // Another caller was faster.
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
  }
  return started;
}

/** Ends the lease with its block. What the block has left behind must not acquire it after the release. */
export async function endBlock(lease: CallerLease): Promise<void> {
  lease.isOver = true;
  if (lease.asks.size > 0 && patched('lease-ends-with-block')) await Promise.allSettled(lease.asks);
  await release(lease);
}

/** Releases the lease, also while the workflow is being cancelled. If the hold does not exist, it does nothing. */
export async function release({ holdId, leaseId }: CallerLease): Promise<void> {
  await CancellationScope.nonCancellable(() =>
    exists(() => getExternalWorkflowHandle(holdId).signal(releaseHold, { leaseId })),
  );
}

/** Whether the signal has reached a hold. */
async function exists(signal: () => Promise<void>): Promise<boolean> {
  try {
    await signal();
    return true;
  } catch (error) {
    if (!(error instanceof TemporalFailure) || isCancellation(error)) throw error;
    return false;
  }
}
