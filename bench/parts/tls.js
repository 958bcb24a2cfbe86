/** What TLS costs: processor time and memory of an upload to a provider with TLS, on loopback. */
import { contestants } from '../lib/contestants.js';
import { MIB, warm } from '../lib/files.js';
import { measureUpload } from '../lib/measure-upload.js';
import { say } from '../lib/progress.js';
import { limit } from '../lib/report.js';
import { median, medianRatio } from '../lib/stats.js';
import { megabytes, raw, seconds, table, times } from '../lib/table.js';
import { withWorld } from '../lib/world.js';

const WHO = ['floor', 'genai', 'ours'];

/** @param options - `sizeMiB`, `rounds` */
export async function tls({ sizeMiB, rounds }) {
  const runs = await withWorld({ tls: true }, async (world, makeFile) => {
    const files = {
      less: await makeFile('less.mp4', (sizeMiB / 16) * MIB),
      main: await makeFile('main.mp4', sizeMiB * MIB),
    };
    const taken = Object.fromEntries(WHO.map((who) => [who, []]));
    for (let round = 1; round <= rounds; round += 1) {
      say(`tls, round ${round} of ${rounds}`);
      for (const path of Object.values(files)) await warm(path);
      for (const who of WHO) taken[who].push(await measureUpload(world, contestants[who], files, 'main'));
    }
    return taken;
  });
  return { figures: { sizeMiB, runs }, limits: limitsOf(runs), tables: [tlsTable(runs, sizeMiB)] };
}

const growth = ({ peakRss, idleRss }) => peakRss - idleRss;
const cpu = ({ cpuMs }) => cpuMs;

function limitsOf({ floor, genai, ours }) {
  const ratio = (base) => medianRatio(ours.map(cpu), base.map(cpu));
  return [
    limit('processor time ÷ raw POST, with TLS', ratio(floor), 1.25),
    limit('processor time ÷ @google/genai, with TLS', ratio(genai), 1),
    limit('memory above idle with TLS, MB', median(ours.map(growth)) / 1e6, 48),
  ];
}

function tlsTable(runs, sizeMiB) {
  const perGib = (ms) => seconds((ms * 1024) / sizeMiB);
  return table(
    [
      [`Upload of ${sizeMiB} MiB with TLS`, (who) => contestants[who].title],
      ['CPU, s a GiB', (who) => perGib(median(runs[who].map(cpu)))],
      ['× raw POST', (who) => times(medianRatio(runs[who].map(cpu), runs.floor.map(cpu)))],
      ['raw CPU, s a GiB', (who) => raw(runs[who].map(cpu), perGib)],
      ['s', (who) => seconds(median(runs[who].map(({ ms }) => ms)))],
      ['growth, MB', (who) => megabytes(median(runs[who].map(growth)))],
      ['raw growth, MB', (who) => raw(runs[who].map(growth), megabytes)],
    ],
    WHO,
  );
}
