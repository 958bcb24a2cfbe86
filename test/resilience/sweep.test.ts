/** A workflow that was terminated or timed out runs no compensation: the sweep deletes what it left, and nothing else. */

import { randomBytes, randomUUID } from 'node:crypto';
import { Client } from '@temporalio/client';
import { describe, expect, it } from 'vitest';
import { GeminiFilesClient, scheduleSweep, type SweepOptions } from '../../src/client/index.js';
import { searchAbandoned, usesOfOpenRuns } from '../../src/activities/index.js';
import { faults } from '../../src/testing/index.js';
import { alteredClient } from '../support/altered-client.js';
import { encryption } from '../support/encryption.js';
import { useTestFolder } from '../support/files.js';
import { scenario } from '../support/scenario.js';
import { runsOfTest, startWaiting, sweep, terminate, type WaitingRun } from '../support/sweep.js';
import { useDevServer } from '../support/temporal.js';

const env = await useDevServer();
const folder = await useTestFolder();
const { path } = await folder.file('clip.mp4', 1000);

/** Without a filter: for the first test, before which nothing on this server was terminated. */
const everything = { query: undefined } as unknown as SweepOptions;

it('deletes the file of a terminated run, and none of a running, completed or foreign one', async () => {
  await using at = await scenario(env, folder);
  const foreign = at.emulator.addFile({ content: 'not ours', mimeType: 'text/plain', apiKey: 'test-key' });
  await at.run(async () => {
    const ended = await startWaiting(at, path);
    const open = await startWaiting(at, path);
    const done = await startWaiting(at, path);
    at.emulator.activate(done.name);
    await done.handle.checkNow();
    await done.handle.result();
    await terminate(env, ended.workflowId);

    const dry = await sweep(env, at, { ...everything, dryRun: true });
    expect(dry).toEqual({
      dryRun: true,
      found: 1,
      deleted: 0,
      gone: 0,
      failed: 0,
      files: [
        {
          name: ended.name,
          workflowId: ended.workflowId,
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
    expect(at.emulator.files.has(ended.name)).toBe(true);

    expect(await sweep(env, at, { ...everything, olderThan: '1h' })).toMatchObject({ found: 0 });
    expect(await sweep(env, at, everything)).toMatchObject({ found: 1, deleted: 1, failed: 0 });
    const left = [foreign, open.name, done.name].sort();
    expect([...at.emulator.files.keys()].sort()).toEqual(left);

    await terminate(env, open.workflowId);
    // The first one is found again, and is gone by now: the provider's 403 counts as deleted.
    expect(await sweep(env, at, everything)).toMatchObject({ found: 2, deleted: 2, gone: 1, failed: 0 });
    expect([...at.emulator.files.keys()].sort()).toEqual([foreign, done.name].sort());
  });
});

it('reports what could not be deleted, and continues with the rest', async () => {
  await using at = await scenario(env, folder);
  await at.run(async () => {
    for (let run = 0; run < 2; run += 1) await terminate(env, (await startWaiting(at, path)).workflowId);
    at.emulator.addFaults(faults.error('delete', 400, 'no'));
    const result = await sweep(env, at);
    expect(result).toMatchObject({ found: 2, deleted: 1, failed: 1 });
    const [left] = result.files.filter((file) => file.outcome === 'failed');
    expect(left?.error).toMatch(/^delete: http.*answered 400 .*: no$/);
    expect([...at.emulator.files.keys()]).toEqual([left?.name]);
    at.emulator.assertFaultsConsumed();
  });
});

it('runs from a Temporal Schedule', async () => {
  await using at = await scenario(env, folder);
  await at.run(async () => {
    const { workflowId, name } = await startWaiting(at, path);
    await terminate(env, workflowId);
    const schedule = await scheduleSweep(env.client, { olderThan: 0, taskQueue: at.taskQueue });
    const { action } = await schedule.describe();
    // A sweep that is stuck does not keep the later ones from starting for ever.
    expect(action).toMatchObject({ workflowRunTimeout: 86_400_000 });
    await schedule.trigger();
    await at.emulator.waitFor((requests) =>
      requests.some(({ operation, file }) => operation === 'delete' && file === name),
    );
    await schedule.delete();
  });
});

async function retriedIn({ handle }: WaitingRun): Promise<boolean> {
  const { events } = await handle.workflow.fetchHistory();
  return (events ?? []).some(({ activityTaskStartedEventAttributes: started }) => started?.lastFailure);
}

it.each([
  ['one key for all', false],
  ['payloads that are bound to their workflow or activity', true],
])('reads encrypted histories with the payload codec of its worker: %s', async (_, bound) => {
  const dataConverter = encryption(randomBytes(32), bound);
  await using at = await scenario(env, folder, {}, { dataConverter });
  const client = new Client({ connection: env.connection, dataConverter });
  const encrypting = { ...at, client: new GeminiFilesClient(client, { taskQueue: at.taskQueue }) };
  await at.run(async () => {
    const ended = await startWaiting(encrypting, path);
    // The history of the open run has the failure of an attempt, in the event of the next one.
    at.emulator.addFaults(faults.error('get', 503, 'busy'));
    const open = await startWaiting(encrypting, path);
    await expect.poll(() => retriedIn(open)).toBe(true);
    await terminate(env, ended.workflowId);
    expect(await sweep({ client }, at)).toMatchObject({ found: 1, deleted: 1, unreadable: 0 });
    expect([...at.emulator.files.keys()]).toEqual([open.name]);
    const { usedBy, unreadable } = await usesOfOpenRuns(client);
    expect(usedBy.get(open.name)).toBe(open.workflowId);
    expect(unreadable.map(({ workflowId }) => workflowId)).not.toContain(open.workflowId);
  });
});

it('refuses options that it does not know', async () => {
  await using at = await scenario(env, folder);
  await at.run(async () => {
    const started = sweep(env, at, { olderThan: 'soon' } as unknown as SweepOptions);
    await expect(started).rejects.toMatchObject({ cause: { type: 'InvalidOptionsError' } });
  });
});

describe("in a worker, says in the server's words", () => {
  it('why a list filter is not taken', async () => {
    await using at = await scenario(env, folder);
    const failed = await at.run(() =>
      sweep(env, at, { query: 'NoSuchAttribute = 1' }).catch((error: unknown) => error),
    );
    expect(failed).toHaveProperty('cause.cause.type', 'InvalidOptionsError');
    expect(failed).toHaveProperty(
      'cause.cause.message',
      expect.stringMatching(/^Invalid option query: .*NoSuchAttribute.*, got "NoSuchAttribute = 1"$/),
    );
  });

  it('why a run cannot be read', async () => {
    await using at = await scenario(env, folder);
    // As if retention deleted the history after the list was read.
    const runId = randomUUID();
    const client = alteredClient(new Client({ connection: env.nativeConnection }), (real) => ({
      listWorkflowExecutions: async (request) => {
        const page = await real.listWorkflowExecutions(request);
        for (const { execution } of page.executions) if (execution) execution.runId = runId;
        return page;
      },
    }));
    await at.run(async () => {
      const { workflowId } = await startWaiting(at, path);
      await terminate(env, workflowId);
      const { runs } = await searchAbandoned(client, { query: runsOfTest(at), olderThanMs: 0 });
      expect(runs).toMatchObject([{ workflowId, runId, outcome: 'unreadable' }]);
      expect(runs[0]?.reason).toMatch(
        new RegExp(`^the history of run ${runId} cannot be read: .*not found`, 'i'),
      );
    });
  });
});
