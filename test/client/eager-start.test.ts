/** Runs of a client that has the connection of a worker begin on that worker, without a task queue in between. */

import { Client, type WorkflowHandleWithStartDetails } from '@temporalio/client';
import type { Workflow } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { GeminiFilesClient, type StartOptions, type UploadHandle } from '../../src/client/index.js';
import { useTestFolder } from '../support/files.js';
import { QUICK, scenario } from '../support/scenario.js';
import { useSharedDevServer } from '../support/temporal.js';

const env = await useSharedDevServer();
const folder = await useTestFolder();
const video = await folder.file('clip.mp4', 3000);
const atOnce = { processing: 0, outcome: 'ACTIVE' } as const;

/** Whether the worker got the run's first task with the answer to the start. */
const eagerly = ({ workflow }: UploadHandle): boolean =>
  (workflow as WorkflowHandleWithStartDetails<Workflow>).eagerlyStarted;

/** A client that starts runs over the connection of the tests' workers. */
const sharing = (taskQueue: string) =>
  new GeminiFilesClient(new Client({ connection: env.nativeConnection }), { taskQueue });

describe('eager start', () => {
  it.each<[string, StartOptions, boolean]>([
    ['by default', {}, true],
    ['unless the caller says otherwise', { requestEagerStart: false }, false],
  ])('on the connection of a worker, %s', async (_, start, expected) => {
    await using at = await scenario(env, folder, atOnce);
    await at.run(async () => {
      const client = sharing(at.taskQueue);
      const upload = await client.start(video.path, {}, start);
      const { id } = await upload.result();
      const wait = await client.startWait(id, QUICK, start);
      expect(await wait.result()).toMatchObject({ id, state: 'ACTIVE' });
      expect([eagerly(upload), eagerly(wait)]).toEqual([expected, expected]);
      expect(at.emulator.files.size).toBe(1);
    });
  });

  it('not on a connection of its own, nor without a worker for the task queue', async () => {
    await using at = await scenario(env, folder, atOnce);
    await at.run(async () => {
      const other = await at.client.start(video.path);
      expect(eagerly(other)).toBe(false);
      expect(await other.result()).toMatchObject({ state: 'ACTIVE' });
    });
    const nobodys = await sharing(`${at.taskQueue}-of-nobody`).start(video.path);
    expect(eagerly(nobodys)).toBe(false);
    await nobodys.workflow.terminate();
  });
});
