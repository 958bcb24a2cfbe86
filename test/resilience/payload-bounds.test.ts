/** Payloads that Temporal does not take (2 MiB) would fail the workflow task for ever: they are refused, or never become so long. */

import { randomUUID } from 'node:crypto';
import type { WorkerOptions } from '@temporalio/worker';
import { expect, it } from 'vitest';
import { fromWorkflowFailure } from '../../src/client/failures.js';
import type { ActiveFile, GeminiFilesActivities } from '../../src/client/index.js';
import { resolveUploadOptions } from '../../src/contract/options.js';
import { checkResultSize } from '../../src/workflow/upload-all-bounds.js';
import { replayed, runsOf, scheduled } from '../support/replay.js';
import { stubFile, stubWorker } from '../support/stub-worker.js';
import { useDevServer } from '../support/temporal.js';
import { bundleEmbedding } from '../support/user-worker.js';

// Low, so that a short wait continues as new.
const env = await useDevServer(undefined, { 'limit.historyCount.suggestContinueAsNew': 15 });
const workflowBundle = await bundleEmbedding();

async function runToEnd(type: string, args: unknown[], activities: Partial<GeminiFilesActivities> = {}) {
  const options: Partial<WorkerOptions> = { workflowBundle };
  const { worker, taskQueue, calls } = await stubWorker(env, activities, options);
  const workflowId = randomUUID();
  return worker.runUntil(async () => {
    // A workflow task that is refused is repeated until this is over.
    const bounded = { taskQueue, workflowId, args, workflowExecutionTimeout: '40s' } as const;
    const { value, error } = await env.client.workflow.execute(type, bounded).then(
      (value: unknown) => ({ value, error: undefined }),
      (error: unknown) => ({ value: undefined, error: fromWorkflowFailure(error) }),
    );
    return { workflowId, value, error, calls };
  });
}

const activeAtOnce = (more: object = {}): Partial<GeminiFilesActivities> => ({
  geminiFilesUpload: ({ name, displayName }) =>
    Promise.resolve(stubFile(name, { state: 'ACTIVE', displayName: displayName ?? 'clip.mp4', ...more })),
});

it('refuses a list of files whose result could be too long, before anything is sent', async () => {
  // Six bytes a character in JSON.
  const displayName = '\u0001'.repeat(512);
  const { workflowId, error } = await runToEnd('allNamed', [displayName, 700], activeAtOnce());
  expect(error).toMatchObject({ name: 'InvalidOptionsError' });
  expect((error as Error).message).toMatch(
    /^Invalid inputs: expected a result of at most 2000000 bytes, which Temporal takes, got 700 files with up to 2\d{6};/,
  );
  const events = await replayed(env.client, workflowId, undefined, { workflowBundle });
  expect(scheduled(events)).toEqual([]);
});

it('takes as many files as it says, with long names', () => {
  const inputs = Array.from({ length: 2000 }, () =>
    resolveUploadOptions({ path: `/media/${'n'.repeat(250)}` }),
  );
  expect(() => checkResultSize(inputs)).not.toThrow();
});

it('fails, and deletes all files, if the answers of the provider were too long for a result', async () => {
  const uri = `https://example.invalid/${'x'.repeat(30_000)}`;
  const { error, calls } = await runToEnd('allNamed', ['clip', 80], activeAtOnce({ uri }));
  expect(error).toMatchObject({ name: 'UploadFailedError' });
  expect((error as Error).message).toMatch(
    /^The result for 80 files has 2\d{6} bytes, more than the 2000000 /,
  );
  expect(calls.uploads).toHaveLength(80);
  expect(calls.deletes.toSorted()).toEqual(calls.uploads.toSorted());
});

it('carries a long answer through continue-as-new, and nothing that it does not know', async () => {
  const uri = 'x'.repeat(600_000);
  let checks = 0;
  const { workflowId, value, calls } = await runToEnd(
    'uploadAndWaitActive',
    // With the wait, it would be more than the server takes.
    [
      { path: 'clip.mp4', pollInterval: '100ms', maxPollInterval: '100ms', jitter: 0 },
      { unknown: 'x'.repeat(1_600_000) },
    ],
    {
      geminiFilesCheck: ({ name }) => {
        checks += 1;
        return Promise.resolve({
          found: true,
          file: stubFile(name, { uri, state: checks < 4 ? 'PROCESSING' : 'ACTIVE' }),
        });
      },
    },
  );
  expect(value as ActiveFile).toMatchObject({ id: calls.uploads[0], uri, polls: 4 });
  expect((await runsOf(env.client, workflowId)).length).toBeGreaterThanOrEqual(2);
});

it('refuses activity options that are longer than can be carried', async () => {
  const activityOptions = {
    check: { retry: { nonRetryableErrorTypes: Array<string>(200).fill('x'.repeat(20)) } },
  };
  const { error, calls } = await runToEnd('uploadAndWaitActive', [{ path: 'clip.mp4' }, { activityOptions }]);
  expect(error).toMatchObject({ name: 'InvalidOptionsError' });
  expect((error as Error).message).toBe(
    `Invalid option activityOptions: expected at most 4096 bytes as JSON, got ${JSON.stringify(activityOptions).length}`,
  );
  expect(calls.uploads).toEqual([]);
});
