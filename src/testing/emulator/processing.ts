/** What becomes of a file after its upload. */

import type { Duration } from '../../contract/duration.js';

/** `NEVER`: PROCESSING until it expires, as some files at the provider do. */
export type Outcome = 'ACTIVE' | 'FAILED' | 'NEVER';

/** An uploaded file, for options that are functions of it. */
export interface UploadedFile {
  /** `files/<id>`. */
  readonly name: string;
  /** Empty if none was given. */
  readonly displayName: string;
  /** MIME type that the upload declared. */
  readonly mimeType: string;
  /** Size in bytes. */
  readonly sizeBytes: number;
}

/** How long a file is PROCESSING, and how that ends. */
export interface Processing {
  /** Time in PROCESSING; 0 with outcome ACTIVE is ACTIVE in the answer to the finalize. */
  readonly after: Duration;
  /** The state at the end of the processing. @default 'ACTIVE' */
  readonly outcome?: Outcome;
}
