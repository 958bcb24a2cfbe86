import { contestants } from '../lib/contestants.js';
import { median, medianRatio } from '../lib/stats.js';
import { megabytes, raw, seconds, table, times } from '../lib/table.js';

const TITLES = { ceiling: 'the provider alone takes, no file, no hash' };
const title = (who) => TITLES[who] ?? contestants[who].title;
const of = (runs, value) => median(runs.map(value));
const whole = (ms) => ms.toFixed(1);

/** The figures as Markdown: a row each program, medians, and the raw times. */
export function uploadTables({ sizes, runs, memory, atOnce }) {
  const floor = runs.floor.map(({ ms }) => ms);
  const timed = Object.entries(runs).map(([who, list]) => [title(who), list.map(({ ms }) => ms)]);
  timed.splice(
    -1,
    1,
    ['this package, upload activity', runs.ours.map(({ activityMs }) => activityMs)],
    ['this package, start to close', runs.ours.map(({ ms }) => ms)],
  );
  const times_ = table(
    [
      [`Upload of ${sizes.main} MiB`, ([name]) => name],
      ['s', ([, list]) => seconds(median(list))],
      ['MB/s', ([, list]) => Math.round((sizes.main * 1.048576) / (median(list) / 1000)).toString()],
      ['× floor', ([, list]) => times(medianRatio(list, floor))],
      ['raw, s', ([, list]) => raw(list, seconds)],
    ],
    timed,
  );
  const usage = (heading, rows) =>
    table(
      [
        [heading, ([name]) => name],
        ['CPU, s', ([, list]) => seconds(of(list, ({ cpuMs }) => cpuMs))],
        ['idle, MB', ([, list]) => megabytes(of(list, ({ idleRss }) => idleRss))],
        ['peak, MB', ([, list]) => megabytes(of(list, ({ peakRss }) => peakRss))],
        ['growth, MB', ([, list]) => megabytes(of(list, ({ peakRss, idleRss }) => peakRss - idleRss))],
        ['raw growth, MB', ([, list]) => raw(list, ({ peakRss, idleRss }) => megabytes(peakRss - idleRss))],
        ['loop delay p50, ms', ([, list]) => whole(of(list, ({ loopDelayMs }) => loopDelayMs.p50))],
        ['p99, ms', ([, list]) => whole(of(list, ({ loopDelayMs }) => loopDelayMs.p99))],
        ['raw p99, ms', ([, list]) => raw(list, ({ loopDelayMs }) => whole(loopDelayMs.p99))],
      ],
      rows,
    );
  const { ceiling, ...programs } = runs;
  const together = (list) => raw(list, ({ ms }) => seconds(ms));
  return [
    times_,
    usage(
      `The processes at ${sizes.main} MiB`,
      Object.entries(programs).map(([who, list]) => [title(who), list]),
    ),
    usage(
      'This package by size',
      Object.entries(memory).map(([size, list]) => [`${sizes[size]} MiB`, list]),
    ),
    usage(
      `Eight uploads of ${sizes.eighth} MiB at once`,
      Object.entries(atOnce).map(([who, list]) => [`${title(who)} (${together(list)} s)`, list]),
    ),
  ];
}
