/** What the functions of the client are given. */

import type { WorkflowStartOptions } from '@temporalio/client';
import type { ActiveFile } from '../contract/file.js';
import { InvalidOptionsError } from '../contract/errors.js';
import { resolveUploadOptions, type FileOrigin, type UploadOptions } from '../contract/options.js';
import type { WaitOptions } from '../contract/wait-options.js';

export type Upload = (input: UploadOptions) => Promise<ActiveFile>;

/** What is uploaded: a path, as the worker sees it, or one of `path` and `source` by name. */
export type UploadFrom = string | FileOrigin;

/**
 * The upload options without the path and the source.
 *
 * @interface
 */
export type UploadSettings = Omit<UploadOptions, keyof FileOrigin>;

/**
 * The options of a wait without the file's id.
 *
 * @interface
 */
export type WaitSettings = Omit<WaitOptions, 'id'>;

/**
 * Temporal's start options; `taskQueue` is that of the workflow. `requestEagerStart` needs a client that has the `NativeConnection` of a worker in
 * the same process: the run then begins there, whatever the current version of workers is.
 */
export type StartOptions = Partial<Omit<WorkflowStartOptions<Upload>, 'args'>>;

/** Checks the input before anything is started. It is sent without defaults, so that a newer worker's defaults apply. */
export function toInput(from: UploadFrom, settings: UploadSettings): UploadOptions {
  if (ArrayBuffer.isView(from))
    throw new InvalidOptionsError(
      'Invalid options: expected a path or { source }, not bytes: write them to a file, or upload them with temporal-gemini-files/gemini',
    );
  const input: UploadOptions = { ...settings, ...(typeof from === 'string' ? { path: from } : from) };
  resolveUploadOptions(input);
  return input;
}
