/** What the query and the Web UI show of a hold. */

import { defineQuery, defineSignal, setCurrentDetails } from '@temporalio/workflow';
import type { AcquireHold, HoldStatus, ReleaseHold } from '../../contract/hold.js';
import { ACQUIRE_HOLD_SIGNAL, HELD_FILE_QUERY, RELEASE_HOLD_SIGNAL } from '../../contract/names.js';
import { formatValue } from '../../contract/show.js';
import { readable } from '../status.js';

/** Query of a hold: its phase, its file if a prompt can use it now, and its leases. */
export const heldFile = defineQuery<HoldStatus>(HELD_FILE_QUERY);
/**
 * Signal to a hold: acquires a lease, or extends it. A workflow that is named in `replyTo` is answered by
 * `heldFileReady`.
 */
export const acquireHold = defineSignal<[AcquireHold]>(ACQUIRE_HOLD_SIGNAL);
/** Signal to a hold: ends a lease. With the last one, the hold deletes its file. */
export const releaseHold = defineSignal<[ReleaseHold]>(RELEASE_HOLD_SIGNAL);

/** Leases that are shown one by one. */
const MAX_SHOWN = 10;

/** @param renewAt - the next renewal, milliseconds since the epoch */
export function showHold(status: HoldStatus, renewAt: number | undefined): void {
  const { phase, file, leases, renewals, lastError } = status;
  const more = leases.length - MAX_SHOWN;
  const lines = [
    `**${phase}**${file ? ` \`${file.id}\`` : ''}\n`, // Temporal's Web UI shows a list only below an empty line
    file?.expirationTime && `- expires: ${readable(file.expirationTime)}`,
    renewAt !== undefined && `- next renewal: ${readable(new Date(renewAt).toISOString())}`,
    `- renewals: ${renewals}`,
    lastError && `- last error: ${lastError.type}: ${formatValue(lastError.message)}`,
    `- leases: ${leases.length}`,
    ...leases.slice(0, MAX_SHOWN).map(
      ({ id, until }) =>
        // The Web UI puts the items of a list within a list into one line.
        `- lease ${formatValue(id)} ${until ? `until ${readable(until)}` : 'waits for the file'}`,
    ),
    more > 0 && `- ${more} more leases`,
  ];
  setCurrentDetails(lines.filter(Boolean).join('\n'));
}
