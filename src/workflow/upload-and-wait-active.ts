/** The two workflows. Each can also be called inline, as a function, from a user's own workflow. */

import { continueAsNew, workflowInfo } from '@temporalio/workflow';
import { isGeminiFilesError } from '../contract/errors.js';
import { toApplicationFailure } from '../contract/failure.js';
import type { ActiveFile } from '../contract/file.js';
import { WORKFLOW } from '../contract/names.js';
import { resolveUploadOptions, type ResolvedUploadOptions, type UploadOptions } from '../contract/options.js';
import type { ActivityOverrides } from './proxies.js';
import { run } from './run.js';
import type { WaitState } from './wait.js';

/** How a run is made, beside what is uploaded. */
export interface RunOptions {
  /** Temporal's activity options, laid over this package's, an activity each. */
  readonly activityOptions?: ActivityOverrides;
  /** @internal State of a run that continued as new. */
  readonly carried?: WaitState;
}

/**
 * Uploads a file and waits, durably, until it is ACTIVE at the provider.
 *
 * The file is deleted on timeout, on failure and on cancellation (`cleanupOnTimeout: false` keeps it).
 *
 * @throws ApplicationFailure whose `type` is one of the contract's; `details[0]` is a `FailureDetails`
 */
export async function uploadAndWaitActive(
  input: UploadOptions,
  options: RunOptions = {},
): Promise<ActiveFile> {
  const own = workflowInfo().workflowType === WORKFLOW.uploadAndWaitActive;
  return start(input, options, own, (carried) =>
    continueAsNew<typeof uploadAndWaitActive>(input, { ...options, carried }),
  );
}

/** `uploadAndWaitActive`, of whose result only the `uri` is wanted. */
export async function preuploadAndWaitActive(
  input: UploadOptions,
  options: RunOptions = {},
): Promise<string> {
  const own = workflowInfo().workflowType === WORKFLOW.preuploadAndWaitActive;
  const file = await start(input, options, own, (carried) =>
    continueAsNew<typeof preuploadAndWaitActive>(input, { ...options, carried }),
  );
  return file.uri;
}

async function start(
  input: UploadOptions,
  options: RunOptions,
  own: boolean,
  next: (carried: WaitState) => Promise<never>,
): Promise<ActiveFile> {
  return run(validated(input), {
    own,
    // State from anywhere but this workflow's own earlier run could name a file that is not its own.
    ...(options.carried && workflowInfo().continuedFromExecutionRunId && { carried: options.carried }),
    ...(options.activityOptions && { overrides: options.activityOptions }),
    // Inline, the workflow is the caller's: only the caller can continue it as new.
    onLong: own ? next : () => Promise.resolve(),
  });
}

function validated(input: UploadOptions): ResolvedUploadOptions {
  try {
    return resolveUploadOptions(input);
  } catch (error) {
    throw isGeminiFilesError(error) ? toApplicationFailure(error) : error;
  }
}
