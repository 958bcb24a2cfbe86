/** Connections that are reset again and again, on a line with a round trip: bytes that are sent twice, and time that is lost. */
import { contestants } from '../lib/contestants.js';
import { withDistantWorld } from '../lib/distant-world.js';
import { MIB, warm } from '../lib/files.js';
import { say } from '../lib/progress.js';
import { limit } from '../lib/report.js';
import { median, medianRatio } from '../lib/stats.js';
import { raw, seconds, table, times } from '../lib/table.js';

const LINE = { rttMs: 100, mbit: 100 };
const RESET_MS = 30_000;

const unbroken = { title: 'this package, no break', who: 'ours', keeps: 'granular' };
const CASES = {
  unbroken,
  granular: {
    title: 'this package, the provider keeps whole granules of a broken request',
    who: 'ours',
    keeps: 'granular',
    resetAfterMs: RESET_MS,
  },
  none: {
    title: 'this package, the provider keeps nothing of it',
    who: 'ours',
    keeps: 'none',
    resetAfterMs: RESET_MS,
  },
  genai: { title: '@google/genai', who: 'genai', keeps: 'granular', resetAfterMs: RESET_MS },
};

/** @param options - `brokenMiB`, `rounds`, and `resetMs` in place of 30 s */
export async function breaks({ brokenMiB, rounds, resetMs = RESET_MS }) {
  const measureOn = (keeps, names) =>
    withDistantWorld({ keeps }, async (world, makeFile, lineTo) => {
      const path = await makeFile('main.mp4', brokenMiB * MIB);
      await warm(path);
      const small = await makeFile('warm.mp4', MIB);
      // The line is what limits, and each upload has its own: they run at once.
      const all = names.flatMap((name) => Array.from({ length: rounds }, () => name));
      const taken = await Promise.all(
        all.map((name) => once(CASES[name], { lineTo, small, path, resetMs, sizeBytes: brokenMiB * MIB })),
      );
      return names.map((name, index) => [name, taken.slice(index * rounds, (index + 1) * rounds)]);
    });
  say(`breaks, ${rounds} rounds at once, a provider that keeps whole granules`);
  const granular = await measureOn('granular', ['unbroken', 'granular', 'genai']);
  say(`breaks, ${rounds} rounds at once, a provider that keeps nothing of a broken request`);
  const runs = Object.fromEntries([...granular, ...(await measureOn('none', ['none']))]);
  return { figures: { brokenMiB, runs }, limits: limitsOf(runs), tables: [breaksTable(runs, brokenMiB)] };
}

async function once({ who, resetAfterMs }, { lineTo, small, path, resetMs, sizeBytes }) {
  const end = await lineTo(LINE);
  const child = await contestants[who].start(end);
  try {
    await contestants[who].run(child, end, small);
    await end.clear();
    await end.books();
    if (resetAfterMs) await end.resetAfter(resetMs);
    const ms = await contestants[who].run(child, end, path).then(
      (run) => run.ms,
      () => undefined,
    );
    const { bytes, resets } = await end.books();
    return { ended: ms !== undefined, ms: ms ?? 0, resets, sent: bytes / sizeBytes };
  } finally {
    await child.end();
  }
}

const ms = (list) => list.map((run) => run.ms);
const sent = (list) => median(list.map((run) => run.sent));

function limitsOf({ unbroken: base, granular, none }) {
  return [
    limit('bytes sent ÷ file, with breaks', sent(granular), 1.1),
    limit('time ÷ without breaks', medianRatio(ms(granular), ms(base)), 1.1),
    limit('bytes sent ÷ file, where nothing of a broken request is kept', sent(none), 1.2),
    limit(
      'uploads with breaks that did not end well',
      [...granular, ...none].filter((run) => !run.ended).length,
      0,
    ),
  ];
}

function breaksTable(runs, sizeMiB) {
  const failed = (list) => list.every((run) => !run.ended);
  return table(
    [
      [
        `${sizeMiB} MiB at ${LINE.rttMs} ms and ${LINE.mbit} Mbit/s, reset every 30 s`,
        (name) => CASES[name].title,
      ],
      ['s', (name) => (failed(runs[name]) ? 'fails' : seconds(median(ms(runs[name]))))],
      [
        '× no break',
        (name) => (failed(runs[name]) ? '' : times(medianRatio(ms(runs[name]), ms(runs.unbroken)))),
      ],
      ['bytes sent ÷ file', (name) => times(sent(runs[name]))],
      ['resets', (name) => raw(runs[name], (run) => String(run.resets))],
      ['raw, s', (name) => raw(runs[name], (run) => (run.ended ? seconds(run.ms) : 'fails'))],
    ],
    Object.keys(CASES),
  );
}
