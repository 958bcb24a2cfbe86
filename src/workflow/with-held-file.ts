/** A held file in a user's own workflow. */

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
  uuid4,
  workflowInfo,
} from '@temporalio/workflow';
import { UploadFailedError } from '../contract/errors.js';
import { toApplicationFailure } from '../contract/failure.js';
import type { ActiveFile } from '../contract/file.js';
import type { AcquiredHold, HeldFileReady, HoldFailure, HoldOptions } from '../contract/hold.js';
import { summaryOfHold } from '../contract/source.js';
import { resolveHoldRequest, type HoldTarget } from '../contract/hold-target.js';
import { WORKFLOW } from '../contract/names.js';
import { invalidValue } from '../contract/invalid-option.js';
import { contentHoldId } from './content-hold-id.js';
import { failWorkflowTask, isProgrammingError } from './fault.js';
import { answers, keyOf, listen, toFailure, toHoldFailure } from './hold/answers.js';
import { acquireHold, releaseHold } from './hold/hold-view.js';
import { asApplicationFailure } from './upload-and-wait-active.js';
import { refuseUntaskedEvents } from './untasked-events.js';

/** What `withHeldFile` gives to its block. */
export interface HeldFile {
  /** Id of the hold, which is the id of its workflow. */
  readonly holdId: string;
  /** Id of the lease, chosen by this call unless the input has one. */
  readonly leaseId: string;
  /** The file when the block began. After a renewal it is another one: ask `current` before a prompt. */
  readonly file: ActiveFile;
  /**
   * The file that can be used now: ACTIVE, with at least a minute left. The hold is asked each time; if it was ended from outside,
   * a new one uploads the file again.
   *
   * @throws ApplicationFailure of the contract, also if the time of the lease is over
   */
  current(): Promise<ActiveFile>;
}

/** Options of `withHeldFile`. */
export interface WithHeldFileOptions {
  /** Task queue of the hold, if this call has to start it. @default that of the calling workflow, whose worker needs `holdActiveFile` then */
  readonly taskQueue?: string;
}

/** Milliseconds to wait for an answer before the hold is asked again: the hold may have been terminated. */
const ASK_AGAIN_MS = 10_000;
const MAX_ASK_AGAIN_MS = 10 * 60_000;

/**
 * Acquires a lease of a hold, starts the hold if there is none, and runs `fn` when the file is ACTIVE. The lease is released when the
 * block ends: by return, by a failure, by cancellation, or because `fn` continues as new. For a workflow that continues as new with the
 * same file, give the hold a `holdId` and a `linger` that is longer than the way to the next run.
 *
 * @param input - the options of the hold, and `holdId` or `reuse: 'content'` to share it
 * @param fn - the block; it gets the held file
 * @param options - the task queue of the hold
 * @throws ApplicationFailure of the contract if the file does not become ACTIVE; `fn` is not called then
 *
 * @example
 * ```ts
 * import { withHeldFile } from 'temporal-gemini-files/workflow';
 *
 * await withHeldFile({ path: 'talks/monday.mp4', for: '5d', holdId: 'talk-of-monday' }, async (held) => {
 *   for (const question of questions) await ask(question, await held.current());
 * });
 * ```
 */
export async function withHeldFile<T>(
  input: HoldOptions & HoldTarget,
  fn: (held: HeldFile) => T | Promise<T>,
  options: WithHeldFileOptions = {},
): Promise<T> {
  const lease = await leaseOf(input, options);
  const { holdId, leaseId } = lease;
  try {
    const file = await acquire(lease, lease.forMs);
    const endsAt = Date.now() + lease.forMs;
    return await fn({ holdId, leaseId, file, current: () => current(lease, endsAt) });
  } catch (error) {
    if (isProgrammingError(error)) await failWorkflowTask(error);
    throw error;
  } finally {
    await release(lease);
  }
}

/**
 * Acquires a lease of a hold, starts the hold if there is none, and returns when the file is ACTIVE. The lease lasts for its time, or until
 * it is released. The Nexus operation `holdActiveFile` is a run of it.
 *
 * @param input - the options of the hold, and the lease
 * @throws ApplicationFailure of the contract if there is no ACTIVE file
 */
export async function acquireHeldFile(input: HoldOptions & HoldTarget): Promise<AcquiredHold> {
  const lease = await leaseOf(input, {});
  try {
    const file = await acquire(lease, lease.forMs);
    return { holdId: lease.holdId, leaseId: lease.leaseId, file };
  } catch (error) {
    await release(lease);
    throw error;
  }
}

async function leaseOf(given: HoldOptions & HoldTarget, options: WithHeldFileOptions): Promise<Lease> {
  refuseUntaskedEvents();
  const request = asApplicationFailure(() => resolveHoldRequest(given));
  const { input, reuse } = request;
  const holdId = request.holdId ?? (reuse ? await contentHoldId(input) : `gemini-files-hold-${uuid4()}`);
  if (holdId === workflowInfo().workflowId)
    throw toApplicationFailure(
      invalidValue('holdId', 'expected another id than that of the calling workflow', holdId),
    );
  const leaseId = input.leaseId ?? uuid4();
  return { ...options, holdId, leaseId, input: { ...input, leaseId }, forMs: request.options.for };
}

interface Lease extends WithHeldFileOptions {
  readonly holdId: string;
  readonly leaseId: string;
  readonly input: HoldOptions;
  readonly forMs: number;
}

async function current(lease: Lease, endsAt: number): Promise<ActiveFile> {
  const left = endsAt - Date.now();
  if (left > 0) return acquire(lease, Math.max(1000, left));
  const message = `The lease ${lease.leaseId} of the hold ${lease.holdId} is over`;
  throw toApplicationFailure(new UploadFailedError(message));
}

/** Acquires or extends the lease, and waits for the file. */
async function acquire(lease: Lease, forMs: number): Promise<ActiveFile> {
  listen();
  const { holdId, leaseId } = lease;
  const key = keyOf(lease);
  answers().delete(key);
  let started: StartedHold | undefined;
  for (let waitMs = ASK_AGAIN_MS; ; waitMs = Math.min(2 * waitMs, MAX_ASK_AGAIN_MS)) {
    const replyTo = { workflowId: workflowInfo().workflowId };
    const signal = () =>
      getExternalWorkflowHandle(holdId).signal(acquireHold, { leaseId, for: forMs, replyTo });
    if (!(await exists(signal))) {
      if (started?.failure) throw toFailure(started.failure);
      started = await start(lease);
      // It can have ended at once.
      started.signalled = await exists(signal);
    }
    const summary = 'until the hold answers';
    // Taken when the condition sees it: two calls that wait for the same answer both continue before either could read it.
    let answer: HeldFileReady | undefined;
    const isAnswered = () => (answer = answers().get(key)) !== undefined;
    if (!(await condition(isAnswered, waitMs, { summary }))) continue;
    const { file, failure } = answer as unknown as HeldFileReady;
    answers().delete(key);
    if (file) return file;
    throw toFailure(failure);
  }
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
async function start(lease: Lease): Promise<StartedHold> {
  const { holdId, leaseId, input, taskQueue } = lease;
  const started: StartedHold = { signalled: false };
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

async function release({ holdId, leaseId }: Lease): Promise<void> {
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
