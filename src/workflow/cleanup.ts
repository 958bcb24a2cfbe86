/** The compensation: the file of a run that will not be handed out is deleted. */

import { ActivityFailure, CancellationScope, log, TimeoutFailure } from '@temporalio/workflow';
import type { UploadHeartbeat } from '../contract/activities.js';
import type { Cleanup } from '../contract/errors.js';
import type { ResolvedUploadOptions } from '../contract/options.js';
import { causes, reasonOf } from './failures.js';
import { countCleanup } from './metrics.js';
import type { Activities } from './proxies.js';

/** The session of an upload that was cut off, from its last heartbeat: it may still be open at the provider. */
function openSession(reason: unknown): { session?: string } {
  for (const cause of causes(reason)) {
    if (!(cause instanceof TimeoutFailure)) continue;
    const beat = cause.lastHeartbeatDetails as UploadHeartbeat | null | undefined;
    if (typeof beat?.session === 'string') return { session: beat.session };
  }
  return {};
}

/** Deletes `name`, also while the workflow is being cancelled. Never throws: the reason for the clean-up must stay the failure. */
export async function cleanUp(
  activities: Activities,
  name: string,
  options: ResolvedUploadOptions,
  reason?: unknown,
): Promise<Cleanup> {
  return CancellationScope.nonCancellable(async () => {
    try {
      await activities.delete({
        name,
        ...(options.credentials !== undefined && { credentials: options.credentials }),
        ...openSession(reason),
      });
      countCleanup('deleted');
      return 'deleted';
    } catch (error) {
      if (!(error instanceof ActivityFailure)) throw error;
      countCleanup('failed');
      log.warn('The file could not be deleted; it stays at the provider until it expires', {
        file: name,
        reason: reasonOf(error),
      });
      return 'failed';
    }
  });
}
