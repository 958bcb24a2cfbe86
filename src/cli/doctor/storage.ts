/** How much of the file storage of each key's project is in use. */

import { docPage } from '../doc-page.js';
import { storageUsage } from '../../gemini/index.js';
import type { Settings } from '../../worker/internal.js';
import { errorMessage } from '../../util/error-message.js';
import { formatTime } from '../terminal/format.js';
import { shareOf } from '../storage-share.js';
import { passed, skipped, type Check } from './check.js';
import { withTimeout } from '../../util/with-timeout.js';

const TIMEOUT_MS = 10_000;

/** From this share on, the check advises to free storage. */
const NEARLY_FULL = 0.8;

/** Not asked if the keys have not been accepted: the check of the key says why. */
export async function checkStorage(settings: Settings | undefined, accepted: boolean): Promise<Check[]> {
  if (!settings || !accepted) return [skipped('storage', 'needs a key that the provider accepts')];
  const profiles = [...(settings.keySource ? [undefined] : []), ...settings.profiles.keys()];
  return Promise.all(profiles.map((profile) => checkOne(settings, profile)));
}

async function checkOne({ connect }: Settings, profile: string | undefined): Promise<Check> {
  const of = profile === undefined ? '' : ` of the profile ${profile}`;
  try {
    const usage = await storageUsage(await connect(profile), withTimeout(TIMEOUT_MS));
    const expires = usage.oldestExpirationTime
      ? `, the next expires ${formatTime(usage.oldestExpirationTime)}`
      : '';
    const detail = `${shareOf(usage)}${of}, ${usage.files} files${expires}`;
    const isNearlyFull = usage.bytes >= NEARLY_FULL * usage.quotaBytes;
    return passed('storage', detail, isNearlyFull ? ADVICE : undefined);
  } catch (error) {
    // A long list, or a provider that is slow now, is not a reason to fail: uploads do not need it.
    return skipped('storage', `could not be read${of}: ${errorMessage(error)}`);
  }
}

const ADVICE = `Delete files that are not needed, or upload with onQuotaFull: wait; ${docPage('storage')}.`;
