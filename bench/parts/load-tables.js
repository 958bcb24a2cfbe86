import { contestants } from '../lib/contestants.js';
import { median } from '../lib/stats.js';
import { megabytes, raw, seconds, table } from '../lib/table.js';

const one = (ms) => seconds(ms, 1);

export function loadTables({ count, processingMs, runs, variants }) {
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
  const middle = (list, value) => median(list.map(value));
  const compared = [{ title: '9 + 1 pollers, 120 slots: the default', runs: runs.ours }, ...variants];
  const pollers = table(
    [
      ['Workflow task pollers, for new runs + open waits, and slots', ({ title }) => title],
      ['total, s', ({ runs: list }) => one(middle(list, ({ totalMs }) => totalMs))],
      ['raw, s', ({ runs: list }) => raw(list, ({ totalMs }) => one(totalMs))],
      ['a wait: p50, s', ({ runs: list }) => one(middle(list, ({ waitMs }) => waitMs.p50))],
      ['p99, s', ({ runs: list }) => one(middle(list, ({ waitMs }) => waitMs.p99))],
      ['checks', ({ runs: list }) => String(middle(list, ({ gets }) => gets))],
      ['CPU, s', ({ runs: list }) => one(middle(list, ({ cpuMs }) => cpuMs))],
      [
        'growth, MB',
        ({ runs: list }) => megabytes(middle(list, ({ peakRss, idleRss }) => peakRss - idleRss)),
      ],
    ],
    compared,
  );
  return variants.length > 0 ? [time, pollers] : [time];
}
