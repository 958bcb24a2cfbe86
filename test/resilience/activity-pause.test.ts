/** `temporal activity pause`, `unpause` and `update-options` in the middle of an upload: it stops within seconds, and resumes in the same session. */

import { expect, it } from 'vitest';
import type { UploadHandle } from '../../src/client/index.js';
import { useTestFolder } from '../support/files.js';
import { ended, scenario } from '../support/scenario.js';
import { useSharedDevServer } from '../support/temporal.js';
import { MiB } from '../support/upload.js';
import { stopwatch } from '../support/stopwatch.js';
import { eventually } from '../support/eventually.js';

const env = await useSharedDevServer();
const folder = await useTestFolder();
const { workflowService: service } = env.client;
const { namespace } = env.client.options;

/** The upload as Temporal's commands address it. */
async function addressOf({ workflow }: UploadHandle) {
  const { raw, runId } = await workflow.describe();
  const upload = raw.pendingActivities?.find(
    ({ activityType }) => activityType?.name === 'geminiFilesUpload',
  );
  return {
    namespace,
    execution: { workflowId: workflow.workflowId, runId },
    id: upload?.activityId ?? '',
    state: upload,
  };
}

it.concurrent('pause and unpause', async () => {
  const file = await folder.file('paused.mp4', 40 * MiB);
  // The transfer lasts until its worker breaks it off.
  const stall = { on: 'upload', do: 'stall', afterBytes: 12 * MiB } as const;
  await using at = await scenario(env, folder, { outcome: 'ACTIVE', processing: 0, faults: [stall] });
  const { result, activities } = await at.run(async () => {
    const handle = await at.client.start(file.path);
    await at.emulator.waitFor((requests) => requests.some(({ outcome }) => outcome === 'stalled'));
    const { state, ...address } = await addressOf(handle);
    expect(state?.paused).toBe(false);
    const elapsed = stopwatch();
    await service.pauseActivity({ ...address, identity: 'an operator', reason: 'maintenance' });
    // `PENDING_ACTIVITY_STATE_PAUSED`: no attempt is running any more.
    await eventually(async () => expect((await addressOf(handle)).state?.state).toBe(4));
    expect(elapsed()).toBeLessThan(5000);
    expect(at.emulator.files.size).toBe(0);
    expect(at.emulator.sessions).toMatchObject([{ state: 'active' }]);
    await service.unpauseActivity({ ...address, identity: 'an operator' });
    return ended(env, handle);
  });
  expect(result).toMatchObject({ state: 'ACTIVE', sha256: file.sha256 });
  expect(activities).toEqual(['geminiFilesUpload']);
  expect(at.emulator.requests.filter(({ operation }) => operation === 'start')).toHaveLength(1);
  expect(at.emulator.files.size).toBe(1);
});

it.concurrent('update-options: the upload goes on', async () => {
  const file = await folder.file('updated.mp4', 24 * MiB);
  const limits = { maxUploadBytesPerSecond: 8 * MiB };
  // The upload lasts until the emulator's time is moved.
  const slow = { on: 'finalize', do: 'slowFinalize', ms: 60_000 } as const;
  const emulator = { outcome: 'ACTIVE', processing: 0, faults: [slow] } as const;
  await using at = await scenario(env, folder, emulator, { limits });
  const { result, events } = await at.run(async () => {
    const handle = await at.client.start(file.path);
    await at.emulator.waitFor((requests) => requests.some(({ bytes }) => bytes > 8 * MiB));
    const { state, ...address } = await addressOf(handle);
    expect(state?.attempt).toBe(1);
    const answer = await service.updateActivityOptions({
      ...address,
      identity: 'an operator',
      activityOptions: { heartbeatTimeout: { seconds: 20 as never } },
      updateMask: { paths: ['heartbeat_timeout'] },
    });
    expect(Number(answer.activityOptions?.heartbeatTimeout?.seconds)).toBe(20);
    at.emulator.advance(60_000);
    return ended(env, handle);
  });
  expect(result).toMatchObject({ state: 'ACTIVE', sha256: file.sha256 });
  // The attempt that was under way ended it.
  expect(events.find((event) => event.activityTaskStartedEventAttributes)).toMatchObject({
    activityTaskStartedEventAttributes: { attempt: 1 },
  });
  expect(at.emulator.requests.filter(({ operation }) => operation === 'start')).toHaveLength(1);
  expect(at.emulator.files.size).toBe(1);
});
