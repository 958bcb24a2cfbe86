/** A held file in a user's own workflow. */

import { uuid4, workflowInfo } from '@temporalio/workflow';
import { toApplicationFailure } from '../contract/failure.js';
import type { ActiveFile } from '../contract/file.js';
import type { AcquiredHold, HoldOptions } from '../contract/hold.js';
import { resolveHoldRequest, type HoldTarget } from '../contract/hold-target.js';
import { invalidValue } from '../contract/invalid-option.js';
import { contentHoldId } from './content-hold-id.js';
import { failWorkflowTask, isProgrammingError } from './fault.js';
import { acquire, endBlock, leaseOver, release, type CallerLease } from './hold/caller.js';
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
   * a new one uploads the file again. Within the block, wait for it and for what waits for it: when the block has ended, it fails, and a failure
   * that no code handles makes Temporal repeat the workflow task.
   *
   * @throws ApplicationFailure of the contract, also if the time of the lease is over, or its block has ended
   */
  current(): Promise<ActiveFile>;
}

/** Options of `withHeldFile`. */
export interface WithHeldFileOptions {
  /** Task queue of the hold, if this call has to start it. @default that of the calling workflow, whose worker needs `holdActiveFile` then */
  readonly taskQueue?: string;
}

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
    return await fn({ holdId, leaseId, file, current: () => handled(current(lease, endsAt)) });
  } catch (error) {
    if (isProgrammingError(error)) await failWorkflowTask(error);
    throw error;
  } finally {
    await endBlock(lease);
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

async function leaseOf(given: HoldOptions & HoldTarget, options: WithHeldFileOptions): Promise<CallerLease> {
  refuseUntaskedEvents();
  const request = asApplicationFailure(() => resolveHoldRequest(given));
  const { input, reuse } = request;
  const holdId = request.holdId ?? (reuse ? await contentHoldId(input) : `gemini-files-hold-${uuid4()}`);
  if (holdId === workflowInfo().workflowId)
    throw toApplicationFailure(
      invalidValue('holdId', 'expected another id than that of the calling workflow', holdId),
    );
  const leaseId = input.leaseId ?? uuid4();
  const forMs = request.options.for;
  return { ...options, holdId, leaseId, input: { ...input, leaseId }, forMs, isOver: false, asks: new Set() };
}

async function current(lease: CallerLease, endsAt: number): Promise<ActiveFile> {
  const left = endsAt - Date.now();
  if (left > 0) return acquire(lease, Math.max(1000, left));
  throw leaseOver(lease);
}

/** A block may leave the promise behind. Its failure must not fail the workflow task then, again and again; a programming error has to. */
function handled<T>(promise: Promise<T>): Promise<T> {
  promise.catch((error: unknown) => (isProgrammingError(error) ? failWorkflowTask(error) : undefined));
  return promise;
}
