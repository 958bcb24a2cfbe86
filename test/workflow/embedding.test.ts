/** The functions in a user's own workflows: inline, as a child, as a block, many at once. */

import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkflowBundle } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromWorkflowFailure } from '../../src/client/failures.js';
import { ACTIVITY } from '../../src/contract/names.js';
import type { EmulatorOptions, GeminiFilesEmulator } from '../../src/testing/index.js';
import { beforeActivities } from '../support/activity-gates.js';
import { MODES, QUICK } from '../support/scenario.js';
import { testFolder, type TestFolder } from '../support/files.js';
import { gate } from '../support/gate.js';
import { sharedDevServer } from '../support/temporal.js';
import { bundleEmbedding, userWorker } from '../support/user-worker.js';
import type { TestWorkerOptions } from '../support/worker.js';

let env: TestWorkflowEnvironment;
let folder: TestFolder;
let bundle: WorkflowBundle;
beforeAll(async () => {
  [env, folder, bundle] = await Promise.all([sharedDevServer(), testFolder(), bundleEmbedding()]);
  await Promise.all(['a.mp4', 'b.mp4', 'c.mp4', 'd.mp4'].map((name) => folder.file(name, 10_000)));
});
afterAll(async () => {
  await env.teardown();
  await folder[Symbol.asyncDispose]();
});

const LONG = { pollInterval: '1h', maxPollInterval: '1h', timeout: '2h' } as const;
const ACTIVE = { outcome: 'ACTIVE', processing: 0 } as const;
const input = (path: string, more: object = {}) => ({ path, ...more });

