/** The workflow `identifyFile`, by its name and JSON, and what an operator can do to its activity. */

import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fromWorkflowFailure } from '../../src/client/failures.js';
import { useTestFolder } from '../support/files.js';
import { replayed, scheduled } from '../support/replay.js';
import { MODES, scenario } from '../support/scenario.js';
import { stubWorker } from '../support/stub-worker.js';
import { useSharedDevServer } from '../support/temporal.js';

const env = await useSharedDevServer();
const folder = await useTestFolder();
const clip = await folder.file('clip.mp4', 1000);

/** What becomes of a run with `input`, and the activities that its history, which was replayed, has. */
async function identify(
  taskQueue: string,
  input: unknown,
): Promise<{ result?: unknown; error?: unknown; activities: string[] }> {
  const workflowId = randomUUID();
  const outcome = await env.client.workflow
    .execute('identifyFile', { taskQueue, workflowId, args: [input] })
    .then(
      (result: unknown) => ({ result }),
      (error: unknown) => ({ error: fromWorkflowFailure(error) }),
    );
  return { ...outcome, activities: scheduled(await replayed(env.client, workflowId)) };
}

describe.each(MODES)('%s', (_, mode) => {
  it('returns hash, size and type alone, and sends nothing', async () => {
    await using world = await scenario(env, folder, {}, mode);
    await world.run(async () => {
      expect(await identify(world.taskQueue, { path: 'clip.mp4' })).toEqual({
        result: { sha256: clip.sha256, sizeBytes: clip.sizeBytes, mimeType: 'video/mp4' },
        activities: ['geminiFilesIdentify'],
      });
    });
    expect(world.emulator.requests).toEqual([]);
  });
});

it.each([
  [{ path: 'none.mp4' }, 'FileNotFoundError', 1],
  [{ path: '../clip.mp4' }, 'PathNotAllowedError', 1],
  [{ path: 'clip.mp4', credentials: 'nobody' }, 'MissingCredentialsError', 1],
  [{ path: 'clip.mp4', timeout: '5s' }, 'InvalidOptionsError', 0],
  [{ path: 'clip.mp4', provider: 'other' }, 'UnsupportedProviderError', 0],
  [{}, 'InvalidOptionsError', 0],
  [null, 'InvalidOptionsError', 0],
])('fails for %j with %s', async (input, name, activities) => {
  await using world = await scenario(env, folder);
  await world.run(async () => {
    const run = await identify(world.taskQueue, input);
    expect(run).toMatchObject({
      error: { name, provider: (input as { provider?: string } | null)?.provider ?? 'google' },
    });
    expect(run.activities).toHaveLength(activities);
  });
});

it.each([[null], [5], [{ sha256: 'ab', sizeBytes: 1, mimeType: 'a/b' }]])(
  'does not take %j for an answer of its activity',
  async (answer) => {
    const { worker, taskQueue } = await stubWorker(
      env,
      {},
      { activities: { geminiFilesIdentify: () => Promise.resolve(answer) } },
    );
    await worker.runUntil(async () => {
      const { error } = await identify(taskQueue, { path: 'clip.mp4' });
      expect(error).toMatchObject({
        name: 'UploadFailedError',
        message: expect.stringMatching(/^The result of geminiFilesIdentify is not/) as string,
      });
    });
  },
);

it('says what did not end if no worker reads the file in time', async () => {
  const { worker, taskQueue } = await stubWorker(env);
  await worker.runUntil(async () => {
    const input = { path: 'talks/clip.mp4', uploadTimeout: '1s', taskQueue: `nobody-${randomUUID()}` };
    const { error } = await identify(taskQueue, input);
    expect(error).toMatchObject({
      name: 'UploadFailedError',
      message: expect.stringMatching(/^The reading of clip\.mp4 did not end in time/) as string,
    });
  });
});
