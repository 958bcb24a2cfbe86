/** A caller's activity options, in Temporal's own terms, as the server was given them. */

import { randomUUID } from 'node:crypto';
import { msToTs, tsToMs } from '@temporalio/common/lib/time.js';
import { expect, it } from 'vitest';
import { replayed, scheduled } from '../support/replay.js';
import { MODES } from '../support/scenario.js';
import { stubFile, stubWorker } from '../support/stub-worker.js';
import { useSharedDevServer } from '../support/temporal.js';

const env = await useSharedDevServer();

const activityOptions = {
  upload: {
    priority: { priorityKey: 2, fairnessKey: 'team-a', fairnessWeight: 3 },
    heartbeatTimeout: '20s',
    scheduleToStartTimeout: '1h',
    summary: 'my upload',
  },
  check: {
    versioningIntent: 'DEFAULT',
    startToCloseTimeout: '7s',
    retry: { maximumAttempts: 3, initialInterval: '5s' },
  },
  delete: { versioningIntent: 'COMPATIBLE', startToCloseTimeout: '8s' },
};

it.each(MODES)('are laid over the package’s own, activity by activity, %s', async (_, mode) => {
  const { worker, taskQueue } = await stubWorker(
    env,
    {
      geminiFilesCheck: ({ name }) =>
        Promise.resolve({ found: true, file: stubFile(name, { state: 'FAILED' }) }),
    },
    mode,
  );
  const workflowId = randomUUID();
  const events = await worker.runUntil(async () => {
    const input = { path: 'clip.mp4', pollInterval: '100ms', cleanupTimeout: '3m' };
    const args = [input, { activityOptions }];
    const handle = await env.client.workflow.start('uploadAndWaitActive', { taskQueue, workflowId, args });
    await expect(handle.result()).rejects.toHaveProperty('cause.type', 'UploadFailedError');
    return replayed(env.client, workflowId);
  });
  expect(scheduled(events)).toEqual(['geminiFilesUpload', 'geminiFilesCheck', 'geminiFilesDelete']);
  const [upload, check, remove] = events.flatMap(
    ({ activityTaskScheduledEventAttributes: activity }) => activity ?? [],
  );
  expect(upload).toMatchObject({
    priority: { priorityKey: 2, fairnessKey: 'team-a', fairnessWeight: 3 },
    heartbeatTimeout: msToTs('20s'),
    scheduleToStartTimeout: msToTs('1h'),
    // The package's own, which was left alone.
    scheduleToCloseTimeout: msToTs('2h'),
    taskQueue: { name: taskQueue },
  });
  expect(check).toMatchObject({ startToCloseTimeout: msToTs('7s'), useWorkflowBuildId: false });
  expect(check?.retryPolicy).toMatchObject({ maximumAttempts: 3, initialInterval: msToTs('5s') });
  expect(remove).toMatchObject({ startToCloseTimeout: msToTs('8s'), useWorkflowBuildId: true });
  expect(tsToMs(remove?.scheduleToCloseTimeout)).toBe(180_000);
});
