// npm run topology:waits -- --count 3000 --processing-ms 60000 --rounds 1 [--docs]
// Many waits on a real server: the plainest workflow and this package, in turn, each on a topology of its own. Exit code 1 if the limit is
// not met.
import { randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { Client } from '@temporalio/client';
import { SMALL_BYTES, startAll } from '../../bench/lib/burst.js';
import { closedRuns, untilClosed } from '../../bench/lib/closed-runs.js';
import { writeDocs } from '../../bench/lib/docs.js';
import { limit, limitsTable, machine, notMet } from '../../bench/lib/report.js';
import { median, medianRatio } from '../../bench/lib/stats.js';
import { megabytes, raw, seconds, table } from '../../bench/lib/table.js';
import { VERSION } from './binaries.js';
import { withTopology } from './with-topology.js';

const WORKERS = 3;
const SAY_MS = 15_000;

const text = (value) => ({ type: 'string', default: value });
const { values } = parseArgs({
  options: {
    count: text('3000'),
    'processing-ms': text('60000'),
    rounds: text('1'),
    docs: { type: 'boolean', default: false },
  },
});
const [count, processingMs, rounds] = [values.count, values['processing-ms'], values.rounds].map(Number);
if (![count, processingMs, rounds].every((value) => Number.isSafeInteger(value) && value > 0)) {
  process.stderr.write('--count, --processing-ms and --rounds take whole numbers above 0\n');
  process.exit(2);
}
const say = (line) => process.stderr.write(`${line}\n`);

// The chaos emulator takes a file's fate from its display name.
const displayName = `active-${processingMs}-0`;
const plainWorker = fileURLToPath(new URL('plain-worker.js', import.meta.url));
const contestants = {
  plain: {
    title: 'plainest workflow, looks every 5 s',
    type: 'plain',
    argument: (path) => path,
    options: { program: () => [plainWorker, displayName] },
  },
  ours: {
    title: 'this package, defaults',
    type: 'uploadAndWaitActive',
    argument: (path) => ({ path, mimeType: 'video/mp4', displayName, timeout: '1h' }),
    options: {},
  },
};

/** Says where it stands now and then: where the machine is too slow, a task that the server loses is found by its timeout of minutes alone. */
function sayEvery(ms, line) {
  let last = Date.now();
  return (value) => {
    if (Date.now() - last < ms) return;
    last = Date.now();
    say(line(value));
  };
}

async function measure({ type, argument, options }) {
  return withTopology({ workers: WORKERS, ...options }, say, async (topology) => {
    const client = new Client({ connection: topology.connection });
    const path = join(topology.media, 'small.mp4');
    await writeFile(path, Buffer.alloc(SMALL_BYTES, 1));
    const [before, transactionsBefore] = [await topology.usage(), await topology.transactions()];
    await startAll(client, type, count, () => ({
      taskQueue: 'gemini-files',
      workflowId: randomUUID(),
      args: [argument(path)],
    }));
    await untilClosed(
      client,
      count,
      sayEvery(SAY_MS, (closed) => `${closed} of ${count} waits have ended`),
    );
    const [after, transactions] = [await topology.usage(), await topology.transactions()];
    const { files, uploads } = await topology.emulator.call('books');
    const cpu = ({ workers }) => workers.reduce((sum, { cpuSeconds }) => sum + cpuSeconds, 0);
    return {
      ...(await closedRuns(client)),
      transactions: (transactions - transactionsBefore) / count,
      serverCpu: after.server.cpuSeconds - before.server.cpuSeconds,
      workersCpu: cpu(after) - cpu(before),
      peakRss: Math.max(...after.workers.map(({ peakRss }) => peakRss)),
      files: files.length,
      uploads: uploads.length,
    };
  });
}

const runs = { plain: [], ours: [] };
for (let round = 1; round <= rounds; round += 1) {
  for (const who of Object.keys(contestants)) {
    const run = await measure(contestants[who]);
    if (run === undefined) process.exit(1);
    say(`round ${round}, ${who}: ${JSON.stringify(run)}`);
    runs[who].push(run);
  }
}

const all = (who, field) => runs[who].map((run) => run[field]);
const column = (title, field, show) => [title, (who) => show(median(all(who, field)))];
const results = table(
  [
    [`${count} waits of ${processingMs / 1000} s`, (who) => contestants[who].title],
    column('total, s', 'totalMs', (ms) => seconds(ms, 1)),
    ['each round, s', (who) => raw(all(who, 'totalMs'), (ms) => seconds(ms, 1))],
    column('transactions a wait', 'transactions', (value) => value.toFixed(0)),
    column('events a wait', 'events', (value) => (value / count).toFixed(0)),
    column('server, CPU s', 'serverCpu', (value) => value.toFixed(0)),
    column('3 workers, CPU s', 'workersCpu', (value) => value.toFixed(0)),
    column('largest worker, MB', 'peakRss', megabytes),
  ],
  Object.keys(contestants),
);
const wrong = (field) => runs.ours.reduce((sum, run) => sum + Math.abs(run[field] - count), 0);
const limits = [
  limit('total time ÷ plainest workflow', medianRatio(all('ours', 'totalMs'), all('plain', 'totalMs')), 0.9),
  limit('waits that did not complete', wrong('completed'), 0),
  limit('files missing or uploaded more than once', wrong('files') + wrong('uploads'), 0),
];
const ran = `${new Date().toISOString().slice(0, 10)}: ${Object.values(machine()).join(', ')}; Temporal ${VERSION} on PostgreSQL, ${WORKERS} workers; ${rounds} ${rounds === 1 ? 'round' : 'rounds'}.`;
const section = [results, limitsTable(limits), ran].join('\n\n');
process.stdout.write(`${section}\n`);
if (values.docs) await writeDocs('docs/performance.md', { 'topology waits': section });
const missed = notMet({ waits: { limits } });
if (missed.length > 0) say(`Limits that are not met: ${missed.join('; ')}`);
process.exit(missed.length > 0 ? 1 : 0);
