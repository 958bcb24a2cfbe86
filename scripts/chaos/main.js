// npm run chaos -- --workflows 100 --kills 20 --seed 7
// Breaks everything that can break, for real, and balances the books at the end; exits 1 where they do not.
import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { Client, WorkflowFailedError } from '@temporalio/client';
import { CancelledFailure } from '@temporalio/common';
import { findTemporalCli } from '../../dist/cli/embedded/index.js';
import { GeminiFilesClient, isGeminiFilesError } from '../../dist/client/index.js';
import { balance } from './books.js';
import { makePlan } from './plan.js';
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

/** Failures that a run of this fate may end with. */
const EXPECTED = { active: [], failed: ['UploadFailedError'], never: ['UploadInactiveError'] };

/** The server is down now and then: a call that could not be made is made again, unless each fails for a minute. */
async function persistently(call) {
  let failing;
  for (;;) {
    const began = Date.now();
    try {
      return await call();
    } catch (error) {
      if (error instanceof WorkflowFailedError || isGeminiFilesError(error)) throw error;
      // A call that lasted is a long poll that was cut: the server has been there since.
      if (failing === undefined || Date.now() - began > 5000) failing = Date.now();
      if (Date.now() - failing > 60_000) throw error;
      await sleep(200);
    }
  }
}

async function runOne(client, folder, run, begin) {
  const displayName = `${run.fate}-${run.processingMs}-${run.index}`;
  const path = join(folder, `${run.index}.bin`);
  const content = Buffer.alloc(run.sizeBytes, `run ${run.index};`);
  await writeFile(path, content);
  const record = {
    index: run.index,
    displayName,
    sha256: createHash('sha256').update(content).digest('hex'),
  };
  await sleep(Math.max(0, begin + run.atMs - Date.now()));
  const settings = {
    displayName,
    mimeType: 'video/mp4',
    timeout: run.timeoutMs,
    pollInterval: '500ms',
    maxPollInterval: '2s',
  };
  const start = { workflowId: `chaos-${run.index}`, workflowIdConflictPolicy: 'USE_EXISTING' };
  const handle = await persistently(() => client.start(path, settings, start));
  if (run.cancelAfterMs !== undefined) {
    await sleep(run.cancelAfterMs);
    // A run that has ended before can't be cancelled any more; that is its end all the same.
    await persistently(() => handle.cancel()).catch(() => undefined);
  }
  try {
    const file = await persistently(() => handle.result());
    return {
      ...record,
      outcome: 'completed',
      file: file.id,
      ...(run.fate !== 'active' && { unexpected: 'completed' }),
    };
  } catch (error) {
    if (error instanceof WorkflowFailedError && error.cause instanceof CancelledFailure) {
      return {
        ...record,
        outcome: 'cancelled',
        ...(run.cancelAfterMs === undefined && { unexpected: 'cancelled' }),
      };
    }
    const expected = EXPECTED[run.fate].includes(error.name) && error.cleanup === 'deleted';
    return {
      ...record,
      outcome: error.name,
      ...(!expected && { unexpected: `${error.name}: ${error.message}` }),
    };
  } finally {
    await rm(path, { force: true });
  }
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
  const { files, requests, bytes } = await world.emulator.call('books');
  const { counts, wrong } = balance(runs, files);
  const sent = plan.runs.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  const report = {
    seed: options.seed,
    ...counts,
    killed,
    faults: plan.faults.length,
    requests,
    bytesReceivedPerByteOfFiles: Number((bytes / sent).toFixed(2)),
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
