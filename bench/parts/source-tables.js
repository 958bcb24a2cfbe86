import { contestants } from '../lib/contestants.js';
import { MIB } from '../lib/files.js';
import { median, medianRatio } from '../lib/stats.js';
import { megabytes, raw, seconds, table, times } from '../lib/table.js';

const of = (runs, value) => median(runs.map(value));

/** The figures as Markdown: a row each program, medians, and the raw values. */
export function sourceTables({ sizeMiB, runs, resumes }) {
  const floor = runs.sourceFloor.map(({ ms }) => ms);
  const ours = runs.oursFromSource;
  const timed = [
    ...['sourceFloor16', 'sourceFloor'].map((who) => [contestants[who].title, runs[who].map(({ ms }) => ms)]),
    ['this package, upload activity', ours.map(({ activityMs }) => activityMs)],
    ['this package, start to close', ours.map(({ ms }) => ms)],
    [
      'tried: a hash that can be saved, upload activity',
      runs.oursWithSavedHash.map(({ activityMs }) => activityMs),
    ],
  ];
  const size = sizeMiB * MIB;
  const share = (value) => times(value / size);
  return [
    table(
      [
        [`From an https server, ${sizeMiB} MiB`, ([name]) => name],
        ['s', ([, list]) => seconds(median(list))],
        ['MB/s', ([, list]) => Math.round(size / 1000 / median(list)).toString()],
        ['× raw', ([, list]) => times(medianRatio(list, floor))],
        ['raw, s', ([, list]) => raw(list, seconds)],
      ],
      timed,
    ),
    table(
      [
        ['The processes', ([who]) => contestants[who].title],
        ['CPU, s', ([, list]) => seconds(of(list, ({ cpuMs }) => cpuMs))],
        ['idle, MB', ([, list]) => megabytes(of(list, ({ idleRss }) => idleRss))],
        ['peak, MB', ([, list]) => megabytes(of(list, ({ peakRss }) => peakRss))],
        ['growth, MB', ([, list]) => megabytes(of(list, ({ peakRss, idleRss }) => peakRss - idleRss))],
        ['raw growth, MB', ([, list]) => raw(list, ({ peakRss, idleRss }) => megabytes(peakRss - idleRss))],
        ['loop delay p99, ms', ([, list]) => of(list, ({ loopDelayMs }) => loopDelayMs.p99).toFixed(1)],
      ],
      Object.entries(runs),
    ),
    table(
      [
        [
          'The worker is killed, another one continues',
          ({ share: had, how }) => `when the provider has ${had * 100} % of the file: ${how}`,
        ],
        ['sent ÷ size', ({ rounds }) => share(of(rounds, ({ sent }) => sent))],
        ['raw', ({ rounds }) => raw(rounds, ({ sent }) => share(sent))],
        ['downloaded ÷ size', ({ rounds }) => share(of(rounds, ({ downloaded }) => downloaded))],
        ['raw', ({ rounds }) => raw(rounds, ({ downloaded }) => share(downloaded))],
        ['s from its death', ({ rounds }) => seconds(of(rounds, ({ ms }) => ms))],
        ['GET requests', ({ rounds }) => of(rounds, ({ requests }) => requests).toString()],
      ],
      resumes,
    ),
  ];
}
