import { contestants } from '../lib/contestants.js';
import { median } from '../lib/stats.js';
import { megabytes, raw, seconds, table } from '../lib/table.js';

const one = (ms) => seconds(ms, 1);

export function loadTables({ count, processingMs, runs, growth }) {
  const of = (who, value) => median(runs[who].map(value));
  const time = table(
    [
      [`${count} waits at once, ${one(processingMs)} s of PROCESSING each`, (who) => contestants[who].title],
      ['total, s', (who) => one(of(who, ({ totalMs }) => totalMs))],
      ['raw, s', (who) => raw(runs[who], ({ totalMs }) => one(totalMs))],
      ['a wait: p50, s', (who) => one(of(who, ({ waitMs }) => waitMs.p50))],
      ['p99, s', (who) => one(of(who, ({ waitMs }) => waitMs.p99))],
      ['completed', (who) => raw(runs[who], ({ completed }) => String(completed))],
      ['uploads', (who) => raw(runs[who], ({ finals }) => String(finals))],
      ['checks', (who) => raw(runs[who], ({ gets }) => String(gets))],
      ['CPU, s', (who) => one(of(who, ({ cpuMs }) => cpuMs))],
      ['idle, MB', (who) => megabytes(of(who, ({ idleRss }) => idleRss))],
      ['peak, MB', (who) => megabytes(of(who, ({ peakRss }) => peakRss))],
    ],
    ['plain', 'ours'],
  );
  const memory = table(
    [
      [
        "This package's worker",
        ({ title, maxCachedWorkflows }) => `${title}${maxCachedWorkflows ? ` (${maxCachedWorkflows})` : ''}`,
      ],
      ['open waits', ({ open }) => String(open)],
      ['completed', ({ completed }) => String(completed)],
      ['uploads', ({ finals }) => String(finals)],
      ['total, s', ({ totalMs }) => one(totalMs)],
      ['idle, MB', ({ idleRss }) => megabytes(idleRss)],
      ['peak, MB', ({ peakRss }) => megabytes(peakRss)],
      ['growth, MB', ({ peakRss, idleRss }) => megabytes(peakRss - idleRss)],
      ['kB a wait', ({ peakRss, idleRss, open }) => Math.round((peakRss - idleRss) / 1000 / open).toString()],
    ],
    growth,
  );
  return [time, memory];
}
