/** `worker --host-queue`, and worker versioning by `--deployment` and `--build-id`. */

import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GeminiFilesClient, isGeminiFilesError, scheduleSweep } from '../../src/client/index.js';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { cliHome, type CliHome } from '../support/cli.js';
import { testFolder, type TestFolder } from '../support/files.js';
import { terminate } from '../support/sweep.js';
import { devServer } from '../support/temporal.js';

let env: TestWorkflowEnvironment;
let emulator: GeminiFilesEmulator;
let home: CliHome;
const folders: TestFolder[] = [];
beforeAll(async () => {
  [env, emulator] = await Promise.all([devServer(), GeminiFilesEmulator.start()]);
  home = await cliHome({
    TEMPORAL_ADDRESS: env.address,
    GEMINI_API_KEY: 'test-key',
    GOOGLE_GEMINI_BASE_URL: emulator.url,
  });
  folders.push(await testFolder(), await testFolder());
});
afterAll(async () => {
  await home[Symbol.asyncDispose]();
  await Promise.all([
    env.teardown(),
    emulator.close(),
    ...folders.map((folder) => folder[Symbol.asyncDispose]()),
  ]);
});

it('uploads each file on the host that has it', async () => {
  const [one, two] = folders as [TestFolder, TestFolder];
  const file = await one.file('notes.txt', 100);
  const other = await two.file('notes.txt', 200);
  const workers = folders.map(({ path }, index) =>
    home.start(['worker', '--allow-root', path, '--host-queue', `host-${index}`, '--json']),
  );
  await Promise.all(workers.map((worker) => worker.stdout(/"hostQueue":"host-\d"/)));

  const client = new GeminiFilesClient(env.client);
  const [first, second] = await Promise.all([
    client.uploadAndWaitActive('notes.txt', { taskQueue: 'host-0' }),
    client.uploadAndWaitActive('notes.txt', { taskQueue: 'host-1' }),
  ]);
  expect([first.sha256, second.sha256]).toEqual([file.sha256, other.sha256]);
  const wrong = client.uploadAndWaitActive(other.path, { taskQueue: 'host-0' });
  await expect(wrong).rejects.toSatisfy(
    (error) => isGeminiFilesError(error) && error.name === 'PathNotAllowedError',
  );

  for (const worker of workers) worker.child.kill('SIGTERM');
  expect((await Promise.all(workers.map((worker) => worker.ended))).map(({ code }) => code)).toEqual([0, 0]);
});

it('sweeps on the queue of a host, and takes no activities of the common queue', async () => {
  const [folder] = folders as [TestFolder];
  await folder.file('left.mp4', 1000);
  await using provider = await GeminiFilesEmulator.start({ outcome: 'NEVER' });
  const worker = home.start(
    ['worker', '--task-queue', 'common', '--host-queue', 'sweeping', '--allow-root', folder.path, '--json'],
    { env: { GOOGLE_GEMINI_BASE_URL: provider.url } },
  );
  await worker.stdout(/"hostQueue":"sweeping"/);
  const client = new GeminiFilesClient(env.client, { taskQueue: 'common' });
  const { workflowId } = await client.start('left.mp4', { timeout: '1h', taskQueue: 'sweeping' });
  await provider.waitFor((requests) => requests.some(({ operation }) => operation === 'get'));
  await terminate(env, workflowId);
  expect(provider.files.size).toBe(1);

  const schedule = await scheduleSweep(env.client, { taskQueue: 'sweeping', olderThan: 0 });
  await schedule.trigger();
  await expect.poll(() => provider.files.size).toBe(0);
  await schedule.delete();

  const { namespace } = env.client.options;
  const { pollers } = await env.client.workflowService.describeTaskQueue({
    ...{ namespace, taskQueue: { name: 'common' } },
    taskQueueType: ACTIVITIES,
  });
  expect(pollers).toEqual([]);
  worker.child.kill('SIGTERM');
  expect((await worker.ended).code).toBe(0);
});

/** `temporal.api.enums.v1.TaskQueueType`. */
const ACTIVITIES: number = 2;

it('keeps a run on the build that is current, and refuses half a version', async () => {
  const [folder] = folders as [TestFolder];
  await folder.file('versioned.txt', 10);
  const version = ['--deployment', 'gemini-files', '--build-id', 'build-1'];
  const queue = ['--task-queue', 'versioned', '--allow-root', folder.path, '--json'];
  const worker = home.start(['worker', ...queue, ...version]);
  await worker.stdout(/"taskQueue":"versioned"/);
  const { namespace } = env.client.options;
  const current = () =>
    env.client.workflowService.setWorkerDeploymentCurrentVersion({
      namespace,
      deploymentName: 'gemini-files',
      buildId: 'build-1',
    });
  // The server knows a version once its worker has polled.
  await expect
    .poll(
      () =>
        current().then(
          () => true,
          () => false,
        ),
      { timeout: 20_000 },
    )
    .toBe(true);

  const client = new GeminiFilesClient(env.client, { taskQueue: 'versioned' });
  const handle = await client.start('versioned.txt');
  expect(await handle.result()).toMatchObject({ state: 'ACTIVE' });
  const { raw } = await handle.workflow.describe();
  expect(raw.workflowExecutionInfo?.versioningInfo?.deploymentVersion).toMatchObject({
    deploymentName: 'gemini-files',
    buildId: 'build-1',
  });
  worker.child.kill('SIGTERM');
  expect((await worker.ended).code).toBe(0);

  const half = await home.run(['worker', ...queue, '--build-id', 'build-1']);
  expect(half.code).toBe(2);
  expect(half.stderr).toContain('--deployment and --build-id must be given together');
});
