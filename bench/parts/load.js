/** Many waits at once on one worker: time, and that nothing is uploaded twice. */
import { limit } from '../lib/report.js';
import { medianRatio } from '../lib/stats.js';
import { completenessLimits, waitsAtOnce } from '../lib/waits-at-once.js';
import { loadTable } from './load-tables.js';

/** @param options - `count` of waits, `processingMs` and `rounds` */
export async function load({ count, processingMs, rounds }) {
  const runs = { plain: [], ours: [] };
  for (let round = 1; round <= rounds; round += 1)
    for (const who of ['plain', 'ours'])
      runs[who].push(await waitsAtOnce(`load, round ${round}: ${who}`, who, { count, processingMs }));
  const total = (who) => runs[who].map(({ totalMs }) => totalMs);
  return {
    figures: { count, processingMs, runs },
    limits: [
      limit('total time ÷ plainest workflow', medianRatio(total('ours'), total('plain')), 1),
      ...completenessLimits(runs.ours),
    ],
    tables: [loadTable({ count, processingMs, runs })],
  };
}
