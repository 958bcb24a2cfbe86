/** The list of runs may be late, and servers differ in what they make of its filters. Neither costs a file that is in use. */

import { randomUUID } from 'node:crypto';
import type { Client } from '@temporalio/client';
import { expect, it } from 'vitest';
import { searchAbandoned } from '../../src/worker/internal.js';
import { alteredClient } from '../support/altered-client.js';
import { useTestFolder } from '../support/files.js';
import { resetRun } from '../support/reset.js';
import { scenario } from '../support/scenario.js';
import { completeAfterReset, runsOfTest, startWaiting, terminate, untilListed } from '../support/sweep.js';
import { useSharedDevServer } from '../support/temporal.js';

const env = await useSharedDevServer();
const folder = await useTestFolder();
const { path } = await folder.file('clip.mp4', 1000);

const RUNNING = 1;

it('keeps the file of an open run that the list does not have yet', async () => {
  const late = alteredClient(env.client, (real) => ({
    listWorkflowExecutions: async (request) => {
      const page = await real.listWorkflowExecutions(request);
      page.executions = page.executions.filter(({ status }) => Number(status) !== RUNNING);
      return page;
    },
  }));
  await using at = await scenario(env, folder);
  await at.run(async () => {
    const { workflowId } = await startWaiting(at, path);
    await resetRun(env.client, workflowId);
    await untilListed(env, `${runsOfTest(at)} AND ExecutionStatus = 'Terminated'`);
    const search = await searchAbandoned(late, { query: runsOfTest(at), olderThanMs: 0 });
    expect(search).toEqual({ files: [], unreadable: 0, skipped: 0, runs: [] });
  });
});

it.each<[string, Client]>([
  [
    'does not know STARTS_WITH',
    alteredClient(env.client, (real) => ({
      listWorkflowExecutions: (request) =>
        real.listWorkflowExecutions({
          ...request,
          query: request.query?.includes('STARTS_WITH') ? 'not a filter' : (request.query ?? ''),
        }),
    })),
  ],
  [
    'finds nothing by workflow id',
    alteredClient(env.client, (real) => ({
      listWorkflowExecutions: (request) =>
        real.listWorkflowExecutions({
          ...request,
          query: request.query?.replace(/WorkflowId STARTS_WITH '[^']*'/, "WorkflowId = ''") ?? '',
        }),
    })),
  ],
])('keeps the file of a completed run on a server that %s', async (_, client) => {
  await using at = await scenario(env, folder);
  await at.run(async () => {
    const first = await startWaiting(at, path, `clips\\${randomUUID()}`);
    const { workflowId } = first;
    await completeAfterReset(env, at, first);
    const second = await startWaiting(at, path, workflowId);
    await terminate(env, workflowId);
    await untilListed(env, `${runsOfTest(at)} AND ExecutionStatus = 'Completed'`);
    const search = await searchAbandoned(client, { query: runsOfTest(at), olderThanMs: 0 });
    expect(search).toMatchObject({ files: [{ name: second.name }], unreadable: 0, skipped: 0 });
  });
});
