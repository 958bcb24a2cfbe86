/** Plays a plan: its uploads, its holds, its kills and its disturbances, and then the checks. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { GeminiFilesClient } from '../../dist/client/index.js';
import { createActions } from './actions.js';
import { replayAll } from '../replay-all.js';
import { auditRuns, openWorkflows } from './audit.js';
import { createChecks } from './checks.js';
import { createJournal } from './explain.js';
import { createInputFiles } from './input-files.js';
import { OpenRuns } from './open-runs.js';
import { report } from './report.js';
import { runHold } from './run-hold.js';
import { persistently, runOne } from './run-one.js';

/** After the last run has ended: the provider has done everything that it does late, and a sweep can examine each terminated run. */
const SETTLE_MS = 15_000;
/** The same if nothing comes late. */
const SHORT_SETTLE_MS = 1500;

/** What is replayed: each run of an upload and of a hold, also one that is open. */
const RUNS = "WorkflowType IN ('uploadAndWaitActive', 'holdActiveFile')";
const MAX_REPLAYED = 10_000;

/** @returns `{report, lines}`: the line of figures, and if the books do not balance, why */
export async function play({ world, folder, plan, options }) {
  const client = new Client({ connection: world.connection });
  const gemini = new GeminiFilesClient(client);
  const { notes, note } = createJournal(options.journal);
  const runs = new OpenRuns();
  const { perform, sweep, met } = createActions({ client, world, runs, note });
  const put = createInputFiles(folder, world.sources);
  const begin = Date.now();
  const at = (ms) => sleep(Math.max(0, begin + ms - Date.now()));

  const events = plan.events.map(async (event) => {
    await at(event.atMs);
    await perform(event);
  });
  const faults = plan.faults.map(async ({ atMs, fault }) => {
    await at(atMs);
    await world.emulator.call('fault', fault);
  });
  const killed = { worker: 0, server: 0 };
  const kills = (async () => {
    for (const { atMs, victim, downMs } of plan.kills) {
      await at(atMs);
      await world.kill(victim);
      note(`${victim} is killed, for ${downMs} ms`);
      killed[victim === 'server' ? 'server' : 'worker'] += 1;
      await sleep(downMs);
      world.start(victim);
    }
  })();

  const records = new Map();
  const isClosed = async (workflowId) => {
    const handle = client.workflow.getHandle(workflowId);
    const { status, runId } = await persistently(() => handle.describe());
    if (status.name !== 'RUNNING') return true;
    await persistently(() => client.workflow.getHandle(workflowId, runId).result()).catch(() => undefined);
    return false;
  };
  const upload = (run) =>
    runOne(gemini, put, run, begin, {
      started(workflowId, record) {
        records.set(workflowId, { ...record, plan: run });
        runs.open(workflowId);
      },
      ended: (workflowId) => runs.close(workflowId, () => isClosed(workflowId)),
    });
  const hold = (one) =>
    runHold({ client, gemini, put, plan: one, begin, started: (holdId) => runs.open(holdId) });
  const [seen, holds] = await Promise.all(
    [plan.runs.map(upload), plan.holds.map(hold)].map((all) => Promise.all(all)),
  );
  await Promise.all([...events, ...faults, kills]);
  const open = await openWorkflows(client, 'uploadAndWaitActive');
  const isLate = plan.events.some(({ kind }) => ['slowFinalize', 'lateFile', 'partition'].includes(kind));
  await sleep(isLate ? SETTLE_MS : SHORT_SETTLE_MS);
  const swept = await sweep(0);
  const seconds = Math.round((Date.now() - begin) / 1000);

  const entries = await auditRuns(client, records, (workflowId) => runs.touches(workflowId));
  const replay = await replayAll(client, RUNS, MAX_REPLAYED);
  const troubles = [
    ...replay.failures,
    ...open.map((workflowId) => `${workflowId} is still open`),
    ...(swept && swept.failed === 0 ? [] : [`the last sweep: ${JSON.stringify(swept ?? 'failed')}`]),
    ...disagreements(seen, entries, runs),
  ];
  const terminations = ({ holdId }) => runs.touches(holdId).filter((kind) => kind === 'termination').length;
  const owners = holds.map((one) => ({ ...one, terminations: terminations(one) }));
  const check = createChecks({ client, emulator: world.emulator, entries, holds: owners });
  const first = await check();
  await sleep(options.recheck * 1000);
  const again = await check();
  return report({
    world,
    plan,
    options,
    entries,
    troubles,
    checks: [first, again],
    notes,
    begin,
    seconds,
    killed,
    met,
    replayed: replay.replayed,
  });
}

/** The outcome that a client got is the one that the server has recorded. */
function disagreements(seen, entries, runs) {
  const byName = new Map(entries.map((entry) => [entry.displayName, entry]));
  return seen.flatMap(({ displayName, outcome, file, index }) => {
    const entry = byName.get(displayName);
    if (entry && runs.touches(entry.workflowId).length > 0) return [];
    if (entry?.outcome === outcome && entry.file === file) return [];
    return [
      `the client of run ${index} saw ${outcome} ${file ?? ''}, the server ${entry?.outcome ?? 'no run'}`,
    ];
  });
}
