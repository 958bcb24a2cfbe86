import { table } from '../lib/table.js';

const duration = (ms) => {
  if (ms < 60_000) return `${ms / 1000} s`;
  return ms < 3_600_000 ? `${ms / 60_000} min` : `${ms / 3_600_000} h`;
};
const s = (ms) => (ms / 1000).toFixed(1);

/** The waits that a reader of the README asks about, of the plainest workflow and of this package's defaults. */
const README_WAITS_MS = [10_000, 60_000, 600_000];

export function readmeTable(waits) {
  const rows = README_WAITS_MS.flatMap((ms) => waits.filter((wait) => wait.ms === ms).slice(0, 2));
  return table(
    [
      ['PROCESSING', ({ ms }) => duration(ms)],
      ['', ({ title }) => title],
      ['Actions', ({ actions }) => String(actions)],
      ['Events', ({ events }) => String(events)],
      ['Requests', ({ requests }) => String(requests)],
      ['Noticed after, s', ({ overshootMs }) => s(overshootMs)],
    ],
    rows,
  );
}

export function costTables({ waits, simulated, batched }) {
  const wholeWaits = table(
    [
      ['A wait, from its histories', ({ title }) => title],
      ['PROCESSING', ({ ms }) => duration(ms)],
      ['checks', ({ checks }) => String(checks)],
      ['noticed after, s', ({ overshootMs }) => s(overshootMs)],
      ['runs', ({ runs }) => String(runs)],
      ['events', ({ events }) => String(events)],
      ['actions', ({ actions }) => String(actions)],
      ['requests', ({ requests }) => String(requests)],
    ],
    waits,
  );
  const times = [...new Set(simulated.map(({ seconds }) => seconds))];
  const strategies = [...new Set(simulated.map(({ title }) => title))];
  const cell = (title, seconds) => simulated.find((one) => one.title === title && one.seconds === seconds);
  const overshoot = table(
    [
      ['Checks / mean overshoot in s, simulated', (title) => title],
      ...times.map((seconds) => [
        duration(seconds * 1000),
        (title) => {
          const { checks, overshootMs } = cell(title, seconds);
          return `${checks.toFixed(checks < 20 ? 1 : 0)} / ${s(overshootMs)}`;
        },
      ]),
    ],
    strategies,
  );
  const lists = table(
    [
      ['Checks a minute at the cap of 10 s, computed', ({ open }) => `${open} open waits`],
      ['files of the key', ({ files }) => String(files)],
      ['by `get`: requests', ({ gets }) => String(gets)],
      ['kB', ({ getBytes }) => Math.round(getBytes / 1000).toString()],
      ['by `list`: requests', ({ lists }) => String(lists)],
      ['kB', ({ listBytes }) => Math.round(listBytes / 1000).toString()],
    ],
    batched,
  );
  return [wholeWaits, overshoot, lists];
}
