/** A wait ends with the file's own end or at its deadline, whatever the checks meet. */

import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { UploadFailedError, UploadInactiveError } from '../../src/client/index.js';
import { faults, type Fault } from '../../src/testing/index.js';
import { useTestFolder } from '../support/files.js';
import {
  activateOnceUploaded,
  asleep,
  ended,
  MODES,
  operations,
  QUICK,
  scenario,
  uploadedName,
} from '../support/scenario.js';
import { scheduled, timers } from '../support/replay.js';
import { useSharedDevServer } from '../support/temporal.js';
import { testWorker } from '../support/worker.js';

const env = await useSharedDevServer();
const folder = await useTestFolder();
const video = await folder.file('clip.mp4', 10_000);

const denied = (more: Pick<Fault, 'times' | 'skip'> = {}) =>
  faults.error('get', 403, 'You do not have permission to access the File or it may not exist.', more);

describe.concurrent.each(MODES)('%s', (_, mode) => {
  it('continues after one denial: the provider is known to deny a file that it has just accepted', async () => {
    await using at = await scenario(env, folder, { faults: [denied()] }, mode);
    const { result, activities } = await at.run(async () => {
      const handle = await at.client.start(video.path, QUICK);
      await activateOnceUploaded(at);
      return ended(env, handle);
    });
    expect(result).toMatchObject({ state: 'ACTIVE', polls: 2 });
    expect(activities).toEqual(['geminiFilesUpload', 'geminiFilesCheck', 'geminiFilesCheck']);
  });

  it('finds out within two checks that a file is gone, half a minute after its upload', async () => {
    await using at = await scenario(env, folder, { faults: [denied({ skip: 1, times: 'always' })] }, mode);
    const { error, activities } = await at.run(async () =>
      ended(env, await at.client.start(video.path, { pollInterval: '10s', jitter: 0, timeout: '1h' })),
    );
    expect(error).toBeInstanceOf(UploadFailedError);
    expect(error).toMatchObject({ kind: 'not-found', operation: 'get', polls: 3, cleanup: 'deleted' });
    expect((error as Error).message).toMatch(/ is gone: the provider denied it 2 times in a row$/);
    const [check, remove] = ['geminiFilesCheck', 'geminiFilesDelete'];
    expect(activities.slice(1)).toEqual([check, check, check, remove]);
  });

  it('does not take denials for a verdict shortly after the upload: the file may not be visible yet', async () => {
    await using at = await scenario(env, folder, { faults: [denied({ times: 4 })] }, mode);
    const { result } = await at.run(async () => {
      const handle = await at.client.start(video.path, QUICK);
      await activateOnceUploaded(at);
      return ended(env, handle);
    });
    expect(result).toMatchObject({ state: 'ACTIVE', polls: 5 });
  });

  it('ends at its deadline if the file is not visible by then, which does not prove that it is gone', async () => {
    await using at = await scenario(env, folder, { faults: [denied({ times: 'always' })] }, mode);
    const { error } = await at.run(async () =>
      ended(env, await at.client.start(video.path, { ...QUICK, timeout: '1s' })),
    );
    expect(error).toBeInstanceOf(UploadInactiveError);
    expect((error as Error).message).toMatch(/the provider denied the file \d+ times in a row$/);
    expect(error).toMatchObject({ cleanup: 'deleted' });
    expect(at.emulator.files.size).toBe(0);
  });

  it('checks once more if the last check is the first to be denied', async () => {
    // Not waited for: thrown away, a file that is ACTIVE would be lost to one wrong answer.
    await using at = await scenario(env, folder, { faults: [denied()] }, mode);
    const { result } = await at.run(async () => {
      const handle = await at.client.start(video.path, { ...QUICK, timeout: 0 });
      await activateOnceUploaded(at);
      return ended(env, handle);
    });
    expect(result).toMatchObject({ state: 'ACTIVE', polls: 2 });
  });
});

