/** The two workflows. Each can also be called inline, as a function, from a user's own workflow. */

import { continueAsNew } from '@temporalio/workflow';
import { isGeminiFilesError } from '../contract/errors.js';
import { toApplicationFailure } from '../contract/failure.js';
import type { ActiveFile } from '../contract/file.js';
import { WORKFLOW } from '../contract/names.js';
import { resolveUploadOptions, type UploadOptions } from '../contract/options.js';
import { parseOverrides, type ActivityOverrides } from './activity-overrides.js';
import type { Duration } from '../contract/duration.js';
import { runEnd } from './end-within.js';
import type { FileOptions } from './file-options.js';
import { withUploadMetrics } from './metrics.js';
import { describeEntryPoint, type EntryPoint } from './entry-point.js';
import { checkOverridesSize } from './payload-bounds.js';
import { run } from './run.js';
import { acceptCarriedWait, toCarriedWait, type CarriedWait } from './wait-state.js';

/** How a run is made, beside what is uploaded. */
export interface RunOptions {
  /** Temporal's activity options, laid over this package's, an activity each; at most 4,096 bytes as JSON. */
  readonly activityOptions?: ActivityOverrides;
  /**
   * For a file that is not used later: within this time the run returns an ACTIVE file, or fails, with its clean-up. The upload
   * and the wait end a tenth of it earlier (at most 5 s), as if their own time was up. It counts from the call; as a workflow
   * of its own, from the start of the workflow, also if no worker is there. A Nexus operation sets it by its caller's timeout.
   */
  readonly endWithin?: Duration;
  /**
   * For a call inline in a workflow of your own: called between two checks, each time, once Temporal suggests to continue
   * as new, or the history has 2,000 events. Call your `continueAsNew` with `wait` among its arguments, and give it as `carried`
   * in the next run: the wait goes on with the same file, deadline and count of checks. If it returns, the wait continues in
   * this run. Other calls that wait in this run would leave their files behind: use child workflows for several.
   *
   * Without it, a workflow has room for some 4,500 checks in all (11 events each of the 51,200 that Temporal takes): half
   * a day at the default cap of 10 s, two weeks at 5 minutes. A wait that has no more room fails with `UploadFailedError`,
   * after its clean-up. As workflows of their own, the functions continue as new by themselves.
   */
  readonly onContinueAsNewSuggested?: (wait: CarriedWait) => void | Promise<void>;
  /** The wait that the run before this one handed on; one from anywhere else is ignored. */
  readonly carried?: CarriedWait | undefined;
}

/**
 * Uploads a file and waits, durably, until it is ACTIVE at the provider.
 *
 * The file is deleted on timeout, on failure and on cancellation (`cleanupOnTimeout: false` keeps it).
 *
 * @param input - the file and the options of its upload
 * @param options - bounds of the run, and Temporal's activity options
 * @throws ApplicationFailure whose `type` is one of the contract's; `details[0]` is a `FailureDetails`
 *
 * @example
 * ```ts
 * import { toPart, uploadAndWaitActive } from 'temporal-gemini-files/workflow';
 *
 * const file = await uploadAndWaitActive({ path: 'clip.mp4', timeout: '10m' });
 * const part = toPart(file);
 * ```
 */
export async function uploadAndWaitActive(
  input: UploadOptions,
  options: RunOptions = {},
): Promise<ActiveFile> {
  const entry = describeEntryPoint(uploadAndWaitActive, WORKFLOW.uploadAndWaitActive);
  return withUploadMetrics(() => startRun(entry, resolveUploadOptions, input, options));
}

/**
 * `uploadAndWaitActive`, of whose result only the `uri` is wanted.
 *
 * @param input - the file and the options of its upload
 * @param options - bounds of the run, and Temporal's activity options
 * @throws ApplicationFailure whose `type` is one of the contract's; `details[0]` is a `FailureDetails`
 */
export async function preuploadAndWaitActive(
  input: UploadOptions,
  options: RunOptions = {},
): Promise<string> {
  const entry = describeEntryPoint(preuploadAndWaitActive, WORKFLOW.preuploadAndWaitActive);
  return (await withUploadMetrics(() => startRun(entry, resolveUploadOptions, input, options))).uri;
}

/** @param resolve - checks the input */
export async function startRun<Input>(
  entry: EntryPoint,
  resolve: (input: Input) => FileOptions,
  input: Input,
  given: RunOptions | null,
): Promise<ActiveFile> {
  // As a workflow of its own, both arguments are off the wire, and can be anything.
  const { activityOptions, endWithin, onContinueAsNewSuggested, carried } = given ?? {};
  const overrides = asApplicationFailure(() => parseOverrides(activityOptions));
  const options = asApplicationFailure(() => resolve(input));
  const state = acceptCarriedWait(carried, options);
  // A wait that is under way is not refused any more: its file would stay.
  if (!state) asApplicationFailure(() => checkOverridesSize(overrides));
  const end = state?.end ?? asApplicationFailure(() => runEnd(endWithin, entry.isTopLevel));
  return run(options, {
    isTopLevel: entry.isTopLevel,
    overrides,
    ...(state && { carried: state }),
    ...(end && { end }),
    onHistoryLarge: async (wait) => {
      // Inline, the workflow is the caller's: only the caller can continue it as new.
      if (entry.continuesAsNew()) {
        // Only the checked options: anything else in the second argument could be too long together with the wait.
        await continueAsNew<(input: Input, options: RunOptions) => Promise<unknown>>(input, {
          activityOptions: overrides,
          carried: toCarriedWait(wait),
        });
      }
      await onContinueAsNewSuggested?.(toCarriedWait(wait));
    },
  });
}

/** Runs a check of options; what it finds fails the workflow, not the workflow task. */
export function asApplicationFailure<T>(check: () => T): T {
  try {
    return check();
  } catch (error) {
    throw isGeminiFilesError(error) ? toApplicationFailure(error) : error;
  }
}