describe.each(MODES)('%s', (_, mode) => {
  const user = (emulated: EmulatorOptions = {}, options: TestWorkerOptions = {}) =>
    userWorker(env, folder, bundle, emulated, { ...mode, ...options });

  it('runs two at once inline', async () => {
    await using at = await user({ outcome: 'ACTIVE', processing: '300ms' });
    const { value } = await at.run('two', [input('a.mp4', QUICK), input('b.mp4', QUICK)]);
    expect(value).toMatchObject([
      { displayName: 'a.mp4', state: 'ACTIVE' },
      { displayName: 'b.mp4', state: 'ACTIVE' },
    ]);
    expect(at.emulator.files.size).toBe(2);
  });

  it('passes a cancellation of the parent to the child, and waits for its clean-up', async () => {
    const remove = gate();
    await using at = await user({}, beforeActivities({ [ACTIVITY.delete]: remove.pass }));
    const { status } = await at.run('parent', [input('a.mp4', LONG)], async (workflowId) => {
      const parent = env.client.workflow.getHandle(workflowId);
      await at.emulator.waitFor(() => at.emulator.files.size === 1);
      await parent.cancel();
      await remove.reached;
      expect((await parent.describe()).status.name).toBe('RUNNING');
      remove.open();
    });
    expect(status).toBe('CANCELLED');
    expect(at.emulator.files.size).toBe(0);
  });

  it("gives the child's failure to a client as the contract's error", async () => {
    await using at = await user();
    const { error } = await at.run('parent', [input('a.mp4', { timeout: 0 })]);
    expect(fromWorkflowFailure(error)).toMatchObject({
      name: 'UploadInactiveError',
      polls: 1,
      cleanup: 'deleted',
    });
  });

  it('cleans up if the workflow itself gives up a wait', async () => {
    await using at = await user();
    const { value, activities } = await at.run('impatient', [input('a.mp4', LONG)], async (workflowId) => {
      await recorded(workflowId, 'timerStartedEventAttributes');
      await env.client.workflow.getHandle(workflowId).signal('giveUp');
    });
    expect(value).toBe('given up');
    expect(activities).toEqual(['geminiFilesUpload', 'geminiFilesDelete']);
    expect(at.emulator.files.size).toBe(0);
  });

  describe('withActiveFile', () => {
    it('deletes the file after the block, and returns what the block returns', async () => {
      await using at = await user(ACTIVE);
      const { value, activities } = await at.run('block', [input('a.mp4'), 'return']);
      expect(value).toBe(at.emulator.requests.at(-1)?.file);
      expect(activities).toEqual(['geminiFilesUpload', 'geminiFilesDelete']);
      expect(at.emulator.files.size).toBe(0);
    });

    it("throws the block's own error, also if the delete fails", async () => {
      await using at = await user({
        ...ACTIVE,
        faults: [{ on: 'delete', do: 'respond', status: 400, json: { error: { message: 'no' } } }],
      });
      const { error, activities } = await at.run('block', [input('a.mp4'), 'failure']);
      expect(error).toMatchObject({
        cause: { type: 'MyError', message: expect.stringMatching(/^could not use/) as string },
      });
      expect(activities).toEqual(['geminiFilesUpload', 'geminiFilesDelete']);
    });

    it('deletes the file when the block is cancelled', async () => {
      await using at = await user(ACTIVE);
      const { status } = await at.run('block', [input('a.mp4'), 'cancel'], async (workflowId) => {
        // The block's own sleep.
        await recorded(workflowId, 'timerStartedEventAttributes');
        await env.client.workflow.getHandle(workflowId).cancel();
      });
      expect(status).toBe('CANCELLED');
      expect(at.emulator.files.size).toBe(0);
    });

    it('deletes the file before the block continues as new', async () => {
      await using at = await user(ACTIVE);
      const { value } = await at.run('block', [input('a.mp4'), 'continue']);
      const deleted = at.emulator.requests
        .filter(({ operation }) => operation === 'delete')
        .map(({ file }) => file);
      expect(deleted).toHaveLength(2);
      expect(deleted[1]).toBe(value);
      expect(at.emulator.files.size).toBe(0);
    });

    it('does not call the block if there is no ACTIVE file', async () => {
      await using at = await user();
      const { error, activities } = await at.run('block', [input('a.mp4', { timeout: 0 }), 'return']);
      expect(fromWorkflowFailure(error)).toMatchObject({ name: 'UploadInactiveError', cleanup: 'deleted' });
      expect(activities).toEqual(['geminiFilesUpload', 'geminiFilesCheck', 'geminiFilesDelete']);
    });
  });

  describe('uploadAllAndWaitActive', () => {
    const names = ['a.mp4', 'b.mp4', 'c.mp4', 'd.mp4'];

    it('gives results in the order of the inputs, so many at a time', async () => {
      // The first takes longest: until the last one is there.
      await using at = await user({
        processing: ({ displayName }) => ({
          after: 0,
          outcome: displayName === 'a.mp4' ? 'NEVER' : 'ACTIVE',
        }),
      });
      const { value } = await at.run('all', [names.map((name) => input(name, QUICK)), 2], async () => {
        await at.emulator.waitFor(() => at.emulator.files.size === names.length);
        const first = [...at.emulator.files.values()].find(({ displayName }) => displayName === 'a.mp4');
        at.emulator.activate(first?.name ?? '');
      });
      expect((value as { displayName: string }[]).map(({ displayName }) => displayName)).toEqual(names);
      const order = at.emulator.requests.filter(
        ({ operation }) => operation === 'start' || operation === 'get',
      );
      // c and d went by while a, the second lane, was still waited for.
      expect(order.at(-1)?.operation).toBe('get');
      expect(at.emulator.files.size).toBe(4);
    });

    it('takes fifty files, never more of them at a time than was asked for', async () => {
      await using at = await user({ processing: '300ms', outcome: 'ACTIVE' });
      const fifty = Array.from({ length: 50 }, (_unused, index) => names[index % names.length] ?? '');
      const { value, activities } = await at.run('all', [
        fifty.map((name, index) => input(name, { ...QUICK, displayName: `${index}` })),
        10,
      ]);
      const shown = (value as { displayName: string }[]).map(({ displayName }) => displayName);
      expect(shown).toEqual(fifty.map((_unused, index) => `${index}`));
      expect(activities.filter((name) => name === 'geminiFilesUpload')).toHaveLength(50);
      expect(at.emulator.files.size).toBe(50);
      expect(most(at.emulator)).toBeGreaterThan(1);
      expect(most(at.emulator)).toBeLessThanOrEqual(10);
    });

    it('is all or nothing: after a failure, no file is left, neither ACTIVE nor waited for', async () => {
      await using at = await user({
        processing: ({ displayName }) =>
          displayName === 'a.mp4'
            ? { after: 0 }
            : { after: 100, outcome: displayName === 'c.mp4' ? 'FAILED' : 'NEVER' },
      });
      const inputs = [input('a.mp4'), input('b.mp4', LONG), input('c.mp4', QUICK), input('d.mp4')];
      const { error, activities } = await at.run('all', [inputs, 2]);
      expect(fromWorkflowFailure(error)).toMatchObject({
        name: 'UploadFailedError',
        state: 'FAILED',
        cleanup: 'deleted',
      });
      expect(activities.filter((name) => name === 'geminiFilesUpload')).toHaveLength(3);
      expect(activities.filter((name) => name === 'geminiFilesDelete')).toHaveLength(3);
      expect(at.emulator.files.size).toBe(0);
    });

    it('deletes all when the workflow is cancelled, but what is to be kept', async () => {
      await using at = await user({
        processing: ({ displayName }) =>
          displayName === 'c.mp4' ? { after: 0, outcome: 'NEVER' } : { after: 0 },
      });
      const inputs = [input('a.mp4'), input('b.mp4', { cleanupOnTimeout: false }), input('c.mp4', LONG)];
      const { status } = await at.run('all', [inputs], async (workflowId) => {
        // One activity looks at the files, and three upload them: what an unfinished upload has left is not kept.
        await recorded(workflowId, 'activityTaskCompletedEventAttributes', 4);
        await env.client.workflow.getHandle(workflowId).cancel();
      });
      expect(status).toBe('CANCELLED');
      expect([...at.emulator.files.values()].map(({ displayName }) => displayName)).toEqual(['b.mp4']);
    });

    it.each([
      [[[input('a.mp4'), input('')]], 'Invalid option path: expected a string that is not empty, got ""'],
      [[[input('a.mp4')], 0], 'Invalid option concurrency: expected a whole number from 1 to 500, got 0'],
      [['a.mp4'], 'Invalid inputs: expected a list of options, got "a.mp4"'],
      ...['upload', 'check', 'delete'].map((activity): [unknown[], string] => [
        [[input('a.mp4'), input('b.mp4')], 2, { [activity]: { activityId: 'mine' } }],
        `Invalid option activityOptions.${activity}.activityId: expected none for files that are uploaded side by side, got "mine"`,
      ]),
    ])('checks everything before the first upload: %o', async (args, message) => {
      await using at = await user();
      const { error, activities } = await at.run('all', args);
      expect(fromWorkflowFailure(error)).toMatchObject({ name: 'InvalidOptionsError', message });
      expect(activities).toEqual([]);
    });

    it.each([
      ['one file', ['a.mp4'], undefined],
      ['one file at a time', ['a.mp4', 'b.mp4'], 1],
    ])('takes ids of activities for %s', async (_what, files, concurrency) => {
      await using at = await user({ processing: '300ms', outcome: 'ACTIVE' });
      const ids = { upload: { activityId: 'mine' }, check: { activityId: 'mine' } };
      const { value } = await at.run('all', [files.map((name) => input(name, QUICK)), concurrency, ids]);
      expect(value).toHaveLength(files.length);
    });

    it('takes an empty list', async () => {
      await using at = await user();
      expect((await at.run('all', [[]])).value).toEqual([]);
    });
  });
});

/** Resolves once the history has so many events with those attributes. */
async function recorded(
  workflowId: string,
  attributes: 'timerStartedEventAttributes' | 'activityTaskCompletedEventAttributes',
  count = 1,
): Promise<void> {
  const counted = async () => {
    const { events } = await env.client.workflow.getHandle(workflowId).fetchHistory();
    return events?.filter((event) => event[attributes]).length;
  };
  await expect.poll(counted).toBe(count);
}

/** The most files that were on their way at one time, each from its first request to its last. */
function most({ requests }: GeminiFilesEmulator): number {
  const last = new Map(requests.map(({ file }, at) => [file, at]));
  const open = new Set<string | undefined>();
  let most = 0;
  requests.forEach(({ file }, at) => {
    open.add(file);
    most = Math.max(most, open.size);
    if (last.get(file) === at) open.delete(file);
  });
  return most;
}
