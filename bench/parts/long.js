/** What takes hours: an upload of two hours, on a clock that is computed, and a wait of 40 hours on Temporal's time-skipping server. */
import { HeartbeatRhythm } from '../../dist/activities/heartbeat-rhythm.js';
import { RequestSize } from '../../dist/gemini/request-size.js';
import { withChild } from '../lib/child.js';
import { say } from '../lib/progress.js';
import { limit } from '../lib/report.js';
import { table } from '../lib/table.js';

const MIB = 1024 * 1024;
const HOUR_MS = 3_600_000;
const HEARTBEAT_TIMEOUT_MS = 10_000;
/** Of an upload without a check: the start of the run, and the activity. */
const UPLOAD_ACTIONS = 2;
const UPLOAD_EVENTS = 11;
const UPLOAD_REQUESTS = 2;

/** Heartbeats that reach Temporal, and the longest time between two whose answer tells of a cancellation. */
const RHYTHMS = [
  ['one a second, one in four to the SDK as well, as 0.1.0', beatsOfOld, 1000],
  ['this package', beatsOfNow],
  ['one every 4 s, one in two to the SDK as well', (ms) => ms / 4000 + ms / 8000, 4000],
  ['one every 8 s, and the SDK every 8 s', (ms) => ms / 8000 + ms / 8000, 8000],
];

/** @param options - `waitHours` in PROCESSING, `uploadHours` */
export async function long({ waitHours, uploadHours }) {
  const uploads = RHYTHMS.map(([title, beats, gap]) => {
    const { heartbeats, gapMs = gap } = asBeats(beats(uploadHours * HOUR_MS));
    return { title, heartbeats, gapMs, events: UPLOAD_EVENTS, actions: UPLOAD_ACTIONS + heartbeats };
  });
  const requests = {
    ours: requestsAt(new RequestSize(8 * MIB), uploadHours),
    fixed: requestsAt({ of: (left) => Math.min(64 * MIB, left), passed() {} }, uploadHours),
  };
  const waits = await withChild('skipping', {}, async ({ call }) => {
    const rows = [];
    for (const options of [{}, { maxPollInterval: '5m' }]) {
      const title = options.maxPollInterval ? `maxPollInterval: '${options.maxPollInterval}'` : 'defaults';
      say(`long, a wait of ${waitHours} h: ${title}`);
      const taken = await call('wait', {
        ms: waitHours * HOUR_MS,
        type: 'uploadAndWaitActive',
        taskQueue: 'package',
        args: [{ path: 'clip.mp4', timeout: '47h', ...options }],
      });
      const actions = taken.runs + taken.timers + taken.activities;
      rows.push({ title, ...taken, actions, requests: UPLOAD_REQUESTS + taken.checks });
    }
    return rows;
  });
  const figures = { uploadHours, waitHours, uploads, requests, waits };
  return { figures, limits: limitsOf(figures), tables: tablesOf(figures) };
}

const asBeats = (beats) => (typeof beats === 'number' ? { heartbeats: Math.round(beats) } : beats);

function beatsOfOld(ms) {
  return ms / 1000 + ms / 4000;
}

function beatsOfNow(ms) {
  const rhythm = new HeartbeatRhythm(HEARTBEAT_TIMEOUT_MS);
  let heartbeats = 1;
  let last = 0;
  let gapMs = 0;
  for (let now = rhythm.tickMs(0); now <= ms; now += rhythm.tickMs(now)) {
    const { confirmed, sdk } = rhythm.tick(now, true);
    heartbeats += Number(confirmed) + Number(sdk);
    if (!confirmed) continue;
    gapMs = Math.max(gapMs, now - last);
    last = now;
  }
  return { heartbeats, gapMs };
}

/** Requests with data, at 5 MB/s. */
function requestsAt(size, hours) {
  let requests = 0;
  for (let left = hours * 3600 * 5e6; left > 0; requests += 1) {
    const bytes = size.of(left);
    size.passed(bytes, { ms: bytes / 5000, bodyMs: bytes / 5000 });
    left -= bytes;
  }
  return requests;
}

function limitsOf({ uploads: [before, now], waits, waitHours }) {
  return [
    limit('heartbeats of a long upload ÷ those of 0.1.0', now.heartbeats / before.heartbeats, 0.25),
    limit('a cancellation is noticed after at most, s', now.gapMs / 1000, 5),
    limit(
      `a wait of ${waitHours} h, noticed after, s`,
      Math.max(...waits.map((wait) => wait.overshootMs)) / 1000,
      330,
    ),
  ];
}

function tablesOf({ uploadHours, waitHours, uploads, requests, waits }) {
  const name = ([first, second]) => `${first}; ${second}`;
  return [
    table(
      [
        [`Upload of ${uploadHours} h at 5 MB/s, heartbeats`, ({ title }) => title],
        ['heartbeats', ({ heartbeats }) => String(heartbeats)],
        ['between two, s', ({ gapMs }) => (gapMs / 1000).toFixed(1)],
        ['events', ({ events }) => String(events)],
        ['actions', ({ actions }) => String(actions)],
      ],
      uploads,
    ),
    `Requests with data: ${name([`${requests.ours} of this package`, `${requests.fixed} of 64 MiB each`])}.`,
    table(
      [
        [`A wait of ${waitHours} h`, ({ title }) => title],
        ['checks', ({ checks }) => String(checks)],
        ['noticed after, s', ({ overshootMs }) => (overshootMs / 1000).toFixed(1)],
        ['runs', ({ runs }) => String(runs)],
        ['events', ({ events }) => String(events)],
        ['actions', ({ actions }) => String(actions)],
        ['requests', ({ requests: count }) => String(count)],
      ],
      waits,
    ),
  ];
}
