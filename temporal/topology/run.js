// npm run topology -- --uploads 300 --seed 7
// The deployment of docker-compose.yml without Docker: a real Temporal server on PostgreSQL, three workers, an emulator with
// faults; one worker and the server are killed on the way. Balances the books at the end; exits 1 if they do not balance.
import { setMaxListeners } from 'node:events';
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import { findTemporalCli } from '../../dist/cli/temporal-cli/index.js';
import { GeminiFilesClient } from '../../dist/client/index.js';
import { balance, bytesReceivedPerByteOfFiles } from '../../scripts/chaos/books.js';
import { createInputFiles } from '../../scripts/chaos/input-files.js';
import { makePlan } from '../../scripts/chaos/plan.js';
import { seeded } from '../../scripts/chaos/random.js';
import { runOne } from '../../scripts/chaos/run-one.js';
import { closedStatuses, expectedStatuses, replayAll } from './audit.js';
import { serverBinaries, VERSION } from './binaries.js';
import { showLogs } from './processes.js';
import { createTopology } from './topology.js';

const { values } = parseArgs({
  options: { uploads: { type: 'string', default: '300' }, seed: { type: 'string', default: '7' } },
});
const [uploads, seed] = [Number(values.uploads), Number(values.seed)];
if (![uploads, seed].every((value) => Number.isSafeInteger(value) && value > 0)) {
  process.stderr.write('--uploads and --seed take whole numbers above 0\n');
  process.exit(2);
}

const say = (line) => process.stderr.write(`${line}\n`);
const WORKERS = 3;
const ALL = "WorkflowType = 'uploadAndWaitActive'";

async function play(topology, signal) {
  const plan = makePlan({ workflows: uploads, kills: 0, seed });
  const client = new Client({ connection: topology.connection });
  const gemini = new GeminiFilesClient(client);
  const begin = Date.now();
  const at = (ms) => sleep(Math.max(0, begin + ms - Date.now()), undefined, { signal });
  const random = seeded(seed);
  const when = (from, to) => random.between(from * plan.spanMs, to * plan.spanMs);
  const [workerAt, serverAt] = [when(0.2, 0.4), when(0.5, 0.7)];
  const victim = `worker-${random.between(0, WORKERS - 1)}`;

  const faults = plan.faults.map(async ({ atMs, fault }) => {
    await at(atMs);
    await topology.emulator.call('fault', fault);
  });
  let open = 0;
  const openAtKill = {};
  const kill = async (name) => {
    openAtKill[name] = open;
    say(`kill -9 ${name}, with ${open} uploads under way`);
    await topology.kill(name);
  };
  const kills = (async () => {
    await at(workerAt);
    await kill(victim); // and it is not restarted
    await at(serverAt);
    await kill('server');
    await topology.restartServer();
  })();
  const put = createInputFiles(topology.media);
  const upload = async (run) => {
    await at(run.atMs);
    open += 1;
    return runOne(gemini, put, run, begin).finally(() => (open -= 1));
  };
  const [runs] = await Promise.all([Promise.all(plan.runs.map(upload)), kills, ...faults]);

  const seconds = Math.round((Date.now() - begin) / 1000);
  const books = await topology.emulator.call('books');
  const { counts, wrong } = balance(runs, books.files, books.uploads);
  const [expected, statuses] = [expectedStatuses(runs), await closedStatuses(client, ALL, uploads)];
  if (!isDeepStrictEqual(statuses, expected))
    wrong.push(`Temporal counts ${JSON.stringify(statuses)}, the client ${JSON.stringify(expected)}`);
  const { replayed, failures } = await replayAll(client, ALL, uploads);
  wrong.push(...failures);
  if (replayed + failures.length !== uploads) wrong.push(`${replayed + failures.length} histories found`);
  const dead = topology.dead();
  if (!isDeepStrictEqual(dead, [victim])) wrong.push(`these processes ended: ${dead.join(', ')}`);

  const report = {
    seed,
    temporal: VERSION,
    workers: WORKERS,
    ...counts,
    openAtKill,
    faults: plan.faults.length,
    requests: books.requests,
    bytesReceivedPerByteOfFiles: bytesReceivedPerByteOfFiles(runs, books.bytes),
    replayed,
    seconds,
    balanced: wrong.length === 0,
  };
  process.stdout.write(`${JSON.stringify(report)}\n`);
  for (const line of wrong) process.stdout.write(`NOT BALANCED: ${line}\n`);
  return wrong.length === 0;
}

// Quiet: the states of the replay worker are not part of the report.
Runtime.install({
  logger: new DefaultLogger('ERROR'),
  telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' } } },
  shutdownSignals: [],
});
const interrupted = new Promise((_, reject) => {
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => reject(new Error(signal)));
});
interrupted.catch(() => undefined);
const folder = await mkdtemp(join(tmpdir(), 'topology-'));
const stop = new AbortController();
setMaxListeners(0, stop.signal); // one for each thing to come
// Uploads that were just beginning may still be writing their files.
const closers = [() => rm(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 100 })];
try {
  const { path: temporalCli } = await findTemporalCli({ onProgress: say });
  const binaries = { ...(await serverBinaries(say)), temporalCli };
  // Not to be interrupted, so that all that it starts has its closer.
  const topology = await createTopology({ folder, binaries, workers: WORKERS, closers });
  process.exitCode = (await Promise.race([play(topology, stop.signal), interrupted])) ? 0 : 1;
  if (process.exitCode === 1) await showLogs(folder, say);
} catch (error) {
  process.exitCode = 1;
  say(error.stack);
  await showLogs(folder, say);
} finally {
  stop.abort();
  // One that fails must not keep the rest from being ended.
  for (const close of closers.reverse()) await (async () => close())().catch((error) => say(error.stack));
}
process.exit();
