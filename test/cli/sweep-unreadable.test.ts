/** `sweep` names the runs that it could not read, and sweeps the others. */

import { randomBytes } from 'node:crypto';
import { Client } from '@temporalio/client';
import { expect, it } from 'vitest';
import { GeminiFilesClient, type SweepResult } from '../../src/client/index.js';
import { cliHome } from '../support/cli.js';
import { encryption } from '../support/encryption.js';
import { useTestFolder } from '../support/files.js';
import { relayedTemporal } from '../support/relayed-temporal.js';
import { scenario } from '../support/scenario.js';
import { startWaiting, terminate } from '../support/sweep.js';
import { useDevServer } from '../support/temporal.js';
import { testWorker } from '../support/worker.js';

// Otherwise the server takes half a minute to delete a run.
const env = await useDevServer(undefined, {
  'history.shardUpdateMinInterval': '1s',
  'history.transferProcessorUpdateAckInterval': '1s',
  'history.visibilityProcessorUpdateAckInterval': '1s',
});
const folder = await useTestFolder();
const { path } = await folder.file('clip.mp4', 1000);

it('counts and names a run that it cannot decode and one that disappears after it was listed', async () => {
  await using home = await cliHome();
  await using at = await scenario(env, folder);
  const dataConverter = encryption(randomBytes(32));
  const encrypting = await testWorker(env, {
    baseUrl: at.emulator.url,
    allowedRoots: [folder.path],
    dataConverter,
  });
  const client = new GeminiFilesClient(new Client({ connection: env.connection, dataConverter }), {
    taskQueue: encrypting.taskQueue,
  });
  const [readable, vanishing] = await at.run(async () => {
    const runs = [await startWaiting(at, path), await startWaiting(at, path)] as const;
    for (const { workflowId } of runs) await terminate(env, workflowId);
    return runs;
  });
  const encrypted = await encrypting.run(async () => {
    const run = await startWaiting({ ...at, client }, path);
    await terminate(env, run.workflowId);
    return run;
  });

  let listed = false;
  await using temporal = await relayedTemporal(env.address, async (call) => {
    if (listed || call !== 'ListWorkflowExecutions') return;
    listed = true;
    const { workflowId, runId } = vanishing;
    await env.client.workflowService.deleteWorkflowExecution({
      namespace: env.client.options.namespace,
      workflowExecution: { workflowId, runId },
    });
    const gone = () =>
      env.client.workflow
        .getHandle(workflowId, runId)
        .fetchHistory()
        .then(
          () => false,
          () => true,
        );
    await expect.poll(gone, { interval: 20 }).toBe(true);
  });
  const settings = {
    TEMPORAL_ADDRESS: temporal.address,
    GEMINI_API_KEY: 'test-key',
    GOOGLE_GEMINI_BASE_URL: at.emulator.url,
  };
  const { code, stderr, ...end } = await home.run(['sweep', '--older-than', '0s', '--json'], {
    env: settings,
  });
  const result = end.json<SweepResult>();
  expect(result).toMatchObject({ found: 1, deleted: 1, failed: 0, kept: 0, unreadable: 2, skipped: 0 });
  expect(result.files).toMatchObject([{ name: readable.name, outcome: 'deleted' }]);
  expect(new Map(result.runs.map(({ runId, ...run }) => [runId, run]))).toEqual(
    new Map([
      [
        encrypted.runId,
        {
          workflowId: encrypted.workflowId,
          outcome: 'unreadable',
          reason: 'its history cannot be decoded: Unknown encoding: binary/encrypted',
        },
      ],
      [
        vanishing.runId,
        {
          workflowId: vanishing.workflowId,
          outcome: 'unreadable',
          reason: expect.stringContaining(`the history of run ${vanishing.runId} cannot be read: `) as string,
        },
      ],
    ]),
  );
  expect(code).toBe(1);
  expect(stderr).toMatch(/^Temporal: \S+, namespace \S+ \(TEMPORAL_ADDRESS\)\n$/);
  expect([...at.emulator.files.keys()].sort()).toEqual([encrypted.name, vanishing.name].sort());

  // The same for people: a table of the files, one of the runs, and the counts.
  const told = await home.run(['sweep', '--older-than', '0s'], { env: settings });
  expect(told.code).toBe(1);
  expect(told.stdout.replaceAll(/ {2,}/g, '  ').trimEnd().split('\n')).toEqual([
    'NAME  OUTCOME  WORKFLOW  REASON',
    `${readable.name}  gone  ${readable.workflowId}  -`,
    '',
    'WORKFLOW  RUN  OUTCOME  REASON',
    `${encrypted.workflowId}  ${encrypted.runId}  unreadable  its history cannot be decoded: Unknown encoding: binary/encrypted`,
    '',
    '1 found, 1 deleted (1 gone already), 0 failed, unreadable runs: 1',
    'Searched: runs of uploadAndWaitActive, preuploadAndWaitActive and holdActiveFile. For workflows that call the functions inline, see --query.',
  ]);
});
