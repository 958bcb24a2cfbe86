import type * as WorkerSdk from '@temporalio/worker';
import { MissingDependencyError } from '../contract/errors.js';
import { nativeModuleProblem } from '../util/native-module.js';

/**
 * Temporal's worker SDK, with its native module. Loaded by what runs a worker, and by nothing else.
 *
 * @throws MissingDependencyError if the native module cannot be loaded on this machine
 */
export async function loadWorkerSdk(): Promise<typeof WorkerSdk> {
  try {
    return await import('@temporalio/worker');
  } catch (error) {
    throw new MissingDependencyError(nativeModuleProblem(error), { cause: error });
  }
}
