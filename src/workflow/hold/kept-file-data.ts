/** The file of a hold as data: what one run of the holder hands to the next. */

import type { HoldStatus } from '../../contract/hold.js';
import type { CarriedWait } from '../wait-state.js';
import type { HeldFilesData } from './held-files.js';

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

/** The file as data: what one run hands to the next. */
export interface KeptFileData {
  readonly files: HeldFilesData;
  readonly renewal: Renewal;
  /** The open wait of an upload. */
  readonly wait?: CarriedWait;
}
