import type { ActiveFile } from '../contract/file.js';
import { WORKFLOW } from '../contract/names.js';
import { resolveWaitOptions, type WaitOptions } from '../contract/wait-options.js';
import { withWaitMetrics } from './metrics.js';
import { describeEntryPoint } from './entry-point.js';
import { startRun, type RunOptions } from './upload-and-wait-active.js';

/**
 * Waits, durably, until a file that somebody else uploaded is ACTIVE: a browser, another SDK, or a program in any language. It
 * is the wait of `uploadAndWaitActive`, with its query, signal and failures. The first check comes at once.
 *
 * The run does not own the file: it is kept, whatever happens, unless `cleanupOnTimeout` is true. A sweep never deletes it.
 *
 * @param input - the id of the file and the options of the wait
 * @param options - bounds of the run, and Temporal's activity options
 * @throws ApplicationFailure whose `type` is one of the contract's; `details[0]` is a `FailureDetails`. `UploadFailedError` also if
 * the provider denies the file twice in a row: it does not exist, or it belongs to the project of another API key.
 *
 * @example
 * ```ts
 * import { waitActive } from 'temporal-gemini-files/workflow';
 *
 * const file = await waitActive({ id: 'files/abc123', timeout: '5m' });
 * ```
 */
export async function waitActive(input: WaitOptions, options: RunOptions = {}): Promise<ActiveFile> {
  const entry = describeEntryPoint(waitActive, WORKFLOW.waitActive);
  return withWaitMetrics(() => startRun(entry, resolveWaitOptions, input, options));
}
