/** What becomes of a file after its upload. */

import type { Duration } from '../../contract/duration.js';

/** `NEVER`: PROCESSING until it expires, as some files at the provider do. */
export type Outcome = 'ACTIVE' | 'FAILED' | 'NEVER';

export interface UploadedFile {
  /** `files/<id>`. */
  readonly name: string;
  /** Empty if none was given. */
  readonly displayName: string;
  readonly mimeType: string;
  readonly sizeBytes: number;
}

export interface Processing {
  /** Time in PROCESSING; 0 with outcome ACTIVE is ACTIVE in the answer to the finalize. */
  readonly after: Duration;
  /** @default 'ACTIVE' */
  readonly outcome?: Outcome;
}
