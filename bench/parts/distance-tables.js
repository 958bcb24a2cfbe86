import { contestants } from '../lib/contestants.js';
import { median, medianRatio } from '../lib/stats.js';
import { raw, seconds, table, times } from '../lib/table.js';

const line = ({ rttMs, mbit }) => `${rttMs} ms, ${mbit} Mbit/s`;

export function distanceTables({ distantMiB, points, simulated }) {
  const rows = points.flatMap((point) =>
    Object.entries(point.runs).map(([who, list]) => {
      const floor = point.runs.floor.map(({ ms }) => ms);
      return { at: line(point), title: contestants[who].title, taken: list.map(({ ms }) => ms), floor };
    }),
  );
  return [
    table(
      [
        [`Upload of ${distantMiB} MiB with TLS, round trip and rate`, ({ at }) => at],
        ['', ({ title }) => title],
        ['s', ({ taken }) => seconds(median(taken))],
        ['MB/s', ({ taken }) => ((distantMiB * 1.048576) / (median(taken) / 1000)).toFixed(1)],
        ['× raw POST', ({ taken, floor }) => times(medianRatio(taken, floor))],
        ['raw, s', ({ taken }) => raw(taken, seconds)],
      ],
      rows,
    ),
    sizesTable(simulated),
  ];
}

function sizesTable(simulated) {
  const at = (index) => [
    `${line(simulated[0].lines[index])}: × one request, longest in s`,
    ({ lines }) => `${times(lines[index].ratio)}, ${seconds(lines[index].longestMs, 1)}`,
  ];
  return table(
    [
      ['Length of requests, computed: 256 MiB', ({ title }) => title],
      ...simulated[0].lines.map((_, index) => at(index)),
      [
        '1 GiB at 100 ms, 100 Mbit/s, reset every 30 s, nothing kept: time, bytes',
        ({ broken }) => (broken.ends ? `${times(broken.ratio)}, ${times(broken.sent)}` : 'never ends'),
      ],
    ],
    simulated,
  );
}
