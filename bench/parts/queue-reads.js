/**
 * How much of a small upload's time is the dev server's own rhythm. It has one shard, and reads its queue of new tasks 20 times a second
 * at most; with runs one right after the other, their tasks wait for that. A server with many shards reads each of them as often.
 */
import { contestants } from '../lib/contestants.js';
import { smallFiles } from '../lib/small-files.js';
import { median } from '../lib/stats.js';
import { table, times } from '../lib/table.js';
import { withWorld } from '../lib/world.js';

const WHO = ['plain', 'ours'];
/** Undefined: the default, 20. */
const READS_PER_SECOND = [undefined, 1000];

export async function queueReads(runs) {
  const taken = [];
  for (const readsPerSecond of READS_PER_SECOND) {
    const { small, activities } = await withWorld({ temporal: { readsPerSecond } }, (world, makeFile) =>
      smallFiles(world, makeFile, { who: WHO, rounds: 1, runs, pauseMs: 0 }),
    );
    const all = Object.fromEntries(WHO.map((who) => [who, median(small[who].flat())]));
    taken.push({ readsPerSecond, ms: all, activities });
  }
  return taken;
}

export function queueReadsTable(taken) {
  const column = ({ readsPerSecond = 20, ms }) => [
    [`${readsPerSecond} reads a second, ms`, (who) => ms[who].toFixed(0)],
    ['× plainest', (who) => times(ms[who] / ms.plain)],
  ];
  return table(
    [['The same, one right after the other', (who) => contestants[who].title], ...taken.flatMap(column)],
    WHO,
  );
}
