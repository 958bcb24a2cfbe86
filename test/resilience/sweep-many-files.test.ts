/** No number of abandoned files is too many: a search finds a bounded part of them, and the sweep continues as new. */

import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import type { SweepResult } from '../../src/client/index.js';
import { ACTIVITY, SWEPT_WORKFLOW_TYPES, WORKFLOW } from '../../src/contract/names.js';
import type { AbandonedFile, AbandonedSearch, FindAbandonedInput } from '../../src/contract/sweep.js';
import { alteredClient } from '../support/altered-client.js';
import { searchAbandoned } from '../../src/worker/internal.js';
import { replayed, runsOf, scheduled } from '../support/replay.js';
import { stubWorker } from '../support/stub-worker.js';
import { runsOfTest, untilListed } from '../support/sweep.js';
import { useDevServer } from '../support/temporal.js';
import { bundleEmbedding } from '../support/user-worker.js';
import { testWorker } from '../support/worker.js';

const env = await useDevServer();

const HOURLY = { path: 'clip.mp4', pollInterval: '1h', maxPollInterval: '1h', timeout: '24h' } as const;

/** One run of a user's workflow that calls the function inline, with five files, and four of the package's own; terminated. */
async function terminatedRuns(): Promise<{ query: string; names: string[] }> {
  const { worker, taskQueue, calls } = await stubWorker(env, {}, { workflowBundle: await bundleEmbedding() });
  await worker.runUntil(async () => {
    const start = (type: string, args: unknown[]) =>
      env.client.workflow.start(type, { taskQueue, workflowId: randomUUID(), args });
    const handles = await Promise.all([
      start('all', [Array(5).fill(HOURLY)]),
      ...Array.from({ length: 4 }, () => start('uploadAndWaitActive', [HOURLY])),
    ]);
    await expect.poll(() => calls.uploads.length, { interval: 20 }).toBe(9);
    for (const handle of handles) await handle.terminate();
  });
  const query = runsOfTest({ taskQueue });
  await untilListed(env, `${query} AND ExecutionStatus = 'Terminated'`, 5);
  return { query, names: calls.uploads.sort() };
}

it('finds each file once in searches that continue each other, also within a run and across pages', async () => {
  const { query, names } = await terminatedRuns();
  const client = alteredClient(env.client, (real) => ({
    listWorkflowExecutions: (request) => real.listWorkflowExecutions({ ...request, pageSize: 2 }),
  }));
  const found: string[] = [];
  const sizes: number[] = [];
  let after: string | undefined;
  do {
    const search = await searchAbandoned(client, { query, olderThanMs: 0, limit: 2, after });
    found.push(...search.files.map(({ name }) => name));
    sizes.push(search.files.length);
    after = search.next;
  } while (after !== undefined);
  expect(sizes).toEqual([2, 2, 2, 2, 1]);
  expect(found.sort()).toEqual(names);

  // Workflows of others are searched only if they are named.
  const byDefault = await searchAbandoned(env.client, { olderThanMs: 0 });
  expect(byDefault.files).toHaveLength(4);
  const types = [...SWEPT_WORKFLOW_TYPES, 'all'].map((type) => `'${type}'`).join(', ');
  const withInline = await searchAbandoned(env.client, {
    query: `WorkflowType IN (${types})`,
    olderThanMs: 0,
  });
  expect(withInline.files.map(({ name }) => name).sort()).toEqual(names);
});

/** As a history has it, with an id of the longest kind. */
const abandoned = (index: number): AbandonedFile => ({
  name: `files/f${index}`,
  workflowId: `run-${index}-`.padEnd(1000, 'x'),
  runId: randomUUID(),
});

/** @param parts - how many files each search finds */
async function sweepParts(parts: readonly number[], dryRun = false, more: readonly unknown[] = []) {
  const searches: FindAbandonedInput[] = [];
  const find = (input: FindAbandonedInput): Promise<AbandonedSearch> => {
    searches.push(input);
    const part = searches.length - 1;
    return Promise.resolve({
      files: Array.from({ length: parts[part] ?? 0 }, (_, index) => abandoned(1000 * part + index)),
      unreadable: 1,
      skipped: 1,
      runs: [{ workflowId: `run ${part}`, runId: '', outcome: 'unreadable', reason: '' }],
      ...(part + 1 < parts.length && { next: `part ${part + 1}` }),
    });
  };
  const { worker, taskQueue } = await testWorker(env, {
    activities: {
      [ACTIVITY.findAbandoned]: find,
      [ACTIVITY.deleteAbandoned]: () => Promise.resolve({ outcome: 'deleted' }),
    },
  });
  const workflowId = randomUUID();
  const result = await worker.runUntil(
    env.client.workflow.execute<(...args: unknown[]) => Promise<SweepResult>>(WORKFLOW.sweepAbandonedFiles, {
      taskQueue,
      workflowId,
      args: [{ olderThan: 0, dryRun }, ...more],
    }),
  );
  return { workflowId, result, searches };
}

it('continues as new after each search, and counts the files of all', async () => {
  const { workflowId, result, searches } = await sweepParts([3, 0, 2]);
  expect(searches).toEqual([
    { olderThanMs: 0, limit: 500 },
    { olderThanMs: 0, limit: 500, after: 'part 1' },
    { olderThanMs: 0, limit: 500, after: 'part 2' },
  ]);
  expect(result).toMatchObject({
    found: 5,
    deleted: 5,
    gone: 0,
    failed: 0,
    kept: 0,
    unreadable: 3,
    skipped: 3,
  });
  expect(result.files.map(({ name }) => name)).toEqual([
    'files/f0',
    'files/f1',
    'files/f2',
    'files/f2000',
    'files/f2001',
  ]);
  expect(result.runs.map((run) => run.workflowId)).toEqual(['run 0', 'run 1', 'run 2']);
  const activities = [];
  for (const runId of await runsOf(env.client, workflowId))
    activities.push(scheduled(await replayed(env.client, workflowId, runId)).length);
  expect(activities).toEqual([4, 1, 3]);
});

it('names as many files as fit into its result, and counts all', async () => {
  const { result } = await sweepParts([300, 300], true);
  expect(result).toMatchObject({ found: 600, deleted: 0 });
  expect(result.files.length).toBeGreaterThan(400);
  expect(JSON.stringify(result).length).toBeLessThan(600_000);
});

it.each([
  ['a run id', { runId: randomUUID() }],
  ['no run id', {}],
])('starts from the beginning if a client gives a position to continue at, with %s', async (_, madeBy) => {
  const { searches, result } = await sweepParts([1], false, [
    { ...madeBy, after: 'part 7', result: { found: 9 } },
  ]);
  expect(searches).toEqual([{ olderThanMs: 0, limit: 500 }]);
  expect(result).toMatchObject({ found: 1, deleted: 1 });
});
