/** Whether a held file can still be used. */

import { ActivityFailure, isCancellation, sleep } from '@temporalio/workflow';
import type { CheckInput } from '../../contract/activities.js';
import type { ResolvedUploadOptions } from '../../contract/options.js';
import { parseCheckResult } from '../activity-results.js';
import type { Activities } from '../proxies.js';
import type { WaitState } from '../wait-state.js';

/** How long a check takes at most. */
const CHECK_MS = 60_000;

/** One denial may be wrong; two in a row, this far apart, are not. */
const DENIALS = 2;
const AGAIN_AFTER = '2s';

/**
 * Asks the provider. No answer proves nothing, so the file counts as usable then. A denial does, also to another API key than
 * the one that uploaded the file: a caller that uses this key cannot use the file.
 */
export async function isDenied(
  { file: { name }, keyFingerprint }: WaitState,
  { credentials }: ResolvedUploadOptions,
  activities: Activities,
): Promise<boolean> {
  for (let denials = 0; ; await sleep(AGAIN_AFTER, { summary: 'before the file is checked again' })) {
    const deadlineMs = Date.now() + CHECK_MS;
    const input = { name, credentials, keyFingerprint, deadlineMs } as CheckInput;
    try {
      const answer = parseCheckResult(await activities.check(CHECK_MS, denials, input), name);
      if (answer === undefined || answer.found) return answer?.file.state === 'FAILED';
    } catch (error) {
      // Also one that would be the same again, such as a revoked key: it says nothing of the file.
      if (error instanceof ActivityFailure && !isCancellation(error)) return false;
      throw error;
    }
    denials += 1;
    if (denials === DENIALS) return true;
  }
}
