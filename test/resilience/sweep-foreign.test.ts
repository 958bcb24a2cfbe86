/** A file that a run has only waited for is not deleted: neither by a sweep nor by a block of the run, however the run ended. */

import { expect, it } from 'vitest';
import { useTestFolder } from '../support/files.js';
import { asleep, scenario } from '../support/scenario.js';
import { continueAsNew, HOURLY, startWaiting, sweep, terminate, untilListed } from '../support/sweep.js';
import { useDevServer } from '../support/temporal.js';
import { bundleFixture, userWorker } from '../support/user-worker.js';

// Runs continue as new after a few checks.
const env = await useDevServer(undefined, { 'limit.historyCount.suggestContinueAsNew': 30 });
const folder = await useTestFolder();
const { path } = await folder.file('clip.mp4', 1000);

const FOREIGN = { content: 'of somebody else', mimeType: 'video/mp4', apiKey: 'test-key' };
const NOTHING = { found: 0, deleted: 0, gone: 0, failed: 0, kept: 0, unreadable: 0, skipped: 0 };

it.each([
  ['waits', async () => {}],
  ['has continued as new', continueAsNew],
] as const)('of a terminated waitActive that %s', async (_, meanwhile) => {
  await using at = await scenario(env, folder);
  const id = at.emulator.addFile(FOREIGN);
  await at.run(async () => {
    // Even if the run was to delete the file when it gives up.
    const handle = await at.client.startWait(id, { ...HOURLY, cleanupOnTimeout: true });
    await asleep(env, handle);
    await meanwhile(env, handle);
    await terminate(env, handle.workflowId);
    expect(await sweep(env, at)).toMatchObject(NOTHING);
  });
  expect([...at.emulator.files.keys()]).toEqual([id]);
});

it("of another workflow's upload, while the run that waits is open", async () => {
  await using at = await scenario(env, folder);
  await at.run(async () => {
    const { name, workflowId } = await startWaiting(at, path);
    const wait = await at.client.startWait(name, HOURLY);
    await asleep(env, wait);
    await untilListed(env, `WorkflowId = '${wait.workflowId}'`);
    await terminate(env, workflowId);
    const error = `the open run ${wait.workflowId} uses it`;
    expect(await sweep(env, at)).toMatchObject({
      ...NOTHING,
      found: 1,
      kept: 1,
      files: [{ name, outcome: 'kept', error }],
    });
    expect([...at.emulator.files.keys()]).toEqual([name]);

    at.emulator.activate(name);
    await wait.checkNow();
    await wait.result();
    await untilListed(env, `WorkflowId = '${wait.workflowId}' AND ExecutionStatus = 'Completed'`);
    expect(await sweep(env, at)).toMatchObject({ ...NOTHING, found: 1, deleted: 1, files: [{ name }] });
  });
  expect(at.emulator.files.size).toBe(0);
});

it('of a terminated waitActive whose delete was under way', async () => {
  await using at = await scenario(env, folder, { faults: [{ on: 'delete', do: 'stall' }] });
  const id = at.emulator.addFile(FOREIGN);
  await at.run(async () => {
    const handle = await at.client.startWait(id, { timeout: 0, cleanupOnTimeout: true });
    await at.emulator.waitFor((requests) => requests.some(({ operation }) => operation === 'delete'));
    await terminate(env, handle.workflowId);
    expect(await sweep(env, at)).toMatchObject(NOTHING);
  });
  expect([...at.emulator.files.keys()]).toEqual([id]);
});

it("of a terminated user's workflow that waits inline, while it deletes what the workflow has uploaded itself", async () => {
  await using at = await userWorker(env, folder, await bundleFixture('foreign.ts'));
  const id = at.emulator.addFile(FOREIGN);
  const { status } = await at.run('uploadsAndWaitsForAnother', [path, id], async (workflowId) => {
    await at.emulator.waitFor((requests) => {
      const checked = requests.filter(({ operation }) => operation === 'get').map(({ file }) => file);
      return new Set(checked).size === 2;
    });
    const [own] = [...at.emulator.files.keys()].filter((name) => name !== id);
    await terminate(env, workflowId);
    const result = await sweep(env, at);
    expect(result).toMatchObject({ ...NOTHING, found: 1, deleted: 1, files: [{ name: own }] });
  });
  expect(status).toBe('TERMINATED');
  expect([...at.emulator.files.keys()]).toEqual([id]);
});

it('of a block that waits for another file: it deletes its own one only', async () => {
  const bundle = await bundleFixture('foreign.ts');
  await using at = await userWorker(env, folder, bundle, { outcome: 'ACTIVE', processing: 0 });
  const id = at.emulator.addFile(FOREIGN);
  const { value, activities } = await at.run('usesAnotherInItsBlock', [path, id]);
  expect(value).toEqual([expect.stringMatching(/^files\//), id]);
  expect(activities).toEqual(['geminiFilesUpload', 'geminiFilesCheck', 'geminiFilesDelete']);
  expect([...at.emulator.files.keys()]).toEqual([id]);
});
