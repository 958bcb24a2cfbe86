/**
 * Entry point `temporal-gemini-files/nexus`: the Nexus service as its callers see it. Sandbox-safe, so that a caller's
 * workflow can import it; the worker that serves it needs `temporal-gemini-files/nexus/handler`.
 */

import { operation, service } from 'nexus-rpc';
import type { ActiveFile } from '../contract/file.js';
import type { AcquiredHold, HoldOptions } from '../contract/hold.js';
import type { HoldTarget } from '../contract/hold-target.js';
import { RELEASE_HOLD_SIGNAL, WORKFLOW } from '../contract/names.js';
import type { UploadOptions } from '../contract/options.js';
import type { WaitOptions } from '../contract/wait-options.js';

/**
 * For callers in other namespaces: `createNexusServiceClient({ service: geminiFilesService, endpoint })` in a workflow.
 *
 * @example
 * ```ts
 * import { createNexusServiceClient } from '@temporalio/workflow';
 * import { geminiFilesService } from 'temporal-gemini-files/nexus';
 *
 * const files = createNexusServiceClient({ service: geminiFilesService, endpoint: 'media' });
 * const file = await files.executeOperation('uploadAndWaitActive', { path: 'clip.mp4' }, { scheduleToCloseTimeout: '1h' });
 * ```
 */
export const geminiFilesService = service('geminiFiles', {
  /**
   * Uploads a file and waits until it is ACTIVE. Cancelled, it deletes the file before it ends. Give the operation a
   * `scheduleToCloseTimeout`: within it, the file is returned, or deleted.
   */
  [WORKFLOW.uploadAndWaitActive]: operation<UploadOptions, ActiveFile>(),
  /**
   * Acquires a lease of a hold, and returns its file when it is ACTIVE. Called again with the same `holdId` and `leaseId`, it extends the
   * lease and returns the file as it is then. Give it a `holdId` to share the file, or to have it released.
   */
  [WORKFLOW.holdActiveFile]: operation<HoldOptions & HoldTarget, AcquiredHold>(),
  /** Ends a lease; one that does not exist is ignored. */
  [RELEASE_HOLD_SIGNAL]: operation<Pick<AcquiredHold, 'holdId' | 'leaseId'>, void>(),
  /**
   * Waits until a file that somebody else uploaded is ACTIVE. The file is kept, unless `cleanupOnTimeout` is true. Within the
   * operation's `scheduleToCloseTimeout`, the file is returned, or the operation fails.
   */
  [WORKFLOW.waitActive]: operation<WaitOptions, ActiveFile>(),
});

export type { ActiveFile } from '../contract/file.js';
export type { AcquiredHold, HoldOptions } from '../contract/hold.js';
export type { HoldTarget } from '../contract/hold-target.js';
export type { UploadOptions } from '../contract/options.js';
export type { WaitOptions } from '../contract/wait-options.js';
