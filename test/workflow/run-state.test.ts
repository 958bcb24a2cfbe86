/** The shipped workflows are loaded once for all runs of a worker, and no run sees the state of another. */

import { randomUUID } from 'node:crypto';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { bundleWorkflowCode, DefaultLogger, Worker } from '@temporalio/worker';
import { expect, it } from 'vitest';
import { replayHistories } from '../../src/testing/index.js';
import { useSharedDevServer } from '../support/temporal.js';

const env = await useSharedDevServer();
const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const logger = new DefaultLogger('WARN');

it('gives each run its own value, although they share the module', async () => {
  const workflowsPath = path('fixtures/run-state.ts');
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath,
    preloadModules: [workflowsPath],
    logger,
  });
  const taskQueue = randomUUID();
  const { nativeConnection: connection } = env;
  const worker = await Worker.create({ connection, taskQueue, workflowBundle, workflowThreadPoolSize: 1 });
  await worker.runUntil(async () => {
    const start = (until: number) =>
      env.client.workflow.start('counts', { taskQueue, workflowId: randomUUID(), args: [until] });
    const [one, three] = [await start(1), await start(3)];
    await three.signal('count');
    await three.signal('count');
    await one.signal('count');
    expect(await one.result()).toMatchObject({ own: 1 });
    await three.signal('count');
    const result = (await three.result()) as { own: number; shared: number };
    expect(result.own).toBe(3);
    // What they count in a variable of the module, they count together.
    expect(result.shared).toBeGreaterThan(3);
  });
});

const versions = readdirSync(path('../histories/'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name);

it.each(versions)('replays the histories of %s with modules that they share', async (version) => {
  const workflowBundle = await bundleWorkflowCode({
    workflowsPath: path('../histories/workflows.ts'),
    preloadModules: [path('../../src/workflow/index.ts')],
    logger,
  });
  const folder = path(`../histories/${version}`);
  const { replayed } = await replayHistories(folder, { workflowBundle });
  expect(replayed).toEqual(
    readdirSync(folder)
      .sort()
      .map((file) => join(folder, file)),
  );
});
