/** The answers of a hold to the workflows that acquired a lease: how the hold sends them, and how these workflows receive them. */

import {
  ApplicationFailure,
  CancellationScope,
  defineSignal,
  getExternalWorkflowHandle,
  isCancellation,
  log,
  setHandler,
  TemporalFailure,
  workflowInfo,
} from '@temporalio/workflow';
import { ERROR_CLASSES, isFailureType, UploadFailedError } from '../../contract/errors.js';
import { failureDetails, fromApplicationFailure, toApplicationFailure } from '../../contract/failure.js';
import type { HeldFileReady, HoldFailure } from '../../contract/hold.js';
import { HELD_FILE_READY_SIGNAL } from '../../contract/names.js';
import { isRecord } from '../../util/is-record.js';
import { reasonOf } from '../failures.js';
import { runState } from '../run-state.js';
import type { Waiting } from './lease-book.js';
import type { Tasks } from './tasks.js';

/** Signal by which a hold answers the workflow that acquired a lease with `replyTo`. */
export const heldFileReady = defineSignal<[HeldFileReady]>(HELD_FILE_READY_SIGNAL);

/** Answers under way at once. Temporal fails the task of a workflow with more than 2,000 signals under way. */
const MAX_UNDER_WAY = 200;

/** Sends answers, some at a time. */
export class Answers {
  /** How many are under way. */
  count = 0;

  constructor(private readonly tasks: Tasks) {}

  /** How many more can be sent now. */
  get room(): number {
    return MAX_UNDER_WAY - this.count;
  }

  send(waiting: Waiting, content: Pick<HeldFileReady, 'file' | 'failure'>): void {
    this.count += 1;
    this.tasks.begin(async () => {
      try {
        await answer(waiting, content);
      } finally {
        this.count -= 1;
      }
    });
  }
}

/** Answers a workflow. One that has ended is not answered; its lease ends by itself. */
async function answer(
  { leaseId, workflowId }: Waiting,
  content: Pick<HeldFileReady, 'file' | 'failure'>,
): Promise<void> {
  const holdId = workflowInfo().workflowId;
  // Its own signal would only make its history longer.
  if (workflowId === holdId) return;
  try {
    await CancellationScope.nonCancellable(() =>
      getExternalWorkflowHandle(workflowId).signal(heldFileReady, { holdId, leaseId, ...content }),
    );
  } catch (error) {
    if (!(error instanceof TemporalFailure)) throw error;
    log.warn('A workflow that acquired a lease could not be answered', {
      workflowId,
      reason: reasonOf(error),
    });
  }
}

/** A failure as it is in an answer. */
export function toHoldFailure(failure: Error): HoldFailure {
  const known = fromApplicationFailure(failure);
  if (known) return { type: known.name, message: known.message, details: failureDetails(known) };
  if (isCancellation(failure)) return { type: 'CancelledFailure', message: 'The hold was cancelled' };
  const type = failure instanceof ApplicationFailure ? failure.type : undefined;
  return { type: type ?? failure.name, message: reasonOf(failure) };
}

/** Answers that the workflow has received, and that no code has read yet. */
export const answers = runState(() => new Map<string, HeldFileReady>());

export function keyOf({ holdId, leaseId }: Pick<HeldFileReady, 'holdId' | 'leaseId'>): string {
  return JSON.stringify([holdId, leaseId]);
}

export function listen(): void {
  // The signal can come from anyone, with any argument.
  setHandler(heldFileReady, (answer) => void (isRecord(answer) && answers().set(keyOf(answer), answer)), {
    description: 'The answer of a hold of which this workflow acquired a lease',
  });
}

/** @param failure - of a signal that can come from anyone */
export function toFailure(failure: unknown): ApplicationFailure {
  const { type, message, details }: Partial<HoldFailure> = isRecord(failure) ? failure : {};
  const known = isFailureType(type) ? ERROR_CLASSES[type] : UploadFailedError;
  const text = typeof message === 'string' ? message : 'The hold gave no file';
  return toApplicationFailure(new known(text, { ...details }));
}
