/** What a wait costs: events and actions at Temporal, requests at the provider, and how late its end is noticed. */
import { withChild } from '../lib/child.js';
import { say } from '../lib/progress.js';
import { limit } from '../lib/report.js';
import { simulate } from './backoff-simulation.js';
import { batched } from './batched-checks.js';
import { costTables, readmeTable } from './cost-tables.js';

const PATH = 'clip.mp4';
const ours = (title, options = {}) => ({
  title,
  type: 'uploadAndWaitActive',
  taskQueue: 'package',
  args: [{ path: PATH, timeout: '4h', ...options }],
});

const CONTESTANTS = [
  { title: 'plainest workflow, looks every 5 s', type: 'plain', taskQueue: 'others', args: [PATH] },
  ours('this package, defaults (2 s × 1.5 … 10 s)'),
  ours("this package, maxPollInterval: '1m'", { maxPollInterval: '1m' }),
  ours('this package, maxPollInterval: null', { maxPollInterval: null }),
  {
    title: 'check retried by the server every 10 s',
    type: 'retried',
    taskQueue: 'others',
    args: [10_000],
    retried: true,
  },
];

/** @param options - `waitsMs`, how long the files are in PROCESSING */
export async function cost({ waitsMs }) {
  const waits = await withChild('skipping', {}, async ({ call }) => {
    const rows = [];
    for (const ms of waitsMs) {
      for (const { title, retried = false, ...start } of CONTESTANTS) {
        say(`cost, a wait of ${ms / 1000} s: ${title}`);
        rows.push(priced({ title, ms, ...(await call('wait', { ms, ...start })) }, retried));
      }
    }
    return rows;
  });
  const figures = { waits, simulated: simulate(), batched: batched() };
  return { figures, limits: limitsOf(waits), tables: costTables(figures), readme: readmeTable(waits) };
}

/**
 * Temporal Cloud's count of actions: the start and each run continued as new, each timer, each attempt of an activity. Heartbeats
 * are actions too and in no history: the upload sends one at once and one a second.
 */
function priced(wait, retried) {
  const attempts = retried ? wait.activities + wait.checks - 1 : wait.activities;
  return { ...wait, actions: wait.runs + wait.timers + attempts, requests: UPLOAD_REQUESTS + wait.checks };
}

/** Start and finalize: a file of up to 64 MiB. */
const UPLOAD_REQUESTS = 2;

/** A wait that is longer than the plain workflow's cap may not cost more than that one's. */
function limitsOf(waits) {
  const [plain, mine] = CONTESTANTS.map(({ title }) => waits.filter((wait) => wait.title === title).at(-1));
  return [
    limit('longest wait: actions ÷ plainest workflow', mine.actions / plain.actions, 1),
    limit('longest wait: requests ÷ plainest workflow', mine.requests / plain.requests, 1),
  ];
}
