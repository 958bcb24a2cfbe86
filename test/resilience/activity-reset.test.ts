/**
 * `temporal activity reset` sets an attempt's number back to 1, and can discard what earlier attempts reported. What the provider has
 * is there all the same: a failure before anything is sent must lead to the clean-up.
 */

import { rm } from 'node:fs/promises';
import { expect, it } from 'vitest';
import type { UploadHandle } from '../../src/client/index.js';
import { faults, type Fault } from '../../src/testing/index.js';
import { useTestFolder } from '../support/files.js';
import { ended, scenario } from '../support/scenario.js';
import { useSharedDevServer } from '../support/temporal.js';

const env = await useSharedDevServer();
const folder = await useTestFolder();

/** As `temporal activity reset` does. */
async function resetUpload({ workflow }: UploadHandle, resetHeartbeat: boolean): Promise<void> {
  const { raw, runId } = await workflow.describe();
  const activity = raw.pendingActivities?.find(
    ({ activityType }) => activityType?.name === 'geminiFilesUpload',
  );
  await env.client.workflowService.resetActivity({
    namespace: env.client.options.namespace,
    execution: { workflowId: workflow.workflowId, runId },
    id: activity?.activityId ?? '',
    resetHeartbeat,
  });
}

/** The file was created, its answer is lost, and the attempt is still asking for it; or it has failed, and the next one is due in a minute. */
const WHEN: Record<string, Fault> = {
  'during an attempt': { on: 'query', do: 'stall' },
  'between two attempts': faults.rateLimited('query', { retryAfterSeconds: 60 }),
};

it.concurrent.each([
  ['during an attempt', 'discarded', 'FileNotFoundError'],
  ['during an attempt', 'kept', 'MissingCredentialsError'],
  ['between two attempts', 'discarded', 'MissingCredentialsError'],
  ['between two attempts', 'kept', 'FileNotFoundError'],
] as const)('%s, its heartbeat %s: a %s deletes the file', async (when, heartbeat, failure) => {
  const video = await folder.file(`${when}-${heartbeat}.mp4`, 10_000);
  let hasKey = true;
  const apiKey = () => {
    const key = hasKey ? 'test-key' : '';
    // It is missing once, in the upload.
    hasKey = true;
    return key;
  };
  const script = [{ on: 'finalize', do: 'loseAnswer' } as const, WHEN[when] as Fault];
  await using at = await scenario(env, folder, { faults: script }, { apiKey });
  const { error, events, activities } = await at.run(async () => {
    const handle = await at.client.start(video.path);
    await at.emulator.waitFor((requests) =>
      requests.some(
        ({ operation, outcome }) =>
          operation === 'query' && (when === 'during an attempt' || outcome === 'answered'),
      ),
    );
    if (when === 'between two attempts') await failed(handle);
    expect(at.emulator.files.size).toBe(1);
    if (failure === 'FileNotFoundError') await rm(video.path);
    else hasKey = false;
    await resetUpload(handle, heartbeat === 'discarded');
    return ended(env, handle);
  });
  const [name] = at.emulator.sessions.map((session) => session.name);
  expect(error).toMatchObject({ name: failure, id: name, cleanup: 'deleted' });
  expect(activities).toEqual(['geminiFilesUpload', 'geminiFilesDelete']);
  // An attempt that is reset while it runs counts as one more when it ends.
  const attempt = when === 'during an attempt' ? 2 : 1;
  expect(events.find((event) => event.activityTaskStartedEventAttributes)).toMatchObject({
    activityTaskStartedEventAttributes: { attempt },
  });
  expect(at.emulator.files.size).toBe(0);
});

/** Resolves when the first attempt has failed, which the server knows shortly after the provider has answered. */
async function failed({ workflow }: UploadHandle): Promise<void> {
  for (;;) {
    const { raw } = await workflow.describe();
    if (raw.pendingActivities?.some(({ lastFailure }) => lastFailure)) return;
  }
}
