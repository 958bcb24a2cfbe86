// npm run topology -- --uploads 300 --worker-kills 1 --server-kills 1 --seed 7 --ms-per-upload 150
// The deployment of docker-compose.yml without Docker: a real Temporal server on PostgreSQL, three workers, an emulator with
// faults; workers and the server are killed on the way. Balances the books at the end; exits 1 if they do not balance.
import { isDeepStrictEqual, parseArgs } from 'node:util';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { GeminiFilesClient } from '../../dist/client/index.js';
import { balance, bytesReceivedPerByteOfFiles } from '../../scripts/chaos/books.js';
import { createInputFiles } from '../../scripts/chaos/input-files.js';
import { makePlan } from '../../scripts/chaos/plan.js';
import { seeded } from '../../scripts/chaos/random.js';
import { runOne } from '../../scripts/chaos/run-one.js';
import { installQuietRuntime } from '../../scripts/quiet-runtime.js';
import { replayAll } from '../../scripts/replay-all.js';
import { closedStatuses, expectedStatuses } from './audit.js';
import { VERSION } from './binaries.js';
import { playKills } from './kills.js';
import { withTopology } from './with-topology.js';

const DEFAULTS = {
  uploads: '300',
  'worker-kills': '1',
  'server-kills': '1',
  seed: '7',
  'ms-per-upload': '150',
};
const names = Object.keys(DEFAULTS);
const options = Object.fromEntries(names.map((name) => [name, { type: 'string', default: DEFAULTS[name] }]));
const { values } = parseArgs({ options });
// Not in the order of `values`, in which the flags that are given come first.
const numbers = names.map((name) => Number(values[name]));
const [uploads, workerKills, serverKills, seed, msPerUpload] = numbers;
if (!numbers.every((value) => Number.isSafeInteger(value) && value > 0)) {
  process.stderr.write(`${names.map((name) => `--${name}`).join(', ')} take whole numbers above 0\n`);
  process.exit(2);
}

const say = (line) => process.stderr.write(`${line}\n`);
const WORKERS = 3;
const ALL = "WorkflowType = 'uploadAndWaitActive'";

async function play(topology, signal) {
  const plan = makePlan({ workflows: uploads, kills: 0, seed, msPerWorkflow: msPerUpload });
  const client = new Client({ connection: topology.connection });
  const gemini = new GeminiFilesClient(client);
  const begin = Date.now();
  const at = (ms) => sleep(Math.max(0, begin + ms - Date.now()), undefined, { signal });
  const faults = plan.faults.map(async ({ atMs, fault }) => {
    await at(atMs);
    await topology.emulator.call('fault', fault);
  });
  let open = 0;
  const kills = playKills(topology, {
    spanMs: plan.spanMs,
    workers: WORKERS,
    workerKills,
    serverKills,
    random: seeded(seed),
    at,
    open: () => open,
    say,
  });
  const put = createInputFiles(topology.media);
  const upload = async (run) => {
    await at(run.atMs);
    open += 1;
    return runOne(gemini, put, run, begin).finally(() => (open -= 1));
  };
  const [runs, { killed, stayedDead }] = await Promise.all([
    Promise.all(plan.runs.map(upload)),
    kills,
    ...faults,
  ]);

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
  if (!isDeepStrictEqual(dead, [stayedDead])) wrong.push(`these processes ended: ${dead.join(', ')}`);

  const report = {
    seed,
    temporal: VERSION,
    workers: WORKERS,
    ...counts,
    killed,
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

installQuietRuntime();
process.exitCode = (await withTopology({ workers: WORKERS }, say, play)) ? 0 : 1;
process.exit();
