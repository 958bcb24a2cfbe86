/** A workflow that was terminated or timed out runs no compensation: the sweep deletes what it left, and nothing else. */

import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import {
  scheduleSweep,
  WORKFLOW,
  type SweepOptions,
  type SweepResult,
  type UploadHandle,
} from '../../src/client/index.js';
import { faults, GeminiFilesEmulator } from '../../src/testing/index.js';
import { useTestFolder } from '../support/files.js';
import { useDevServer } from '../support/temporal.js';
import { testWorker, type TestWorker } from '../support/worker.js';

const env = await useDevServer();
const folder = await useTestFolder();
const video = await folder.file('clip.mp4', 1000);

type Sweep = (input: SweepOptions) => Promise<SweepResult>;

const sweep = (worker: TestWorker, options: SweepOptions) =>
  env.client.workflow.execute<Sweep>(WORKFLOW.sweepAbandonedFiles, {
    taskQueue: worker.taskQueue,
    workflowId: `sweep-${randomUUID()}`,
    args: [options],
  });

/** Starts an upload whose file never becomes ACTIVE, and returns once it is being waited for. */
async function waiting(
  worker: TestWorker,
  emulator: GeminiFilesEmulator,
  workflowId: string = randomUUID(),
): Promise<{ handle: UploadHandle; name: string }> {
  const settings = { timeout: '1h', pollInterval: '100ms' } as const;
  const handle = await worker.client.start(video.path, settings, { workflowId });
  let name = '';
  for (;;) {
    const status = await handle.status();
    name = status.id;
    if (status.phase === 'processing') break;
    await emulator.waitFor((requests) =>
      requests.some((request) => request.operation === 'get' && request.path.endsWith(name)),
    );
  }
  return { handle, name };
}

/** Ends the run from outside and waits until visibility has noticed. */
async function closed(handle: UploadHandle, status: string): Promise<void> {
  const query = `WorkflowId = '${handle.workflowId}' AND ExecutionStatus = '${status}'`;
  while ((await env.client.workflow.count(query)).count === 0)
    await new Promise((next) => setImmediate(next));
}

