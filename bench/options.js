/** The command line, and how much each part does. */
import { parseArgs } from 'node:util';
import { VARIANTS } from './parts/variants.js';

export const PARTS = [
  'upload',
  'source',
  'latency',
  'load',
  'pollers',
  'memory',
  'cost',
  'distance',
  'tls',
  'breaks',
  'long',
];

export const USAGE = `npm run bench -- [upload] [source] [latency] [load] [pollers] [memory] [cost] [distance] [tls] [breaks] [long] [options]
  --rounds N    each program so many times, in turn            (3)
  --size MIB    the timed upload                               (1024)
  --runs N      small files of each program a round, in the latency part  (20)
  --count N     waits that are open at once, in the load, pollers and memory parts  (1000)
  --short       the least that runs everything once; limits do not fail it
  --json        JSON on stdout, the tables on stderr
  --docs        writes the tables into docs/performance.md, and the table of costs into README.md
Exit code 1 if a limit is not met.`;

/** Workers whose memory is measured, with these shares of `count` as open waits: on the SDK's own cache of workflows, and on one of that share. */
const ASLEEP = [
  { open: [0.1, 1, 3] },
  { open: [1], cache: 0.1 },
  { open: [1, 3], cache: 0.1, givesBack: true },
];

/** The lines to a provider: round trips by rates. */
const LINKS = [1000, 100].flatMap((mbit) => [20, 100, 200].map((rttMs) => ({ rttMs, mbit })));

const FULL = {
  rounds: 3,
  size: 1024,
  runs: 20,
  count: 1000,
  processingMs: 8000,
  asleep: ASLEEP,
  variants: VARIANTS,
  waitsMs: [3000, 10_000, 60_000, 600_000, 7_200_000],
  distantMiB: 256,
  brokenMiB: 1024,
  uploadHours: 2,
  waitHours: 40,
  links: LINKS,
};
const SHORT = {
  rounds: 1,
  size: 16,
  runs: 3,
  count: 10,
  processingMs: 500,
  asleep: ASLEEP.slice(-1),
  variants: VARIANTS.slice(0, 1),
  waitsMs: [3000],
  distantMiB: 8,
  brokenMiB: 32,
  resetMs: 3000,
  uploadHours: 2,
  waitHours: 0.05,
  links: [{ rttMs: 20, mbit: 1000 }],
};

/** @throws Error whose message says what is wrong */
export function readOptions(args) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      rounds: { type: 'string' },
      size: { type: 'string' },
      runs: { type: 'string' },
      count: { type: 'string' },
      short: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      docs: { type: 'boolean', default: false },
    },
  });
  const stranger = positionals.find((part) => !PARTS.includes(part));
  if (stranger !== undefined) throw new Error(`there is no part ${stranger}`);
  const defaults = values.short ? SHORT : FULL;
  const number = (name) => {
    const value = Number(values[name] ?? defaults[name]);
    if (!Number.isSafeInteger(value) || value < 1)
      throw new Error(`--${name} takes a whole number from 1 on`);
    return value;
  };
  return {
    ...defaults,
    parts: positionals.length > 0 ? positionals : PARTS,
    json: values.json,
    docs: values.docs,
    short: values.short,
    rounds: number('rounds'),
    sizeMiB: number('size'),
    runs: number('runs'),
    count: number('count'),
  };
}