it.concurrent(
  'does not count checks that got no answer, nor end with them: 503, 429 with RetryInfo and Retry-After, reset',
  async () => {
    await using at = await scenario(env, folder, {
      faults: [
        faults.unavailable('get'),
        faults.rateLimited('get', { retryDelaySeconds: 1 }),
        faults.rateLimited('get', { retryAfterSeconds: 1 }),
        { on: 'get', do: 'reset' },
        { on: 'get', do: 'cutAnswer', afterBytes: 20 },
        faults.rateLimited('get', { retryDelaySeconds: 'int64-max' }),
      ],
    });
    const overrides = {
      activityOptions: { check: { retry: { initialInterval: 100, backoffCoefficient: 1 } } },
    };
    const { result, activities } = await at.run(async () => {
      const { workflowId } = await env.client.workflow.start('uploadAndWaitActive', {
        taskQueue: at.taskQueue,
        workflowId: randomUUID(),
        args: [{ path: video.path, ...QUICK }, overrides],
      });
      await activateOnceUploaded(at);
      return ended(env, at.client.attach(workflowId));
    });
    at.emulator.assertFaultsConsumed();
    expect(result).toMatchObject({ state: 'ACTIVE', polls: 1 });
    expect(activities).toEqual(['geminiFilesUpload', 'geminiFilesCheck']);
    expect(result?.waitedMs).toBeGreaterThanOrEqual(2000);
  },
);

it.concurrent('waits as long as the provider asks for before it makes the last check again', async () => {
  await using at = await scenario(env, folder, {
    faults: [faults.rateLimited('get', { retryAfterSeconds: 3 })],
  });
  const { result } = await at.run(async () => {
    const handle = await at.client.start(video.path, { ...QUICK, timeout: 0 });
    await activateOnceUploaded(at);
    return ended(env, handle);
  });
  expect(result).toMatchObject({ state: 'ACTIVE', polls: 1 });
  const [refused, answered] = at.emulator.requests.filter(({ operation }) => operation === 'get');
  expect((answered?.startedAt ?? 0) - (refused?.startedAt ?? 0)).toBeGreaterThanOrEqual(3000);
});

it.concurrent(
  'ends at its deadline if the provider asks for a delay of int64-max, in the last check too',
  async () => {
    const never = faults.rateLimited('get', { retryDelaySeconds: 'int64-max', times: 'always' });
    await using at = await scenario(env, folder, { faults: [never] });
    const { error } = await at.run(async () =>
      ended(env, await at.client.start(video.path, { ...QUICK, timeout: '300ms' })),
    );
    expect(error).toBeInstanceOf(UploadInactiveError);
    expect(error).toMatchObject({ polls: 0, state: 'PROCESSING', cleanup: 'deleted' });
    expect((error as Error).message).toMatch(/: 0 checks, the last check got no answer$/);
  },
);

it.concurrent(
  'checks first if the workers were down across the deadline, and returns a file that became ACTIVE',
  async () => {
    await using at = await scenario(env, folder);
    // Time enough for the first worker to stop before a check is due.
    const settings = { pollInterval: '4s', jitter: 0, timeout: '4500ms' } as const;
    const handle = await at.client.start(video.path, settings);
    const { deadline } = await at.run(() => asleep(env, handle));
    at.emulator.activate(await uploadedName(at.emulator));
    // No worker runs; the deadline passes on the server's clock alone.
    await new Promise((resolve) => setTimeout(resolve, Date.parse(deadline ?? '') - Date.now() + 10));
    const before = operations(at.emulator).length;

    const { taskQueue } = at;
    const next = await testWorker(env, { baseUrl: at.emulator.url, allowedRoots: [folder.path], taskQueue });
    const { result, events } = await next.run(() => ended(env, handle));
    expect(operations(at.emulator).slice(before)).toEqual(['get']);
    expect(result).toMatchObject({ state: 'ACTIVE', polls: 1 });
    expect(timers(events)).toEqual([4000]);
    expect(scheduled(events)).toEqual(['geminiFilesUpload', 'geminiFilesCheck']);
    expect(at.emulator.files.size).toBe(1);
  },
);
