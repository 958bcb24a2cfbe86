import { createRequire } from 'node:module';
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

/**
 * Loads the native module alone, which takes no time beside the rest of the SDK.
 *
 * @throws MissingDependencyError as `loadWorkerSdk` does
 */
export function assertNativeModule(): void {
  try {
    // It is the worker SDK's dependency, not this package's.
    const sdk = createRequire(import.meta.url).resolve('@temporalio/worker');
    createRequire(sdk)('@temporalio/core-bridge');
  } catch (error) {
    throw new MissingDependencyError(nativeModuleProblem(error), { cause: error });
  }
}
