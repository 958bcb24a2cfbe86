/** The figures in the sentences of the documentation are those of the code. */

import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { HeartbeatRhythm } from '../../src/activities/heartbeat-rhythm.js';
import { readPage } from './pages.js';

const second = 1000;
const minute = 60 * second;
const MIB = 1024 * 1024;

/** A page, what it says, and the constant of `src` that decides. */
const FIGURES: readonly [
  page: string,
  said: string,
  file: string,
  constant: string,
  value: number | string,
][] = [
  [
    'docs/cli.md',
    'waits ten minutes, not two, for a first connection',
    'cli/upload/unreachable-flag.ts',
    'UNREACHABLE_MS',
    2 * minute,
  ],
  [
    'docs/cli.md',
    'When two thirds of `--timeout` have passed',
    'cli/terminal/deadline-warning.ts',
    'PART',
    2 / 3,
  ],
  ['docs/cli.md', 'has seen no new poll of it for two minutes', 'cli/pollers.ts', 'FRESH_MS', 2 * minute],
  ['docs/cli.md', 'the last 48 hours, 200 at most', 'cli/list-runs.ts', 'MAX_RUNS', 200],
  ['docs/cli.md', 'more than half a second later', 'cli/terminal/interrupt.ts', 'SAME_MS', 500],
  ['docs/network.md', 'can be made | 30 s |', 'gemini/connection.ts', 'STALL_TIMEOUT_MS', 30 * second],
  [
    'docs/network.md',
    'get, list, delete | 20 s |',
    'gemini/connection.ts',
    'REQUEST_TIMEOUT_MS',
    20 * second,
  ],
  [
    'docs/network.md',
    '(8 MiB unless the provider names another)',
    'gemini/upload-protocol.ts',
    'DEFAULT_GRANULARITY',
    8 * MIB,
  ],
  [
    'docs/network.md',
    'and again every half minute',
    'cli/terminal/progress-view.ts',
    'TROUBLE_MS',
    30 * second,
  ],
  [
    'docs/operating.md',
    'keeps 10 long polls for workflow tasks open for each 10 ms',
    'worker/worker-defaults.ts',
    'POLLERS_PER_STEP',
    10,
  ],
  ['docs/operating.md', '10 at least and 80 at most', 'worker/worker-defaults.ts', 'MAX_STEPS', 8],
  [
    'docs/operating.md',
    'for each 10 ms of the round trip',
    'worker/worker-defaults.ts',
    'ROUND_TRIP_PER_STEP_MS',
    10,
  ],
  [
    'docs/operating.md',
    'after 3 seconds (`stickyQueueScheduleToStartTimeout`',
    'worker/worker-defaults.ts',
    'STICKY_TIMEOUT',
    '3s',
  ],
  [
    'docs/operating.md',
    'deletes up to 500 files and continues as new',
    'contract/sweep.ts',
    'FILES_PER_SEARCH',
    500,
  ],
  ['docs/performance.md', 'the first request has 64 MiB', 'gemini/request-size.ts', 'FIRST_BYTES', 64 * MIB],
  [
    'docs/performance.md',
    '**8 s at the measured speed**',
    'gemini/request-size.ts',
    'REQUEST_MS',
    8 * second,
  ],
  [
    'docs/holds.md',
    'has at least a minute left',
    'workflow/hold/schedule.ts',
    'LEAST_LEFT_MS',
    minute + second,
  ],
  [
    'docs/holds.md',
    'unless it did so in the last five seconds',
    'workflow/hold/schedule.ts',
    'CHECKED_FOR_MS',
    5 * second,
  ],
  ['docs/holds.md', 'tried again after 2 s, 4 s', 'workflow/hold/schedule.ts', 'FIRST_RETRY_MS', 2 * second],
  [
    'docs/holds.md',
    'up to ten minutes, until the old file expires',
    'workflow/hold/schedule.ts',
    'MAX_RETRY_MS',
    10 * minute,
  ],
  [
    'docs/holds.md',
    'when its history has 1,000 events',
    'workflow/hold/history-limit.ts',
    'HISTORY_LIMIT',
    1000,
  ],
  [
    'docs/holds.md',
    'at most 200 waiting workflows at a time',
    'workflow/hold/answers.ts',
    'MAX_UNDER_WAY',
    200,
  ],
  [
    'docs/storage.md',
    '30 s, doubling up to 10 minutes',
    'workflow/backoff.ts',
    'FIRST_QUOTA_WAIT',
    30 * second,
  ],
  ['docs/storage.md', 'doubling up to 10 minutes', 'workflow/backoff.ts', 'LONGEST_QUOTA_WAIT', 10 * minute],
  ['docs/storage.md', 'each moved by up to a tenth', 'workflow/backoff.ts', 'QUOTA_JITTER', 0.1],
  [
    'docs/storage.md',
    'every five minutes, however often',
    'cli/worker/storage-gauge.ts',
    'INTERVAL_MS',
    5 * minute,
  ],
  [
    'docs/storage.md',
    'more than a hundredth of the time',
    'cli/worker/storage-gauge.ts',
    'PAUSE_PER_READING',
    100,
  ],
  ['docs/sources.md', 'A source has at most 2,048 characters', 'contract/source.ts', 'MAX_CHARACTERS', 2048],
  [
    'docs/sources.md',
    'A name is `[a-z][a-z0-9-]{0,31}`',
    'contract/source.ts',
    'NAME',
    '[a-z][a-z0-9-]{0,31}',
  ],
  ['docs/sources.md', 'At most 3 redirects', 'sources/limits.ts', 'MAX_REDIRECTS', 3],
  [
    'docs/nexus.md',
    'a tenth of the time, at most 5 s',
    'workflow/end-within.ts',
    'MAX_RESERVE_MS',
    5 * second,
  ],
  ['docs/workflows.md', 'or the history has 2,000 events', 'workflow/wait.ts', 'HISTORY_LIMIT', 2000],
  ['docs/wait-active.md', 'Two denials in a row end the wait', 'workflow/wait-outcome.ts', 'MAX_DENIALS', 2],
  ['docs/observability.md', 'in the last two minutes', 'cli/pollers.ts', 'FRESH_MS', 2 * minute],
  [
    'docs/observability.md',
    'Temporal is asked once a second at most',
    'cli/worker/health.ts',
    'REUSE_MS',
    second,
  ],
];

