/** The compensation: the file of a run that will not be handed out is deleted. */

import {
  ActivityFailure,
  CancellationScope,
  CancelledFailure,
  log,
  TimeoutFailure,
} from '@temporalio/workflow';
import type { UploadHeartbeat } from '../contract/activities.js';
import type { Cleanup } from '../contract/errors.js';
import type { ResolvedUploadOptions } from '../contract/options.js';
import type { Activities } from './proxies.js';

/** The session of an upload that was cut off, from its last heartbeat: it may still be open at the provider. */
function openSession(error: unknown): { session?: string } {
  const failure = error instanceof CancelledFailure ? error.cause : error;
  if (!(failure instanceof ActivityFailure) || !(failure.cause instanceof TimeoutFailure)) return {};
  const beat = failure.cause.lastHeartbeatDetails as UploadHeartbeat | undefined;
  return typeof beat?.session === 'string' ? { session: beat.session } : {};
}

/** Deletes `name`, also while the workflow is being cancelled. Never throws: the reason for the clean-up must stay the failure. */
export async function cleanUp(
  activities: Activities,
  name: string,
  options: ResolvedUploadOptions,
  reason: unknown,
): Promise<Cleanup> {
  return CancellationScope.nonCancellable(async () => {
    try {
      await activities.delete({
        name,
        ...(options.credentials !== undefined && { credentials: options.credentials }),
        ...openSession(reason),
      });
      return 'deleted';
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
      log.warn('The file could not be deleted; it stays at the provider until it expires', {
        file: name,
        reason: error.cause?.message ?? error.message,
      });
      return 'failed';
    }
  });
}
