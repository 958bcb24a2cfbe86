/** How the state of a hold's renewals changes: pure. */

import type { HoldStatus } from '../../contract/hold.js';
import { retryTime } from './schedule.js';

/** The state of the renewals. Times in milliseconds since the epoch. */
export interface Renewal {
  readonly renewals: number;
  /** When the file was first ACTIVE. */
  readonly firstActiveAt?: number;
  /** When the file was last seen ACTIVE. */
  readonly checkedAt: number;
  /** When the next renewal begins. */
  readonly renewAt: number;
  /** Attempts of the next renewal that failed. */
  readonly failures: number;
  readonly lastError: HoldStatus['lastError'];
}

/** Before the first upload. */
export const NO_RENEWAL: Renewal = { renewals: 0, checkedAt: 0, renewAt: 0, failures: 0, lastError: null };

/** After an upload: of the first file, or of one that replaces another. */
export function afterUpload(
  { renewals, firstActiveAt }: Renewal,
  upload: { readonly isFirst: boolean; readonly now: number; readonly renewAt: number },
): Renewal {
  const { isFirst, now, renewAt } = upload;
  return {
    ...NO_RENEWAL,
    renewals: isFirst ? renewals : renewals + 1,
    firstActiveAt: firstActiveAt ?? now,
    checkedAt: now,
    renewAt,
  };
}

/** After a renewal that failed, which is tried again. */
export function afterFailure(
  renewal: Renewal,
  failure: { readonly error: HoldStatus['lastError']; readonly now: number; readonly expiresAt: number },
): Renewal {
  const failures = renewal.failures + 1;
  const renewAt = retryTime(failure.now, failures, failure.expiresAt, Math.random());
  return { ...renewal, renewAt, failures, lastError: failure.error };
}
