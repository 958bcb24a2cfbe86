/**
 * Entry point `temporal-gemini-files/nexus`: the Nexus service as its callers see it. Sandbox-safe, so that a caller's
 * workflow can import it; the worker that serves it needs `temporal-gemini-files/nexus/handler`.
 */

import { operation, service } from 'nexus-rpc';
import type { ActiveFile } from '../contract/file.js';
import { WORKFLOW } from '../contract/names.js';
import type { UploadOptions } from '../contract/options.js';
import type { WaitOptions } from '../contract/wait-options.js';

/** For callers in other namespaces: `createNexusServiceClient({ service: geminiFilesService, endpoint })` in a workflow. */
export const geminiFilesService = service('geminiFiles', {
  /**
   * Uploads a file and waits until it is ACTIVE. Cancelled, it deletes the file before it ends. Give the operation a
   * `scheduleToCloseTimeout`: within it, the file is returned, or deleted.
   */
  [WORKFLOW.uploadAndWaitActive]: operation<UploadOptions, ActiveFile>(),
  /**
   * Waits until a file that somebody else uploaded is ACTIVE. The file is kept, unless `cleanupOnTimeout` is true. Within the
   * operation's `scheduleToCloseTimeout`, the file is returned, or the operation fails.
   */
  [WORKFLOW.waitActive]: operation<WaitOptions, ActiveFile>(),
});

export type { ActiveFile } from '../contract/file.js';
export type { UploadOptions } from '../contract/options.js';
export type { WaitOptions } from '../contract/wait-options.js';