describe('sweepAbandonedFiles', () => {
  it('deletes the file of a terminated run, and none of a running, completed or foreign one', async () => {
    await using emulator = await GeminiFilesEmulator.start({ outcome: 'NEVER', processing: '1h' });
    const foreign = emulator.addFile({ content: 'not ours', mimeType: 'text/plain', apiKey: 'test-key' });
    const worker = await testWorker(env, { baseUrl: emulator.url, allowedRoots: [folder.path] });
    await worker.run(async () => {
      const ended = await waiting(worker, emulator);
      const open = await waiting(worker, emulator);
      const done = await waiting(worker, emulator);
      emulator.activate(done.name);
      await done.handle.result();
      await ended.handle.workflow.terminate('lost');
      await closed(ended.handle, 'Terminated');

      const dry = await sweep(worker, { olderThan: 0, dryRun: true });
      expect(dry).toEqual({
        dryRun: true,
        found: 1,
        deleted: 0,
        failed: 0,
        files: [
          {
            name: ended.name,
            workflowId: ended.handle.workflowId,
            runId: expect.any(String) as string,
            keyFingerprint: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
            outcome: 'found',
          },
        ],
        kept: 0,
        unreadable: 0,
        skipped: 0,
        runs: [],
      });
      expect(emulator.files.has(ended.name)).toBe(true);

      expect(await sweep(worker, { olderThan: '1h' })).toMatchObject({ found: 0 });
      expect(await sweep(worker, { olderThan: 0 })).toMatchObject({ found: 1, deleted: 1, failed: 0 });
      const left = [foreign, open.name, done.name].sort();
      expect([...emulator.files.keys()].sort()).toEqual(left);

      await open.handle.workflow.terminate();
      await closed(open.handle, 'Terminated');
      // The first one is found again, and is gone by now: the provider's 403 counts as deleted.
      expect(await sweep(worker, { olderThan: 0 })).toMatchObject({ found: 2, deleted: 2, failed: 0 });
      expect([...emulator.files.keys()].sort()).toEqual([foreign, done.name].sort());
    });
  });

  it('keeps a file that the run which a reset made goes on with', async () => {
    await using emulator = await GeminiFilesEmulator.start({ outcome: 'NEVER', processing: '1h' });
    const worker = await testWorker(env, { baseUrl: emulator.url, allowedRoots: [folder.path] });
    await worker.run(async () => {
      const { handle, name } = await waiting(worker, emulator);
      const { workflowId } = handle;
      const { runId } = await handle.workflow.describe();
      const history = await env.client.workflow.getHandle(workflowId, runId).fetchHistory();
      const completed = history.events?.filter((event) => event.workflowTaskCompletedEventAttributes) ?? [];
      await env.client.workflowService.resetWorkflowExecution({
        namespace: env.client.options.namespace,
        workflowExecution: { workflowId, runId },
        workflowTaskFinishEventId: completed[1]?.eventId ?? null,
        requestId: randomUUID(),
      });
      await closed(handle, 'Terminated');
      const query = { query: `WorkflowId = '${workflowId}'` };
      expect(await sweep(worker, { olderThan: 0, ...query })).toMatchObject({ found: 0 });
      expect(emulator.files.has(name)).toBe(true);

      await env.client.workflow.getHandle(workflowId).terminate();
      while ((await env.client.workflow.count(`${query.query} AND ExecutionStatus = 'Terminated'`)).count < 2)
        await new Promise((next) => setImmediate(next));
      expect(await sweep(worker, { olderThan: 0, ...query })).toMatchObject({ found: 1, deleted: 1 });
      expect(emulator.files.has(name)).toBe(false);
    });
  });

  // An id goes into a list filter: what is not plain in it must neither change the filter nor break it.
  it.each(['clips\\a.mp4', 'ends with \\', "it's", "' OR ''='", 'say "a"', 'line\nbreak', '%_', 'ü 😀'])(
    'finds the file of the run %j, and keeps the one of an open run that a reset made',
    async (id) => {
      await using emulator = await GeminiFilesEmulator.start({ outcome: 'NEVER', processing: '1h' });
      const worker = await testWorker(env, { baseUrl: emulator.url, allowedRoots: [folder.path] });
      await worker.run(async () => {
        const { handle, name } = await waiting(worker, emulator, `${id}-${randomUUID()}${id}`);
        const { workflowId } = handle;
        const { runId } = await handle.workflow.describe();
        const history = await env.client.workflow.getHandle(workflowId, runId).fetchHistory();
        const done = history.events?.filter((event) => event.workflowTaskCompletedEventAttributes) ?? [];
        await env.client.workflowService.resetWorkflowExecution({
          namespace: env.client.options.namespace,
          workflowExecution: { workflowId, runId },
          workflowTaskFinishEventId: done[1]?.eventId ?? null,
          requestId: randomUUID(),
        });
        const query = `TaskQueue = '${worker.taskQueue}'`;
        const terminated = async (count: number) => {
          const filter = `${query} AND ExecutionStatus = 'Terminated'`;
          while ((await env.client.workflow.count(filter)).count < count)
            await new Promise((next) => setImmediate(next));
        };
        await terminated(1);
        expect(await sweep(worker, { olderThan: 0, query })).toMatchObject({ found: 0 });
        expect(emulator.files.has(name)).toBe(true);
        await env.client.workflow.getHandle(workflowId).terminate();
        await terminated(2);
        expect(await sweep(worker, { olderThan: 0, query })).toMatchObject({ found: 1, deleted: 1 });
        expect(emulator.files.has(name)).toBe(false);
      });
    },
  );

  it('says what could not be deleted, and goes on with the rest', async () => {
    await using emulator = await GeminiFilesEmulator.start({ outcome: 'NEVER', processing: '1h' });
    const worker = await testWorker(env, { baseUrl: emulator.url, allowedRoots: [folder.path] });
    await worker.run(async () => {
      const runs = [await waiting(worker, emulator), await waiting(worker, emulator)];
      for (const { handle } of runs) {
        await handle.workflow.terminate();
        await closed(handle, 'Terminated');
      }
      emulator.addFaults(faults.error('delete', 400, 'no'));
      const query = runs.map(({ handle }) => `WorkflowId = '${handle.workflowId}'`).join(' OR ');
      const result = await sweep(worker, { olderThan: 0, query });
      expect(result).toMatchObject({ found: 2, deleted: 1, failed: 1 });
      const [left] = result.files.filter((file) => file.outcome === 'failed');
      expect(left?.error).toMatch(/^delete: DELETE http.*answered 400 .*: no$/);
      expect([...emulator.files.keys()]).toEqual([left?.name]);
      emulator.assertFaultsConsumed();
    });
  });

  it('runs from a Temporal Schedule', async () => {
    await using emulator = await GeminiFilesEmulator.start({ outcome: 'NEVER', processing: '1h' });
    const worker = await testWorker(env, { baseUrl: emulator.url, allowedRoots: [folder.path] });
    await worker.run(async () => {
      const { handle, name } = await waiting(worker, emulator);
      await handle.workflow.terminate();
      await closed(handle, 'Terminated');
      const schedule = await scheduleSweep(env.client, { olderThan: 0, taskQueue: worker.taskQueue });
      await schedule.trigger();
      await emulator.waitFor((requests) =>
        requests.some((request) => request.operation === 'delete' && request.path.endsWith(name)),
      );
      await schedule.delete();
    });
  });

  it('refuses options that it does not know', async () => {
    const worker = await testWorker(env, { baseUrl: 'http://127.0.0.1:9', allowedRoots: [folder.path] });
    await worker.run(async () => {
      const started = sweep(worker, { olderThan: 'soon' } as unknown as SweepOptions);
      await expect(started).rejects.toMatchObject({ cause: { type: 'InvalidOptionsError' } });
    });
  });
});
