/** An upload to a provider that is far away, over TLS, by round trip and rate. */
import { contestants } from '../lib/contestants.js';
import { withDistantWorld } from '../lib/distant-world.js';
import { MIB, warm } from '../lib/files.js';
import { say } from '../lib/progress.js';
import { limit } from '../lib/report.js';
import { medianRatio } from '../lib/stats.js';
import { distanceTables } from './distance-tables.js';
import { simulateRequestSizes } from './request-size-simulation.js';

const WHO = ['floor', 'genai', 'ours'];

/** Where the SDK is to be left behind: the way of most users to the provider. */
const FAST = { rttMs: 100, mbit: 1000 };

/** @param options - `distantMiB`, `rounds`, `links` */
export async function distance({ distantMiB, rounds, links }) {
  const points = await withDistantWorld({}, async (world, makeFile, lineTo) => {
    const files = {
      warm: await makeFile('warm.mp4', MIB),
      main: await makeFile('main.mp4', distantMiB * MIB),
    };
    const taken = [];
    for (const link of links) taken.push(await measure(link, lineTo, files, rounds));
    return taken;
  });
  const figures = { distantMiB, points, simulated: simulateRequestSizes() };
  return { figures, limits: limitsOf(points), tables: distanceTables(figures) };
}

async function measure(link, lineTo, files, rounds) {
  const ends = {};
  const children = {};
  const runs = Object.fromEntries(WHO.map((who) => [who, []]));
  try {
    for (const who of WHO) {
      ends[who] = await lineTo(link);
      children[who] = await contestants[who].start(ends[who]);
      await contestants[who].run(children[who], ends[who], files.warm);
    }
    const run = async (who) => {
      await ends[who].clear();
      runs[who].push(await contestants[who].run(children[who], ends[who], files.main));
    };
    for (let round = 1; round <= rounds; round += 1) {
      say(`distance, ${link.rttMs} ms and ${link.mbit} Mbit/s, round ${round} of ${rounds}`);
      await warm(files.main);
      // A slow line leaves the machine idle: there the programs run at once, each on a line of its own.
      if (link.mbit <= 100) await Promise.all(WHO.map(run));
      else for (const who of WHO) await run(who);
    }
  } finally {
    await Promise.all(Object.values(children).map((child) => child.end()));
  }
  return { ...link, runs };
}

function limitsOf(points) {
  const ms = (list) => list.map((run) => run.ms);
  const fast = points.find(({ rttMs, mbit }) => rttMs === FAST.rttMs && mbit === FAST.mbit) ?? points[0];
  return [
    ...points.map(({ rttMs, mbit, runs }) =>
      limit(
        `start to close ÷ raw POST, time, ${rttMs} ms and ${mbit} Mbit/s`,
        medianRatio(ms(runs.ours), ms(runs.floor)),
        1.1,
      ),
    ),
    limit(
      `throughput ÷ @google/genai, ${fast.rttMs} ms and ${fast.mbit} Mbit/s`,
      medianRatio(ms(fast.runs.genai), ms(fast.runs.ours)),
      1.3,
      false,
    ),
  ];
}
