/** Histories straight from a namespace, and as Temporal's CLI exports them. */

import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, inject, it } from 'vitest';
import { replayHistories } from '../../src/testing/index.js';
import { useTestFolder } from '../support/files.js';
import { QUICK, scenario } from '../support/scenario.js';
import { useSharedDevServer } from '../support/temporal.js';

const workflowBundle = { codePath: fileURLToPath(new URL('../../dist/workflow-bundle.js', import.meta.url)) };
const broken = fileURLToPath(new URL('fixtures/one-more-timer.ts', import.meta.url));

const env = await useSharedDevServer();
const folder = await useTestFolder();

it('replays what a visibility query finds, and what the CLI exports', async () => {
  const notes = await folder.file('notes.txt', 100);
  await using at = await scenario(env, folder, {});
  const ids = await at.run(async () => {
    const handles = await Promise.all([1, 2, 3].map(() => at.client.start(notes.path, QUICK)));
    await Promise.all(handles.map((handle) => handle.result()));
    return handles.map(({ workflowId }) => workflowId);
  });
  const query = `TaskQueue = '${at.taskQueue}' AND ExecutionStatus = 'Completed'`;
  await expect.poll(async () => (await env.client.workflow.count(query)).count).toBe(3);

  const source = { client: env.client, query };
  const { replayed, ...rest } = await replayHistories(source, { workflowBundle });
  expect(rest).toEqual({ skipped: [] });
  expect(replayed.map((name) => name.split('/')[0]).sort()).toEqual([...ids].sort());
  const some = await replayHistories(
    [
      { ...source, limit: 2 },
      { ...source, limit: 3 },
    ],
    { workflowBundle },
  );
  expect(some.replayed).toHaveLength(5);
  expect(some.truncated).toEqual([query]);
  await expect(replayHistories(source, { workflowsPath: broken })).rejects.toThrow(
    '3 of 3 histories do not replay',
  );
  const cut = replayHistories({ ...source, limit: 2 }, { workflowsPath: broken });
  await expect(cut).rejects.toMatchObject({ name: 'ReplayError', replayed: [], truncated: [query] });

  const { workflowId } = await env.client.workflow.start('uploadAndWaitActive', {
    taskQueue: at.taskQueue,
    workflowId: 'starts-later',
    startDelay: '1h',
    args: [{ path: notes.path }],
  });
  const all = `TaskQueue = '${at.taskQueue}'`;
  await expect.poll(async () => (await env.client.workflow.count(all)).count).toBe(4);
  const report = await replayHistories({ client: env.client, query: all }, { workflowBundle });
  expect(report.replayed).toHaveLength(3);
  expect(report.skipped.map(({ name }) => name.split('/')[0])).toEqual([workflowId]);

  const [id = ''] = ids;
  const show = ['workflow', 'show', '--workflow-id', id, '--address', env.address, '--output', 'json'];
  const { stdout } = await promisify(execFile)(inject('temporalCli'), show);
  const exported = join(folder.path, 'exported.json');
  await writeFile(exported, stdout);
  expect((await replayHistories(exported, { workflowBundle })).replayed).toEqual([exported]);
});
