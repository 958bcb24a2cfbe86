import { contestants } from '../lib/contestants.js';
import { median } from '../lib/stats.js';
import { megabytes, raw, seconds, table } from '../lib/table.js';

const one = (ms) => seconds(ms, 1);

const waitsOf = ({ count, processingMs }) =>
  `${count} waits at once, ${one(processingMs)} s of PROCESSING each`;

export function loadTable({ runs, ...waits }) {
  const of = (who, value) => median(runs[who].map(value));
  return table(
    [
      [waitsOf(waits), (who) => contestants[who].title],
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
}

/** Pollers for new runs and for open waits, and slots. */
export function pollersTable({ variants, ...waits }) {
  const middle = (list, value) => median(list.map(value));
  return table(
    [
      [waitsOf(waits), ({ title }) => title],
      ['total, s', ({ runs }) => one(middle(runs, ({ totalMs }) => totalMs))],
      ['raw, s', ({ runs }) => raw(runs, ({ totalMs }) => one(totalMs))],
      ['a wait: p50, s', ({ runs }) => one(middle(runs, ({ waitMs }) => waitMs.p50))],
      ['p99, s', ({ runs }) => one(middle(runs, ({ waitMs }) => waitMs.p99))],
      ['checks', ({ runs }) => String(middle(runs, ({ gets }) => gets))],
      ['CPU, s', ({ runs }) => one(middle(runs, ({ cpuMs }) => cpuMs))],
      ['growth, MB', ({ runs }) => megabytes(middle(runs, ({ peakRss, idleRss }) => peakRss - idleRss))],
    ],
    variants,
  );
}
