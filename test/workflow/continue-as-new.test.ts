/** A wait whose history grows long by the server's own word, which comes early here. */

import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import type { ActiveFile, UploadStatus } from '../../src/client/index.js';
import { replayed, runsOf, scheduled } from '../support/replay.js';
import { MODES } from '../support/scenario.js';
import { stubFile, stubWorker } from '../support/stub-worker.js';
import { useDevServer } from '../support/temporal.js';

const env = await useDevServer(undefined, { 'limit.historyCount.suggestContinueAsNew': 30 });

const CHECKS = 8;

it.each(MODES)('goes on in new runs: same file, same deadline, queries in each, %s', async (_, mode) => {
  let checks = 0;
  const { worker, taskQueue, calls } = await stubWorker(
    env,
    {
      geminiFilesCheck: ({ name }) => {
        checks += 1;
        return Promise.resolve({
          found: true,
          file: stubFile(name, { state: checks < CHECKS ? 'PROCESSING' : 'ACTIVE' }),
        });
      },
    },
    mode,
  );
  const workflowId = randomUUID();
  const input = {
    path: 'clip.mp4',
    timeout: '1h',
    pollInterval: '100ms',
    maxPollInterval: '100ms',
    jitter: 0,
  };
  await worker.runUntil(async () => {
    const handle = await env.client.workflow.start<(input: unknown) => Promise<ActiveFile>>(
      'uploadAndWaitActive',
      { taskQueue, workflowId, args: [input] },
    );
    expect(await handle.result()).toMatchObject({ id: calls.uploads[0], state: 'ACTIVE', polls: CHECKS });

    const runs = await runsOf(env.client, workflowId);
    expect(runs.length).toBeGreaterThanOrEqual(3);
    const statuses = [];
    const activities = [];
    for (const run of runs) {
      statuses.push(await env.client.workflow.getHandle(workflowId, run).query<UploadStatus>('uploadStatus'));
      activities.push(...scheduled(await replayed(env.client, workflowId, run)));
    }
    expect(new Set(statuses.map(({ id }) => id))).toEqual(new Set(calls.uploads));
    expect(new Set(statuses.map(({ deadline }) => deadline)).size).toBe(1);
    expect(activities).toEqual(['geminiFilesUpload', ...Array<string>(CHECKS).fill('geminiFilesCheck')]);
  });
  expect(calls.uploads).toHaveLength(1);
  expect(calls.deletes).toEqual([]);
});
