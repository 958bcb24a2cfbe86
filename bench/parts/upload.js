/** Throughput and memory of one upload, of three sizes, and of eight at once. */
import { contestants } from '../lib/contestants.js';
import { withChild } from '../lib/child.js';
import { MIB, warm } from '../lib/files.js';
import { measureUpload } from '../lib/measure-upload.js';
import { say } from '../lib/progress.js';
import { limit } from '../lib/report.js';
import { median, medianRatio } from '../lib/stats.js';
import { withWorld } from '../lib/world.js';
import { uploadTables } from './upload-tables.js';

const AT_ONCE = 8;
/** @param options - `sizeMiB` of the timed upload, `rounds` */
export async function upload({ sizeMiB, rounds }) {
  return withWorld({}, async (world, makeFile) => {
    const sizes = { less: sizeMiB / 16, main: sizeMiB, more: sizeMiB * 2, eighth: sizeMiB / 4 };
    const files = {};
    for (const [name, mib] of Object.entries(sizes)) files[name] = await makeFile(`${name}.mp4`, mib * MIB);
    const measure = (who, name, count = 1) => measureUpload(world, contestants[who], files, name, count);

    const runs = { ceiling: [], floor: [], floor64: [], genai: [], plain: [], ours: [] };
    const memory = { less: [], main: runs.ours, more: [] };
    const atOnce = { plain: [], ours: [] };
    for (let round = 1; round <= rounds; round += 1) {
      say(`upload, round ${round} of ${rounds}`);
      for (const path of Object.values(files)) await warm(path);
      runs.ceiling.push(await ceiling(world, sizeMiB));
      for (const who of ['floor', 'floor64', 'genai', 'plain', 'ours'])
        runs[who].push(await measure(who, 'main'));
      for (const size of ['less', 'more']) memory[size].push(await measure('ours', size));
      for (const who of ['plain', 'ours']) atOnce[who].push(await measure(who, 'eighth', AT_ONCE));
    }
    const figures = { sizes, runs, memory, atOnce };
    return { figures, limits: limitsOf(figures), tables: uploadTables(figures) };
  });
}

async function ceiling({ url }, sizeMiB) {
  return withChild('ceiling', { url }, async ({ call }) => {
    await call('send', MIB);
    return { ms: await call('send', sizeMiB * MIB) };
  });
}

function limitsOf({ runs, memory, atOnce }) {
  const ms = (list) => list.map((run) => run.ms);
  const activity = runs.ours.map((run) => run.activityMs);
  const grown = (list) => median(list.map(({ peakRss, idleRss }) => (peakRss - idleRss) / 1e6));
  const p99 = median(atOnce.ours.map(({ loopDelayMs }) => loopDelayMs.p99));
  return [
    limit(
      'throughput ÷ @google/genai, start to close',
      medianRatio(ms(runs.genai), ms(runs.ours)),
      1.6,
      false,
    ),
    limit('upload activity ÷ raw floor, time', medianRatio(activity, ms(runs.floor)), 1.1),
    limit('start to close ÷ raw floor, time', medianRatio(ms(runs.ours), ms(runs.floor)), 1.1),
    ...Object.entries(memory).map(([size, list]) =>
      limit(`memory above idle, MB, ${size} file`, grown(list), 48),
    ),
    limit(`memory above idle, MB, ${AT_ONCE} uploads at once`, grown(atOnce.ours), 150),
    limit(`event loop delay p99, ms, ${AT_ONCE} uploads at once`, p99, 50),
  ];
}
