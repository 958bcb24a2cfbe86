/** `waitActive`: the wait for a file that somebody else uploaded. It keeps the file unless it is told to delete it. */

import { expect, it } from 'vitest';
import type { WaitSettings } from '../../src/client/index.js';
import { faults } from '../../src/testing/index.js';
import { useTestFolder } from '../support/files.js';
import { runsOf } from '../support/replay.js';
import { asleep, ended, operations, scenario, type Ended, type Scenario } from '../support/scenario.js';
import { useDevServer } from '../support/temporal.js';
import { testWorker } from '../support/worker.js';

// Runs continue as new after a few checks.
const env = await useDevServer(undefined, { 'limit.historyCount.suggestContinueAsNew': 30 });
const folder = await useTestFolder();

const QUICK = { pollInterval: '100ms', maxPollInterval: '100ms', jitter: 0 } as const;
const HOURLY = { pollInterval: '1h', maxPollInterval: '1h', timeout: '24h', jitter: 0 } as const;
const SHORT = { ...QUICK, timeout: '300ms' } as const;
const BATCH = `files/batch-${'r'.repeat(36)}`;

/** A file that somebody else has uploaded with the key of the worker. */
const upload = (at: Scenario, more: object = {}) =>
  at.emulator.addFile({ content: 'clip', mimeType: 'video/mp4', apiKey: 'test-key', ...more });

const outcome = async (at: Scenario, id: string, settings: WaitSettings): Promise<Ended> =>
  ended(env, await at.client.startWait(id, settings));

it('returns an ACTIVE file after its first check, which comes at once', async () => {
  await using at = await scenario(env, folder);
  const id = upload(at, { displayName: 'a clip' });
  at.emulator.activate(id);
  const { result, activities } = await at.run(() => outcome(at, id, HOURLY));
  const { uri, sha256, expirationTime } = at.emulator.files.get(id) ?? {};
  expect(result).toEqual({
    provider: 'google',
    id,
    uri,
    state: 'ACTIVE',
    mimeType: 'video/mp4',
    sizeBytes: 4,
    sha256,
    displayName: 'a clip',
    expirationTime,
    polls: 1,
    waitedMs: expect.any(Number) as number,
  });
  expect(activities).toEqual(['geminiFilesCheck']);
  expect(operations(at.emulator)).toEqual(['get']);
});

it('waits with the status, the signal and the intervals of an upload', async () => {
  await using at = await scenario(env, folder);
  const id = upload(at);
  await at.run(async () => {
    const handle = await at.client.startWait(id, { ...HOURLY, pollInterval: '20m', jitter: 0 });
    const { nextCheckAt } = await asleep(env, handle);
    const status = await handle.status();
    expect(status).toMatchObject({ phase: 'processing', id, state: 'PROCESSING', polls: 1 });
    // The first check does not use up the first interval.
    expect(Date.parse(nextCheckAt ?? '') - Date.now()).toBeGreaterThan(19.5 * 60_000);
    expect(Date.parse(nextCheckAt ?? '') - Date.now()).toBeLessThanOrEqual(20 * 60_000);
    expect(Date.parse(status.deadline ?? '') - Date.now()).toBeGreaterThan(23.9 * 3600_000);
    at.emulator.activate(id);
    await handle.checkNow();
    expect((await ended(env, handle)).result).toMatchObject({ id, state: 'ACTIVE', polls: 2 });
    expect(await (await handle.workflow.describe()).staticSummary()).toBe(id.slice('files/'.length));
  });
});

it.each([
  [{}, 'kept', 1],
  [{ cleanupOnTimeout: true }, 'deleted', 0],
])('with %o, a file that is not ACTIVE in time is %s', async (more, cleanup, left) => {
  await using at = await scenario(env, folder);
  const id = upload(at);
  const { error } = await at.run(() => outcome(at, id, { ...SHORT, ...more }));
  expect(error).toMatchObject({ name: 'UploadInactiveError', id, state: 'PROCESSING', cleanup });
  expect((error as Error).message).toMatch(
    /^files\/\S+ was not ACTIVE within 0.3 s of the start of the wait: \d+ checks, last/,
  );
  expect(at.emulator.files.size).toBe(left);
});

it.each([
  [{}, 'kept', 1],
  [{ cleanupOnTimeout: true }, 'deleted', 0],
])('with %o, a file that FAILED is %s', async (more, cleanup, left) => {
  await using at = await scenario(env, folder);
  const id = upload(at);
  at.emulator.fail(id);
  const { error } = await at.run(() => outcome(at, id, { ...QUICK, ...more }));
  expect(error).toMatchObject({ name: 'UploadFailedError', id, state: 'FAILED', polls: 1, cleanup });
  expect(at.emulator.files.size).toBe(left);
});

it('makes one check if the timeout is 0', async () => {
  await using at = await scenario(env, folder);
  const id = upload(at);
  const { error } = await at.run(() => outcome(at, id, { timeout: 0 }));
  expect(error).toMatchObject({ name: 'UploadInactiveError', polls: 1 });
});

