/** A small file that is ACTIVE at once, start to close; and how long `upload` takes to its first byte. */
import { contestants } from '../lib/contestants.js';
import { limit } from '../lib/report.js';
import { SMALL_BYTES, smallFiles } from '../lib/small-files.js';
import { median, percentile } from '../lib/stats.js';
import { raw, table, times } from '../lib/table.js';
import { withWorld } from '../lib/world.js';
import { firstByte, firstByteTable } from './first-byte.js';
import { queueReads, queueReadsTable } from './queue-reads.js';

/** Before each run, in milliseconds: runs one right after the other would measure how often the dev server reads its queue. */
const PAUSE_MS = 250;
const WHO = ['genai', 'plain', 'ours', 'plainHere', 'oursHere'];
/** With which of the plainest workflow's rows a row is compared, if it is another one than the first. */
const PLAIN = { plainHere: 'plainHere', oursHere: 'plainHere' };
const whole = (ms) => Math.round(ms).toString();

/** @param options - `rounds`, and `runs` of each program a round */
export async function latency({ rounds, runs }) {
  const { small, activities } = await withWorld({}, (world, makeFile) =>
    smallFiles(world, makeFile, { who: WHO, rounds, runs, pauseMs: PAUSE_MS }),
  );
  const reads = await queueReads(runs);
  const spawned = await firstByte(rounds);
  const medians = (who) => small[who].map((list) => median(list));
  const ratios = ratioOf(medians, 'ours', 'plain');
  return {
    figures: { small, activities, queueReads: reads, firstByte: spawned },
    limits: [
      limit('small file, start to close ÷ plainest workflow', median(ratios), 1.1),
      limit(
        '`npx temporal-gemini-files upload` to its first byte, s',
        median(spawned.map(({ total }) => total)) / 1000,
        3,
      ),
    ],
    tables: [smallTable(small, activities, medians, runs), queueReadsTable(reads), firstByteTable(spawned)],
  };
}

/** By round. */
const ratioOf = (medians, who, plain) => medians(who).map((ms, round) => ms / medians(plain)[round]);

function smallTable(small, activities, medians, runs) {
  return table(
    [
      [`${SMALL_BYTES / 1024} KiB, ACTIVE at once, ${runs} runs a round`, (who) => contestants[who].title],
      ['ms', (who) => whole(median(medians(who)))],
      ['p95, ms', (who) => whole(percentile(small[who].flat(), 0.95))],
      [
        'upload activity, ms',
        (who) => (activities[who].length > 0 ? median(activities[who]).toFixed(1) : ''),
      ],
      ['× plainest', (who) => times(median(ratioOf(medians, who, PLAIN[who] ?? 'plain')))],
      ['rounds, ms', (who) => raw(medians(who), whole)],
    ],
    WHO,
  );
}
