/** Pollers and slots of this package's worker, with many waits at once: what the defaults were chosen from. */
import { completenessLimits, waitsAtOnce } from '../lib/waits-at-once.js';
import { pollersTable } from './load-tables.js';

const DEFAULT = { title: '9 + 1 pollers, 120 slots: the default' };

/** @param options - `count` of waits, `processingMs`, `rounds`, and `variants` of the worker */
export async function pollers({ count, processingMs, rounds, variants }) {
  const tried = [DEFAULT, ...variants].map((variant) => ({ ...variant, runs: [] }));
  for (let round = 1; round <= rounds; round += 1)
    for (const { title, worker, runs } of tried)
      runs.push(
        await waitsAtOnce(`pollers, round ${round}: ${title}`, 'ours', { count, processingMs, worker }),
      );
  return {
    figures: { count, processingMs, variants: tried },
    limits: completenessLimits(tried.flatMap(({ runs }) => runs)),
    tables: [pollersTable({ count, processingMs, variants: tried })],
  };
}
