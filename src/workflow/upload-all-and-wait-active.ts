import { CancellationScope, patched, TemporalFailure } from '@temporalio/workflow';
import { InvalidOptionsError } from '../contract/errors.js';
import type { ActiveFile } from '../contract/file.js';
import {
  BOUNDS,
  resolveUploadOptions,
  type ResolvedUploadOptions,
  type UploadOptions,
} from '../contract/options.js';
import { formatValue } from '../contract/show.js';
import { invalidValue } from '../contract/invalid-option.js';
import { parseOverrides, refuseActivityIds, type ActivityOverrides } from './activity-overrides.js';
import { examineFiles } from './examine-files.js';
import { ROOM_OF_DELETE, keepRoom, type KeptRoom } from './history-room.js';
import { checkResultSize, throwIfTooLong } from './upload-all-bounds.js';
import { uploadAndWaitActive, asApplicationFailure, type RunOptions } from './upload-and-wait-active.js';
import { deleteActive } from './with-active-file.js';

/** Options of `uploadAllAndWaitActive`. */
export interface UploadAllOptions extends Pick<RunOptions, 'activityOptions'> {
  /** How many files are uploaded or waited for at a time, 1 to 500. @default 5 */
  readonly concurrency?: number;
}

const DEFAULT_CONCURRENCY = 5;

/**
 * Uploads many files and waits until each is ACTIVE, so many at a time. Results are in the order of `inputs`.
 *
 * All or nothing: if one fails, or the workflow is cancelled, the others are cancelled, and every file is deleted, also
 * those that were ACTIVE already (but for inputs with `cleanupOnTimeout: false`, whose files are kept). Only then is the first
 * failure thrown. All inputs are checked, and all files are looked at on the worker, before the first upload begins; a source that is unavailable then is left to
 * the uploads of its files, which try again. To take what succeeds, call `uploadAndWaitActive` for each under `Promise.allSettled`.
 *
 * One history has room for 2,000 files that are checked once (17 events each, and 6 for the delete, of the 51,200 that Temporal
 * takes), or for fewer that are checked more often. When all room but that of the clean-up is used, the call fails with
 * `UploadFailedError`, and deletes all. For more files, or long waits, start child workflows, which have histories of their own.
 *
 * @param inputs - the files, each with the options of its upload
 * @param options - how many at a time
 * @throws ApplicationFailure of the file that failed first; its `details[0].id` names it
 *
 * @example
 * ```ts
 * import { uploadAllAndWaitActive } from 'temporal-gemini-files/workflow';
 *
 * const files = await uploadAllAndWaitActive([{ path: 'one.mp4' }, { path: 'two.mp4' }], { concurrency: 2 });
 * ```
 */
export async function uploadAllAndWaitActive(
  inputs: readonly UploadOptions[],
  { concurrency = DEFAULT_CONCURRENCY, activityOptions }: UploadAllOptions = {},
): Promise<ActiveFile[]> {
  const resolved = asApplicationFailure(() => check(inputs, concurrency));
  const overrides = asApplicationFailure(() => {
    const parsed = parseOverrides(activityOptions);
    if (Math.min(inputs.length, concurrency) > 1) checkIds(parsed);
    return parsed;
  });
  const examination = examineFiles(resolved, overrides);
  if (examination) await examination;
  const options: RunOptions = activityOptions ? { activityOptions } : {};
  const files = new Map<number, ActiveFile>();
  const held: KeptRoom[] = [];
  try {
    await mapWithConcurrency(inputs.length, concurrency, async (index) => {
      files.set(index, await uploadAndWaitActive(inputs[index] as UploadOptions, options));
      held.push(keepRoom(ROOM_OF_DELETE));
    });
    const result = inputs.map((_, index) => files.get(index) as ActiveFile);
    throwIfTooLong(result);
    return result;
  } catch (error) {
    // A fault of the code, which Temporal retries as a workflow task: nothing has failed.
    if (!(error instanceof TemporalFailure)) throw error;
    const unwanted = [...files].filter(([index]) => inputs[index]?.cleanupOnTimeout !== false);
    await CancellationScope.nonCancellable(() =>
      mapWithConcurrency(unwanted.length, concurrency, async (at) => {
        const [index, file] = unwanted[at] as [number, ActiveFile];
        await deleteActive(file, inputs[index] as UploadOptions, options);
      }),
    );
    throw error;
  } finally {
    for (const room of held) room.release();
  }
}

/** Runs `work` for 0 to `count` - 1, in order, so many at a time. The first failure cancels the rest; all have ended when it is thrown. */
async function mapWithConcurrency(
  count: number,
  concurrency: number,
  work: (index: number) => Promise<void>,
): Promise<void> {
  const failures: TemporalFailure[] = [];
  await CancellationScope.cancellable(async () => {
    const scope = CancellationScope.current();
    let next = 0;
    const lane = async () => {
      while (next < count && failures.length === 0) {
        try {
          await work(next++);
        } catch (error) {
          if (!(error instanceof TemporalFailure)) throw error;
          failures.push(error);
          scope.cancel();
        }
      }
    };
    await Promise.all(Array.from({ length: Math.min(concurrency, count) }, lane));
  });
  if (failures[0]) throw failures[0];
}

/** A run of 0.1.0 may have ended well: if no two activities with the id were open at a time. */
function checkIds(overrides: ActivityOverrides): void {
  try {
    refuseActivityIds(overrides);
  } catch (error) {
    if (patched('batch-refuses-activity-ids')) throw error;
  }
}

function check(inputs: unknown, concurrency: unknown): ResolvedUploadOptions[] {
  if (!Array.isArray(inputs))
    throw new InvalidOptionsError(`Invalid inputs: expected a list of options, got ${formatValue(inputs)}`);
  if (inputs.length > BOUNDS.files) {
    throw new InvalidOptionsError(
      `Invalid inputs: expected at most ${BOUNDS.files} in one workflow, got ${inputs.length}; start child workflows for more`,
    );
  }
  const resolved = inputs.map((input) => resolveUploadOptions(input));
  if (!Number.isInteger(concurrency) || Number(concurrency) < 1 || Number(concurrency) > BOUNDS.concurrency) {
    throw invalidValue('concurrency', `expected a whole number from 1 to ${BOUNDS.concurrency}`, concurrency);
  }
  checkResultSize(resolved);
  return resolved;
}