it.each(FIGURES)('%s: %s', (page, said, file, constant, value) => {
  const text = readPage(page)
    .replaceAll(/\s+/g, ' ')
    .replaceAll(/ \|( \|)+/g, ' |');
  expect(text).toContain(said);
  expect(valueOf(file, constant)).toBe(value);
});

/** Heartbeats of an attempt until it is `ms` old, those for the SDK included, at the usual heartbeat timeout. */
function heartbeats(ms: number): number {
  const rhythm = new HeartbeatRhythm(10 * second);
  let sent = 0;
  for (let now = rhythm.tickMs(0); now <= ms; now += rhythm.tickMs(now)) {
    const { confirmed, sdk } = rhythm.tick(now, true);
    sent += Number(confirmed) + Number(sdk);
  }
  return sent;
}

it('the heartbeats of an upload are counted by their rhythm', () => {
  const page = readPage('docs/performance.md').replaceAll(/\s+/g, ' ');
  const readme = readPage('README.md');
  const first = heartbeats(minute);
  const later = Math.round((heartbeats(101 * minute) - first) / 100);
  expect(readme).toContain(`some ${first} in its first minute, and later [${later} a minute]`);
  expect(page).toContain(`every fourth time: ${first} in that minute`);
  expect(page).toContain(`${later} a minute. An upload of ten minutes sends some 240.`);
  expect(Math.round(heartbeats(10 * minute) / 10) * 10).toBe(240);
});

/** Most of these constants are used in their own file only, and are not exported: they are read from its text. */
function valueOf(file: string, constant: string): number | string | undefined {
  const source = readFileSync(new URL(`../../src/${file}`, import.meta.url), 'utf8');
  const [, text = ''] = new RegExp(`const ${constant}(?:: [^=]*)? = (.*?)(?: as const)?;`).exec(source) ?? [];
  const [, quoted] = /^'(.*)'$/.exec(text) ?? [];
  if (quoted !== undefined) return quoted;
  const factors = text.replaceAll('_', '').split(' ');
  return factors.reduce<number | undefined>((product, part, at) => {
    const before = factors[at - 1];
    if (part === '*' || part === '/' || product === undefined) return product;
    return before === '/' ? product / Number(part) : product * Number(part);
  }, 1);
}
