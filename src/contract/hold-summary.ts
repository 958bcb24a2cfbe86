/** What Temporal's Web UI shows beside the id of a hold. */

import type { FileOrigin } from './options.js';
import { summaryOf } from './source.js';

const HOLD = 'hold ';

/** Names the file of a hold. */
export const summaryOfHold = (file: FileOrigin) => `${HOLD}${summaryOf(file)}`;

/** The file of a hold in such a summary; undefined if it is another one. */
export function fileInSummary(summary: string): string | undefined {
  return summary.startsWith(HOLD) ? summary.slice(HOLD.length) : undefined;
}
