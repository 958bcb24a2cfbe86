import { resolveUploadOptions, type UploadOptions } from '../contract/options.js';
import type { ActiveFile } from '../contract/file.js';
import { parseOverrides } from './activity-overrides.js';
import { deleteFile, hintsForActive } from './deletion.js';
import { failWorkflowTask, isProgrammingError } from './fault.js';
import { ROOM_OF_DELETE, keepRoom, onRoomUsed, roomUsedFailure } from './history-room.js';
import { activitiesFor } from './proxies.js';
import { uploadAndWaitActive, type RunOptions } from './upload-and-wait-active.js';

/**
 * Uploads a file, waits until it is ACTIVE, and runs `fn` with it. The file is deleted when the block ends: by return, by a
 * failure, by cancellation, or because `fn` continues as new. `cleanupOnTimeout: false` is for the upload and the wait alone; a
 * file that became ACTIVE is always deleted.
 *
 * An error that is neither a `TemporalFailure` nor of a class in `workflowFailureErrorTypes` or `failureExceptionTypes` is a fault
 * of the code to Temporal, and does not end the block: it fails the workflow task, also inside a `try`, and the block goes on
 * with its file once the code is right. For an error that the workflow gets over, throw an `ApplicationFailure`.
 *
 * If `fn` itself uses the room that the workflow's history has, the file is deleted before Temporal terminates the workflow, and
 * what `fn` returns then is replaced by an `UploadFailedError`.
 *
 * What `fn` returns or fails with comes through as it is, once the delete has ended. A delete that failed is logged with the
 * file's name, and does not fail the block.
 *
 * @param input - the file and the options of its upload
 * @param fn - the block; it gets the file when that is ACTIVE
 * @param options - bounds of the run, and Temporal's activity options
 * @throws ApplicationFailure of the contract if the file does not become ACTIVE; `fn` is not called then
 *
 * @example
 * ```ts
 * import { withActiveFile } from 'temporal-gemini-files/workflow';
 *
 * export async function describeVideo(path: string): Promise<string> {
 *   return withActiveFile({ path, timeout: '10m' }, (file) => ask('What happens in it?', file));
 * }
 * ```
 */
export async function withActiveFile<T>(
  input: UploadOptions,
  fn: (file: ActiveFile) => T | Promise<T>,
  options: RunOptions = {},
): Promise<T> {
  // A wait that continues as new leaves here, and takes its file along.
  const file = await uploadAndWaitActive(input, options);
  const room = keepRoom(ROOM_OF_DELETE);
  let deleted: Promise<void> | undefined;
  const remove = () => (deleted ??= deleteActive(file, input, options));
  const watch = onRoomUsed(() => void remove());
  try {
    let result: T;
    try {
      result = await fn(file);
    } catch (error) {
      if (isProgrammingError(error)) await failWorkflowTask(error);
      await remove();
      throw error;
    }
    const lost = deleted !== undefined;
    await remove();
    if (lost) throw roomUsedFailure();
    return result;
  } finally {
    watch.stop();
    room.release();
  }
}

/** Deletes a file that was handed out; never throws, and no cancellation reaches it. */
export async function deleteActive(
  file: ActiveFile,
  input: UploadOptions,
  { activityOptions }: RunOptions,
): Promise<void> {
  const options = resolveUploadOptions(input);
  const activities = activitiesFor(options, parseOverrides(activityOptions));
  await deleteFile(activities, file.id, options, hintsForActive(file));
}
