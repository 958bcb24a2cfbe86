/** The sweep leaves a file alone that another run of the same workflow id needs, or may need. */

import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { ACTIVITY } from '../../src/contract/names.js';
import { beforeActivities } from '../support/activity-gates.js';
import { useTestFolder } from '../support/files.js';
import { resetRun } from '../support/reset.js';
import { asleep, scenario } from '../support/scenario.js';
import {
  continueAsNew,
  HOURLY,
  completeAfterReset,
  startWaiting,
  sweep,
  terminate,
  untilListed,
} from '../support/sweep.js';
import { useDevServer } from '../support/temporal.js';

// Runs continue as new after a few checks.
const env = await useDevServer(undefined, { 'limit.historyCount.suggestContinueAsNew': 30 });
const folder = await useTestFolder();
const { path } = await folder.file('clip.mp4', 1000);

const NOTHING = { found: 0, deleted: 0, gone: 0, failed: 0, kept: 0, unreadable: 0, skipped: 0, runs: [] };

it('keeps a file that a reset run handed on to a run that has not checked it yet', async () => {
  await using at = await scenario(env, folder);
  await at.run(async () => {
    const handle = await at.client.start(path, HOURLY);
    const { workflowId } = handle;
    await asleep(env, handle);
    const { id: name } = await handle.status();
    await resetRun(env.client, workflowId);
    await continueAsNew(env, at.client.attach(workflowId));
    const { events } = await env.client.workflow.getHandle(workflowId).fetchHistory();
    expect(events?.some((event) => event.activityTaskScheduledEventAttributes)).toBe(false);
    await untilListed(env, `WorkflowId = '${workflowId}' AND ExecutionStatus = 'Terminated'`);
    await untilListed(env, `WorkflowId = '${workflowId}' AND ExecutionStatus = 'ContinuedAsNew'`);

    expect(await sweep(env, at)).toMatchObject(NOTHING);
    expect(at.emulator.files.has(name)).toBe(true);

    await terminate(env, workflowId);
    expect(await sweep(env, at)).toMatchObject({ ...NOTHING, found: 1, deleted: 1 });
    expect(at.emulator.files.has(name)).toBe(false);
  });
});

it('keeps a file whose run is reset between the search and the delete', async () => {
  let reset = () => Promise.resolve();
  await using at = await scenario(
    env,
    folder,
    {},
    beforeActivities({ [ACTIVITY.deleteAbandoned]: () => reset() }),
  );
  await at.run(async () => {
    const { workflowId, name } = await startWaiting(at, path);
    await terminate(env, workflowId);
    reset = async () => void (await resetRun(env.client, workflowId));
    const result = await sweep(env, at);
    expect(result).toMatchObject({ ...NOTHING, found: 1, kept: 1 });
    expect(result.files).toEqual([
      expect.objectContaining({ name, outcome: 'kept', error: 'another run of its workflow id needs it' }),
    ]);
    expect(at.emulator.files.has(name)).toBe(true);
  });
});

it('deletes nothing of a workflow id whose open run has not named its file yet', async () => {
  await using at = await scenario(env, folder);
  const workflowId = randomUUID();
  await at.run(async () => {
    const ended = await startWaiting(at, path, workflowId);
    await terminate(env, workflowId);
    // It does not run any workflow task before the delay is over.
    const open = await at.client.start(path, {}, { workflowId, startDelay: '1h' });
    const { runId } = await open.workflow.describe();
    expect(await sweep(env, at)).toEqual({
      ...NOTHING,
      dryRun: false,
      files: [],
      skipped: 1,
      runs: [
        {
          workflowId,
          runId: ended.runId,
          outcome: 'skipped',
          reason: `the open run ${runId} has not named its file yet`,
        },
      ],
    });
    expect(at.emulator.files.has(ended.name)).toBe(true);

    await terminate(env, workflowId);
    expect(await sweep(env, at)).toMatchObject({ ...NOTHING, found: 1, deleted: 1 });
    expect(at.emulator.files.has(ended.name)).toBe(false);
  });
});

it('keeps a file that an earlier run completed with, behind a later run', async () => {
  await using at = await scenario(env, folder);
  const workflowId = randomUUID();
  await at.run(async () => {
    const first = await startWaiting(at, path, workflowId);
    await completeAfterReset(env, at, first);
    const second = await startWaiting(at, path, workflowId);
    await terminate(env, workflowId);
    await untilListed(env, `WorkflowId = '${workflowId}' AND ExecutionStatus = 'Completed'`);

    expect(await sweep(env, at)).toMatchObject({
      ...NOTHING,
      found: 1,
      deleted: 1,
      files: [{ name: second.name }],
    });
    expect([...at.emulator.files.keys()]).toEqual([first.name]);
  });
});

it('deletes each file once when two sweeps run at the same time', async () => {
  const searched = barrier(2);
  await using at = await scenario(
    env,
    folder,
    {},
    beforeActivities({ [ACTIVITY.deleteAbandoned]: searched }),
  );
  await at.run(async () => {
    const names: string[] = [];
    for (let run = 0; run < 3; run += 1) {
      const { workflowId, name } = await startWaiting(at, path);
      names.push(name);
      await terminate(env, workflowId);
    }
    const results = await Promise.all([sweep(env, at), sweep(env, at)]);
    const gone = results.reduce((sum, result) => sum + result.gone, 0);
    for (const result of results)
      expect(result).toMatchObject({ ...NOTHING, found: 3, deleted: 3, gone: expect.any(Number) as number });
    expect(gone).toBe(3);
    const deletes = at.emulator.requests.filter(({ operation }) => operation === 'delete');
    const done = deletes.filter(({ status }) => status === 200).map(({ file }) => file);
    expect(done.sort()).toEqual(names.sort());
    expect(deletes.length).toBe(6);
    expect(at.emulator.files.size).toBe(0);
  });
});

/** @returns a function whose first calls wait for each other, until `parties` have come */
function barrier(parties: number): () => Promise<void> {
  let come = 0;
  let open = () => {};
  const opened = new Promise<void>((resolve) => (open = resolve));
  return () => {
    come += 1;
    if (come === parties) open();
    return opened;
  };
}
