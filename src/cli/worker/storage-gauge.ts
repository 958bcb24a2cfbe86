/** The bytes in use, as a gauge of the worker's metrics. */

import { setTimeout as sleep } from 'node:timers/promises';
import { Runtime } from '@temporalio/worker';
import { storageUsage } from '../../gemini/index.js';
import type { Settings } from '../../worker/internal.js';

/** Between two readings, in milliseconds; independent of how often the metrics are fetched. */
const INTERVAL_MS = 300_000;

/** How much longer the pause after a reading is than the reading, at least: a list of many pages takes long to read. */
const PAUSE_PER_READING = 100;

/**
 * Reads the storage of each key now and then, until the signal aborts. A reading that fails is left out: the gauge keeps its last
 * value, and the requests of the uploads tell what is wrong.
 */
export function watchStorage(
  { connect, keySource, profiles }: Pick<Settings, 'connect' | 'keySource' | 'profiles'>,
  signal: AbortSignal,
  { intervalMs = INTERVAL_MS, pausePerReading = PAUSE_PER_READING } = {},
): void {
  const { metricMeter } = Runtime.instance();
  const used = metricMeter.createGauge(
    'gemini_files_storage_bytes',
    'int',
    undefined,
    'Bytes of the files that the provider lists',
  );
  const quota = metricMeter.createGauge(
    'gemini_files_storage_quota_bytes',
    'int',
    undefined,
    "The provider's storage quota for one project, in bytes",
  );
  const watch = async (profile: string | undefined): Promise<void> => {
    while (!signal.aborted) {
      const startedAt = performance.now();
      let pauseMs = intervalMs;
      try {
        const { bytes, quotaBytes } = await storageUsage(await connect(profile), signal);
        const tags = { credentials: profile ?? 'default' };
        used.set(bytes, tags);
        quota.set(quotaBytes, tags);
        pauseMs = Math.max(intervalMs, (performance.now() - startedAt) * pausePerReading);
      } catch {
        // See above.
      }
      await sleep(pauseMs, undefined, { signal, ref: false }).catch(() => undefined);
    }
  };
  for (const profile of [...(keySource ? [undefined] : []), ...profiles.keys()]) void watch(profile);
}
