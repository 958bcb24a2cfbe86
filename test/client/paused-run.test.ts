/** A run that an operator has paused is open: it is followed, shown and attached to like any open run. */

import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, inject, it } from 'vitest';
import type { UploadHandle, UploadProgress } from '../../src/client/index.js';
import { cliHome } from '../support/cli.js';
import { useTestFolder } from '../support/files.js';
import { asleep, scenario } from '../support/scenario.js';
import { useDevServer } from '../support/temporal.js';

const env = await useDevServer(undefined, { 'frontend.WorkflowPauseEnabled': true });
const folder = await useTestFolder();
const video = await folder.file('clip.mp4', 1000);

const LONG = { pollInterval: '1h', maxPollInterval: '1h', timeout: '2h' } as const;

async function operator(act: 'pause' | 'unpause', { workflowId }: UploadHandle): Promise<void> {
  const args = ['workflow', act, '--workflow-id', workflowId, '--address', env.address];
  await promisify(execFile)(inject('temporalCli'), args);
}

it('is followed until its end, and `status` shows it as open', async () => {
  await using at = await scenario(env, folder);
  await using home = await cliHome({ TEMPORAL_ADDRESS: env.address });
  await at.run(async () => {
    const handle = await at.client.start(video.path, LONG);
    await asleep(env, handle);
    await operator('pause', handle);

    const items: UploadProgress[] = [];
    let looks = 0;
    const { workflow } = handle;
    const describe = workflow.describe.bind(workflow);
    const looked = new Promise<void>((resolve) => {
      workflow.describe = () => {
        if ((looks += 1) === 3) resolve();
        return describe();
      };
    });
    const followed = (async () => {
      for await (const item of at.client.progress(handle, { intervalMs: 50 })) items.push(item);
    })();
    await Promise.race([looked, followed]);
    expect(items.map(({ phase }) => phase)).not.toContain('done');

    const shown = await home.run(['status', handle.workflowId, '--json']);
    expect(shown.code).toBe(0);
    expect(shown.json()).toMatchObject({ status: 'PAUSED', result: null, error: null });

    at.emulator.activate([...at.emulator.files.keys()][0] ?? '');
    await operator('unpause', handle);
    await handle.checkNow();
    await expect(handle.result()).resolves.toMatchObject({ state: 'ACTIVE' });
    await followed;
    expect(items.at(-1)).toMatchObject({ phase: 'done' });
  });
});
