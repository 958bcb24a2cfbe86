/** The file of a hold as data: what one run of the holder hands to the next. */

import type { HoldStatus } from '../../contract/hold.js';
import type { CarriedUpload } from '../carried-upload.js';
import type { CarriedWait, WaitState } from '../wait-state.js';
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

/** An upload that one run hands to the next: in its wait until the file is ACTIVE, or before. */
export type ParkedUpload =
  | { readonly wait: WaitState; readonly upload?: undefined }
  | { readonly upload: CarriedUpload; readonly wait?: undefined };

/** The file as data: what one run hands to the next. */
export interface KeptFileData {
  readonly files: HeldFilesData;
  readonly renewal: Renewal;
  /** The open wait of an upload. */
  readonly wait?: CarriedWait;
  /** An open upload. To a sweep, which finds it by that, it is an open wait of its file. */
  readonly upload?: {
    readonly runId: string;
    readonly state: { readonly file: { readonly name: string }; readonly upload: CarriedUpload };
  };
}