it.each([
  [{}, 'kept', 1],
  [{ cleanupOnTimeout: true }, 'deleted', 0],
])(
  'with %o, a file whose wait is cancelled before a check has answered is %s',
  async (more, cleanup, left) => {
    await using at = await scenario(env, folder, { faults: [{ on: 'get', do: 'stall' }] });
    const id = upload(at);
    await at.run(async () => {
      const handle = await at.client.startWait(id, { ...HOURLY, ...more });
      await at.emulator.waitFor((requests) => requests.length > 0);
      expect(await handle.status()).toMatchObject({ phase: 'processing', state: null, polls: 0 });
      await handle.cancel();
      const { status, activities } = await ended(env, handle);
      expect(status).toBe('CANCELLED');
      expect(activities.includes('geminiFilesDelete')).toBe(cleanup === 'deleted');
    });
    expect(at.emulator.files.size).toBe(left);
  },
);

it('finds a file that is denied at first, because it is not visible yet', async () => {
  await using at = await scenario(env, folder, { faults: [denied('get')] });
  const id = upload(at);
  at.emulator.activate(id);
  const { result } = await at.run(() => outcome(at, id, QUICK));
  expect(result).toMatchObject({ id, state: 'ACTIVE', polls: 2 });
});

it('ends after two denials, and says what may be wrong', async () => {
  await using at = await scenario(env, folder, { apiKeys: ['test-key', 'other-key'] });
  const foreign = upload(at, { apiKey: 'other-key' });
  const { error } = await at.run(() => outcome(at, foreign, QUICK));
  expect(error).toMatchObject({
    name: 'UploadFailedError',
    id: foreign,
    kind: 'not-found',
    operation: 'get',
    polls: 2,
  });
  expect(error).not.toHaveProperty('cleanup');
  expect(error).not.toHaveProperty('state');
  expect((error as Error).message).toBe(
    `${foreign} cannot be found: the provider denied it 2 times in a row. Check the id; the file may have expired or been ` +
      'deleted, or it may belong to the project of another API key than the one of this worker and these credentials',
  );
});

it('does not report a file as deleted that it has never seen', async () => {
  await using at = await scenario(env, folder, { apiKeys: ['test-key', 'other-key'] });
  const foreign = upload(at, { apiKey: 'other-key' });
  const settings = { ...QUICK, cleanupOnTimeout: true, cleanupTimeout: '2s' } as const;
  const { error } = await at.run(() => outcome(at, foreign, settings));
  expect(error).toMatchObject({ name: 'UploadFailedError', id: foreign, cleanup: 'failed' });
  expect((error as Error).message).toContain('. The clean-up failed: ');
  expect(at.emulator.files.has(foreign)).toBe(true);
});

it('keeps waiting if another key is denied the file that was found before', async () => {
  await using at = await scenario(env, folder, { apiKeys: ['test-key', 'other-key'] });
  const id = upload(at);
  const handle = await at.run(async () => {
    const started = await at.client.startWait(id, { ...HOURLY, timeout: '1h' });
    await asleep(env, started);
    return started;
  });
  const rotated = await testWorker(env, {
    baseUrl: at.emulator.url,
    taskQueue: at.taskQueue,
    apiKey: 'other-key',
  });
  await rotated.run(async () => {
    for (let polls = 2; polls <= 4; polls += 1) {
      await handle.checkNow();
      await expect.poll(async () => (await handle.status()).polls).toBe(polls);
    }
    expect(await handle.status()).toMatchObject({ phase: 'processing', state: 'PROCESSING' });
    await handle.workflow.terminate();
  });
});

it('waits for the result of a batch job, and says why it cannot delete it', async () => {
  await using at = await scenario(env, folder);
  upload(at, { name: BATCH });
  await at.run(async () => {
    const { error } = await outcome(at, BATCH, { ...SHORT, cleanupOnTimeout: true });
    expect(error).toMatchObject({ name: 'UploadInactiveError', id: BATCH, cleanup: 'failed' });
    expect((error as Error).message).toMatch(
      /\. The clean-up failed: delete: .* cannot be more than 40 characters/,
    );
    expect(operations(at.emulator).filter((operation) => operation === 'delete')).toHaveLength(1);
    at.emulator.activate(BATCH);
    const { result } = await outcome(at, BATCH, QUICK);
    expect(result).toMatchObject({ id: BATCH, state: 'ACTIVE' });
  });
});

it('continues as new with its file, its deadline and its count of checks', async () => {
  await using at = await scenario(env, folder);
  const id = upload(at);
  await at.run(async () => {
    const handle = await at.client.startWait(id, { ...QUICK, timeout: '1h' });
    const { deadline } = await asleep(env, handle);
    await expect.poll(async () => (await runsOf(env.client, handle.workflowId)).length).toBeGreaterThan(1);
    at.emulator.activate(id);
    const latest = at.client.attach(handle.workflowId);
    const result = await latest.result();
    expect(result.id).toBe(id);
    const checks = operations(at.emulator).filter((operation) => operation === 'get').length;
    expect(result.polls).toBe(checks);
    expect((await latest.status()).deadline).toBe(deadline);
  });
});

function denied(on: 'get' | 'delete') {
  return faults.error(on, 403, 'You do not have permission to access the File x or it may not exist.');
}
