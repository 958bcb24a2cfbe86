/** A finalize whose outcome is not known: the clean-up waits for it, even if an intermediary answered or the session was lost. */

import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { GeminiFilesEmulator } from '../../src/testing/index.js';
import { useTestFolder } from '../support/files.js';
import { ended, QUICK, scenario } from '../support/scenario.js';
import { useSharedDevServer } from '../support/temporal.js';
import { eventually } from '../support/eventually.js';

const env = await useSharedDevServer();
const folder = await useTestFolder();
const video = await folder.file('clip.mp4', 10_000);

/** Resolves when the provider can no longer create a file of what was sent. */
async function settled(emulator: GeminiFilesEmulator): Promise<void> {
  await emulator.waitFor(() => emulator.sessions.every(({ state }) => state !== 'finalizing'), {
    timeoutMs: 40_000,
  });
}

describe.concurrent('a gateway that answers a finalize in plain text, while the provider continues', () => {
  // Only the provider itself can say that it will not create the file.
  it.each([
    [403, 'Forbidden'],
    [401, ''],
  ])('%i: the clean-up waits for the file', async (status, text) => {
    await using at = await scenario(env, folder, {
      faults: [{ on: 'finalize', do: 'slowFinalize', ms: 5000, answer: { status, text } }],
    });
    const { error } = await at.run(async () => ended(env, await at.client.start(video.path)));
    await settled(at.emulator);
    expect(error).toMatchObject({ cleanup: 'deleted' });
    expect(at.emulator.files.size).toBe(0);
  });
});

describe.concurrent('a finalize of a session that the next attempt cannot use', () => {
  // The seal of a session needs the key that it was sealed with.
  it('is waited for after the key was rotated', async () => {
    let key = 'old-key';
    await using at = await scenario(
      env,
      folder,
      {
        apiKeys: [['old-key', 'new-key']],
        faults: [{ on: 'finalize', do: 'slowFinalize', ms: 8000, answer: { status: 504 } }],
      },
      { apiKey: () => key },
    );
    const { error } = await at.run(async () => {
      const handle = await at.client.start(video.path, { ...QUICK, timeout: 0 });
      await at.emulator.waitFor(() => at.emulator.sessions[0]?.state === 'finalizing');
      key = 'new-key';
      return ended(env, handle);
    });
    await settled(at.emulator);
    expect(error).toMatchObject({ name: 'UploadInactiveError', cleanup: 'deleted' });
    expect(at.emulator.files.size).toBe(0);
  });
});

describe.concurrent('a run that is reset in mid-upload', () => {
  // Its upload begins again under the same name, and does not know what the first one has sent.
  it('waits for the finalize of its first upload before its clean-up ends', async () => {
    await using at = await scenario(env, folder, {
      faults: [
        { on: 'finalize', do: 'slowFinalize', ms: 8000 },
        { on: 'start', do: 'delay', ms: 3000, skip: 1 },
      ],
    });
    const { status } = await at.run(async () => {
      const { workflowId, workflow } = await at.client.start(video.path);
      await at.emulator.waitFor(() => at.emulator.sessions[0]?.state === 'finalizing');
      // A second workflow task, to which the run can be reset while its upload is open.
      await workflow.signal('checkNow');
      await eventually(async () => expect(await completedTasks(workflowId)).toHaveLength(2));
      await env.client.workflowService.resetWorkflowExecution({
        namespace: env.client.options.namespace,
        workflowExecution: { workflowId },
        workflowTaskFinishEventId: (await completedTasks(workflowId)).at(-1) ?? null,
        requestId: randomUUID(),
      });
      await at.emulator.waitFor((all) => all.filter(({ operation }) => operation === 'start').length === 2);
      const latest = env.client.workflow.getHandle(workflowId);
      await latest.cancel();
      await expect(latest.result()).rejects.toThrow();
      return latest.describe();
    });
    await settled(at.emulator);
    expect(status.name).toBe('CANCELLED');
    expect(at.emulator.files.size).toBe(0);
  });
});

async function completedTasks(workflowId: string) {
  const { events } = await env.client.workflow.getHandle(workflowId).fetchHistory();
  return (events ?? []).flatMap(({ eventId, workflowTaskCompletedEventAttributes: completed }) =>
    completed && eventId ? [eventId] : [],
  );
}
