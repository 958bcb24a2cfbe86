/** Plays a plan: its runs, its kills and its disturbances, and then the checks. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@temporalio/client';
import { GeminiFilesClient } from '../../dist/client/index.js';
import { createActions } from './actions.js';
import { auditRuns, openWorkflows } from './audit.js';
import { balance, bytesReceivedPerByteOfFiles } from './books.js';
import { createJournal, explain } from './explain.js';
import { OpenRuns } from './open-runs.js';
import { persistently, runOne } from './run-one.js';

/** After the last run has ended: the provider has done everything that it does late, and a sweep can examine each terminated run. */
const SETTLE_MS = 15_000;

/** At most so many uploads are explained in full. */
const MAX_EXPLAINED = 12;

/** @returns `{report, lines}`: the line of figures, and if the books do not balance, why */
export async function play({ world, folder, plan, options }) {
  const client = new Client({ connection: world.connection });
  const gemini = new GeminiFilesClient(client);
  const { notes, note } = createJournal(options.journal);
  const runs = new OpenRuns();
  const { perform, sweep, met } = createActions({ client, world, runs, note });
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
    runOne(gemini, folder, run, begin, {
      started(workflowId, record) {
        records.set(workflowId, { ...record, plan: run });
        runs.open(workflowId);
      },
      ended: (workflowId) => runs.close(workflowId, () => isClosed(workflowId)),
    });
  const seen = await Promise.all(plan.runs.map(upload));
  await Promise.all([...events, ...faults, kills]);
  const open = await openWorkflows(client);
  await sleep(SETTLE_MS);
  const swept = await sweep(0);
  const seconds = Math.round((Date.now() - begin) / 1000);

  const entries = await auditRuns(client, records, (workflowId) => runs.touches(workflowId));
  const troubles = [
    ...open.map((workflowId) => `${workflowId} is still open`),
    ...(swept && swept.failed === 0 ? [] : [`the last sweep: ${JSON.stringify(swept ?? 'failed')}`]),
    ...disagreements(seen, entries, runs),
  ];
  const check = async () => {
    const books = await world.emulator.call('books');
    return { books, ...balance(entries, books.files, books.uploads) };
  };
  const first = await check();
  await sleep(options.recheck * 1000);
  const again = await check();

  const balanced = [first.wrong, again.wrong, troubles].every((lines) => lines.length === 0);
  const report = {
    seed: options.seed,
    ...first.counts,
    killed,
    faults: plan.faults.length,
    disturbances: { ...met, shiftedClocks: world.shiftedClocks() },
    faultsMet: again.books.faultsMet,
    requests: again.books.requests,
    bytesReceivedPerByteOfFiles: bytesReceivedPerByteOfFiles(entries, again.books.bytes),
    seconds,
    checks: [0, options.recheck].map((afterSeconds, index) => {
      const { counts, wrong } = [first, again][index];
      return { afterSeconds, files: counts.files, unowned: counts.unowned, wrong: wrong.length };
    }),
    balanced,
  };
  const lines = [
    ...[...troubles, ...first.wrong].map((line) => `NOT BALANCED: ${line}`),
    ...again.wrong
      .filter((line) => !first.wrong.includes(line))
      .map((line) => `NOT BALANCED ${options.recheck} s later: ${line}`),
  ];
  const asked = entries.filter(({ plan: { index } }) => options.explained.includes(index));
  const suspects = [...first.suspects, ...again.suspects].slice(0, MAX_EXPLAINED);
  for (const displayName of new Set([...asked.map((entry) => entry.displayName), ...suspects])) {
    const log = await world.emulator.call('log', displayName);
    lines.push('', ...explain({ displayName, entries, notes, log, begin }));
  }
  return { report, lines };
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
