// npm run chaos -- --workflows 100 --kills 20 --seed 7
// Breaks everything that can break, for real, and balances the books at the end; exits 1 where they do not.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Client } from '@temporalio/client';
import { findTemporalCli } from '../../dist/cli/temporal-cli/index.js';
import { GeminiFilesClient } from '../../dist/client/index.js';
import { balance, bytesReceivedPerByteOfFiles } from './books.js';
import { makePlan } from './plan.js';
import { runOne } from './run-one.js';
import { createWorld } from './world.js';

const { values } = parseArgs({
  options: {
    workflows: { type: 'string', default: '100' },
    kills: { type: 'string', default: '20' },
    seed: { type: 'string', default: '7' },
  },
});
const options = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, Number(value)]));
if (Object.values(options).some((value) => !Number.isSafeInteger(value) || value < 0)) {
  process.stderr.write('--workflows, --kills and --seed take whole numbers\n');
  process.exit(2);
}

const plan = makePlan(options);
const folder = await mkdtemp(join(tmpdir(), 'gemini-files-chaos-'));
const { path: cli } = await findTemporalCli({ onProgress: (line) => process.stderr.write(`${line}\n`) });
const world = await createWorld({ cli, folder });
try {
  const client = new GeminiFilesClient(new Client({ connection: world.connection }));
  const begin = Date.now();
  const at = (ms) => sleep(Math.max(0, begin + ms - Date.now()));
  const faults = plan.faults.map(async ({ atMs, fault }) => {
    await at(atMs);
    await world.emulator.call('fault', fault);
  });
  const killed = { worker: 0, server: 0 };
  const kills = (async () => {
    for (const { atMs, victim, downMs } of plan.kills) {
      await at(atMs);
      await world.kill(victim);
      killed[victim === 'server' ? 'server' : 'worker'] += 1;
      await sleep(downMs);
      world.start(victim);
    }
  })();
  const runs = await Promise.all(plan.runs.map((run) => runOne(client, folder, run, begin)));
  await Promise.all([...faults, kills]);
  const { files, uploads, requests, bytes } = await world.emulator.call('books');
  const { counts, wrong } = balance(runs, files, uploads);
  const report = {
    seed: options.seed,
    ...counts,
    killed,
    faults: plan.faults.length,
    requests,
    bytesReceivedPerByteOfFiles: bytesReceivedPerByteOfFiles(runs, bytes),
    seconds: Math.round((Date.now() - begin) / 1000),
    balanced: wrong.length === 0,
  };
  process.stdout.write(`${JSON.stringify(report)}\n`);
  for (const line of wrong) process.stdout.write(`NOT BALANCED: ${line}\n`);
  process.exitCode = wrong.length === 0 ? 0 : 1;
} finally {
  await world.close();
  await rm(folder, { recursive: true, force: true });
}
