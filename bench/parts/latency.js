/** A small file that is ACTIVE at once, start to close; and how long `upload` takes to its first byte. */
import { contestants } from '../lib/contestants.js';
import { say } from '../lib/progress.js';
import { limit } from '../lib/report.js';
import { median, percentile } from '../lib/stats.js';
import { raw, table, times } from '../lib/table.js';
import { withWorld } from '../lib/world.js';
import { firstByte, firstByteTable } from './first-byte.js';

const SMALL_BYTES = 64 * 1024;
const WHO = ['genai', 'plain', 'ours'];
const whole = (ms) => Math.round(ms).toString();

/** @param options - `rounds`, and `runs` of each program a round */
export async function latency({ rounds, runs }) {
  const { small, activities } = await withWorld({}, (world, makeFile) =>
    smallFiles(world, makeFile, rounds, runs),
  );
  const spawned = await firstByte(rounds);
  const medians = (who) => small[who].map((list) => median(list));
  const ratios = medians('ours').map((ms, round) => ms / medians('plain')[round]);
  return {
    figures: { small, activities, firstByte: spawned },
    limits: [
      limit('small file, start to close ÷ plainest workflow', median(ratios), 1.1),
      limit(
        '`npx temporal-gemini-files upload` to its first byte, s',
        median(spawned.map(({ total }) => total)) / 1000,
        3,
      ),
    ],
    tables: [smallTable(small, activities, medians, runs), firstByteTable(spawned)],
  };
}

/** All programs run the whole time; they take turns run by run. */
async function smallFiles(world, makeFile, rounds, runs) {
  const path = await makeFile('small.mp4', SMALL_BYTES);
  const children = {};
  const small = Object.fromEntries(WHO.map((who) => [who, []]));
  const activities = Object.fromEntries(WHO.map((who) => [who, []]));
  try {
    for (const who of WHO) children[who] = await contestants[who].start(world);
    const run = (who) => contestants[who].run(children[who], world, path);
    for (const who of WHO) for (let i = 0; i < 3; i += 1) await run(who);
    for (let round = 1; round <= rounds; round += 1) {
      say(`latency, round ${round} of ${rounds}`);
      for (const who of WHO) small[who].push([]);
      for (let i = 0; i < runs; i += 1)
        for (const who of WHO) {
          const { ms, activityMs } = await run(who);
          small[who].at(-1).push(ms);
          if (activityMs !== undefined) activities[who].push(activityMs);
        }
    }
  } finally {
    await Promise.all(Object.values(children).map((child) => child.end()));
  }
  return { small, activities };
}

function smallTable(small, activities, medians, runs) {
  const plain = medians('plain');
  return table(
    [
      [`${SMALL_BYTES / 1024} KiB, ACTIVE at once, ${runs} runs a round`, (who) => contestants[who].title],
      ['ms', (who) => whole(median(medians(who)))],
      ['p95, ms', (who) => whole(percentile(small[who].flat(), 0.95))],
      [
        'upload activity, ms',
        (who) => (activities[who].length > 0 ? median(activities[who]).toFixed(1) : ''),
      ],
      ['× plainest', (who) => times(median(medians(who).map((ms, round) => ms / plain[round])))],
      ['rounds, ms', (who) => raw(medians(who), whole)],
    ],
    WHO,
  );
}
