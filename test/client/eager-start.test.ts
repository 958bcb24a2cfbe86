/** Temporal's eager start is the caller's choice: it does not ask which version of a worker is the current one. */

import { Client, type WorkflowHandleWithStartDetails } from '@temporalio/client';
import type { Workflow } from '@temporalio/common';
import { expect, it } from 'vitest';
import { GeminiFilesClient, type StartOptions } from '../../src/client/index.js';
import { useTestFolder } from '../support/files.js';
import { scenario } from '../support/scenario.js';
import { useSharedDevServer } from '../support/temporal.js';

const env = await useSharedDevServer();
const folder = await useTestFolder();
const video = await folder.file('clip.mp4', 3000);

it.each<[string, StartOptions, boolean]>([
  ['is not asked for by default', {}, false],
  ['is asked for if the caller says so', { requestEagerStart: true }, true],
])('an eager start on the connection of a worker %s', async (_, start, expected) => {
  await using at = await scenario(env, folder, { processing: 0, outcome: 'ACTIVE' });
  await at.run(async () => {
    const { taskQueue } = at;
    const client = new GeminiFilesClient(new Client({ connection: env.nativeConnection }), { taskQueue });
    const upload = await client.start(video.path, {}, start);
    const { eagerlyStarted } = upload.workflow as WorkflowHandleWithStartDetails<Workflow>;
    expect(await upload.result()).toMatchObject({ state: 'ACTIVE' });
    expect(eagerlyStarted).toBe(expected);
  });
});
