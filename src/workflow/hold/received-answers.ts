/** The answers of holds, as the workflow that has acquired leases gets them: as signals, which can come from anyone. */

import { type ApplicationFailure, setHandler } from '@temporalio/workflow';
import { ERROR_CLASSES, isFailureType, UploadFailedError } from '../../contract/errors.js';
import { toApplicationFailure } from '../../contract/failure.js';
import type { HeldFileReady, HoldFailure } from '../../contract/hold.js';
import { isRecord } from '../../util/is-record.js';
import { runState } from '../run-state.js';
import { heldFileReady } from './answers.js';

/** Answers that no code has read yet. */
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
