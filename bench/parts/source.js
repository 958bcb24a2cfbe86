/** A file from an https server: throughput and memory beside a raw GET that is piped into a raw POST, and what a change of the worker costs. */
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withChild } from '../lib/child.js';
import { contestants } from '../lib/contestants.js';
import { MIB } from '../lib/files.js';
import { say } from '../lib/progress.js';
import { limit } from '../lib/report.js';
import { median, medianRatio } from '../lib/stats.js';
import { TRUST } from '../lib/tls.js';
import { withWorld } from '../lib/world.js';
import { resumed } from './source-resume.js';
import { KEPT, sourceTables, TRIED, triedTable } from './source-tables.js';

const WHO = ['sourceFloor16', 'sourceFloor', 'oursFromSource', 'oursWithSavedHash'];

/** What was tried: the state of the hash is saved, and the prefix is not read again. */
const SAVED_HASH = ['--import', fileURLToPath(new URL('../programs/saved-hash.js', import.meta.url))];

/** Shares of the file that the provider has when the worker dies. */
const BREAKS = [0.5, 0.95];

/** @param options - `sizeMiB` of the timed upload, `rounds` */
export async function source({ sizeMiB, rounds }) {
  return withWorld({}, (world) =>
    withChild('source-host', {}, async ({ origin, call: host }) => {
      const plain = { world: { ...world, env: TRUST } };
      const saving = () => {
        const env = { ...TRUST, BENCH_HASH_STATES: join(world.folder, randomUUID()) };
        return { world: { ...world, env }, execArgv: SAVED_HASH };
      };
      const worker = {
        sources: { https: { allowedOrigins: [origin], allowedAddresses: ['127.0.0.0/8'] } },
      };
      const urls = {
        small: `${origin}/${(sizeMiB / 16) * MIB}.mp4`,
        main: `${origin}/${sizeMiB * MIB}.mp4`,
      };
      const runs = Object.fromEntries(WHO.map((who) => [who, []]));
      const resumes = BREAKS.flatMap((share) => [KEPT, TRIED].map((how) => ({ share, how, rounds: [] })));
      for (let round = 1; round <= rounds; round += 1) {
        say(`source, round ${round} of ${rounds}`);
        for (const who of WHO) {
          const { world: own, execArgv } = who === 'oursWithSavedHash' ? saving() : plain;
          runs[who].push(await once(own, contestants[who], { worker, execArgv }, host, urls));
        }
        for (const { share, how, rounds: list } of resumes) {
          const { world: own, execArgv } = how === KEPT ? plain : saving();
          list.push(await resumed(own, { worker, execArgv }, host, urls.main, sizeMiB * MIB, share));
        }
      }
      const figures = { sizeMiB, runs, resumes };
      return {
        figures,
        limits: limitsOf(figures),
        tables: sourceTables(figures),
        apart: { tried: triedTable(figures) },
      };
    }),
  );
}

/** A fresh process: its idle memory, an upload of the small file to warm it up, and the one that counts. */
async function once(world, who, options, host, { small, main }) {
  const child = await who.start(world, options);
  try {
    const idle = await child.call('reset');
    await who.run(child, world, small);
    await child.call('warmed');
    await host('books');
    await world.provider('books');
    const run = await who.run(child, world, main);
    const usage = await child.call('usage');
    const [{ bytes: downloaded }, { received: sent }] = [await host('books'), await world.provider('books')];
    return { ...run, downloaded, sent, idleRss: idle.rss, ...usage };
  } finally {
    await child.end();
  }
}

function limitsOf({ sizeMiB, runs, resumes }) {
  const floor = runs.sourceFloor.map(({ ms }) => ms);
  const ours = runs.oursFromSource;
  const ratio = (value) => medianRatio(ours.map(value), floor);
  const ofOurs = resumes.filter(({ how }) => how === KEPT);
  const most = (value) => Math.max(...ofOurs.flatMap(({ rounds }) => rounds.map(value))) / (sizeMiB * MIB);
  return [
    limit(
      'upload activity ÷ raw GET into raw POST, time',
      ratio(({ activityMs }) => activityMs),
      1.15,
    ),
    limit(
      'start to close ÷ raw GET into raw POST, time',
      ratio(({ ms }) => ms),
      1.15,
    ),
    limit('memory above idle, MB', median(ours.map(({ peakRss, idleRss }) => (peakRss - idleRss) / 1e6)), 48),
    limit(
      'continued on another worker: bytes sent ÷ size, the worst',
      most(({ sent }) => sent),
      1.25,
    ),
    limit(
      'continued on another worker: bytes downloaded ÷ size, the worst',
      most(({ downloaded }) => downloaded),
      2.1,
    ),
  ];
}
