import { contestants } from '../lib/contestants.js';
import { MIB } from '../lib/files.js';
import { median, medianRatio } from '../lib/stats.js';
import { megabytes, raw, seconds, table, times } from '../lib/table.js';

/** Two ways to know the hash of what another worker has sent: the one that was kept, and the one that was tried. */
export const KEPT = 'reads the prefix again';
export const TRIED = 'loads a saved state';

const of = (runs, value) => median(runs.map(value));

/** The figures as Markdown: a row each program, medians, and the raw values. */
export function sourceTables({ sizeMiB, runs: all, resumes }) {
  const { oursWithSavedHash, ...runs } = all;
  const floor = runs.sourceFloor.map(({ ms }) => ms);
  const ours = runs.oursFromSource;
  const timed = [
    ...['sourceFloor16', 'sourceFloor'].map((who) => [contestants[who].title, runs[who].map(({ ms }) => ms)]),
    ['this package, upload activity', ours.map(({ activityMs }) => activityMs)],
    ['this package, start to close', ours.map(({ ms }) => ms)],
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
          ({ share: had }) => `when the provider has ${had * 100} % of the file`,
        ],
        ['sent ÷ size', ({ rounds }) => share(of(rounds, ({ sent }) => sent))],
        ['raw', ({ rounds }) => raw(rounds, ({ sent }) => share(sent))],
        ['downloaded ÷ size', ({ rounds }) => share(of(rounds, ({ downloaded }) => downloaded))],
        ['raw', ({ rounds }) => raw(rounds, ({ downloaded }) => share(downloaded))],
        ['s from its death', ({ rounds }) => seconds(of(rounds, ({ afterMs }) => afterMs))],
        ['GET requests', ({ rounds }) => of(rounds, ({ requests }) => requests).toString()],
      ],
      resumes.filter(({ how }) => how === KEPT),
    ),
  ];
}

/** The two ways to know the hash of what another worker has sent, each with and without a change of the worker. */
export function triedTable({ sizeMiB, runs, resumes }) {
  const size = sizeMiB * MIB;
  const share = (value) => times(value / size);
  const unbroken = [
    { had: 'no change of the worker', how: KEPT, rounds: runs.oursFromSource },
    { had: 'no change of the worker', how: TRIED, rounds: runs.oursWithSavedHash },
  ];
  const broken = resumes.map(({ share: had, how, rounds }) => ({
    had: `killed at ${had * 100} %`,
    how,
    rounds,
  }));
  return table(
    [
      [`The hash after a change of the worker, ${sizeMiB} MiB`, ({ had, how }) => `${had}: ${how}`],
      ['s, start to close', ({ rounds }) => seconds(of(rounds, ({ ms }) => ms))],
      ['raw', ({ rounds }) => raw(rounds, ({ ms }) => seconds(ms))],
      ['CPU, s', ({ rounds }) => seconds(of(rounds, ({ cpuMs }) => cpuMs))],
      ['raw', ({ rounds }) => raw(rounds, ({ cpuMs }) => seconds(cpuMs))],
      ['sent ÷ size', ({ rounds }) => share(of(rounds, ({ sent }) => sent))],
      ['downloaded ÷ size', ({ rounds }) => share(of(rounds, ({ downloaded }) => downloaded))],
    ],
    [...unbroken, ...broken],
  );
}
