/** Slow links and dead workers, in real time. */

import type { ChildProcess } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { testFolder, type TestFolder } from '../support/files.js';
import { sharedDevServer } from '../support/temporal.js';
import { ended } from '../support/scenario.js';
import { bytesReceived, MiB, story } from '../support/upload.js';
import { testWorker } from '../support/worker.js';
import { killHard, workerProcess } from '../support/worker-process.js';
import { stopwatch } from '../support/stopwatch.js';

let env: TestWorkflowEnvironment;
let folder: TestFolder;
const children: ChildProcess[] = [];

beforeAll(async () => {
  [env, folder] = await Promise.all([sharedDevServer(), testFolder()]);
});
afterEach(async () => {
  await Promise.all(children.splice(0).map(killHard));
});
afterAll(async () => {
  await env.teardown();
  await folder[Symbol.asyncDispose]();
});

// An activity with a fixed start-to-close of a minute never ends on such a link: it is cut off, and starts over, for ever.
async function oneAttemptAtOneMegabyteASecond(seconds: number): Promise<void> {
  await using emulator = await GeminiFilesEmulator.start({
    faults: [{ on: 'upload', do: 'pace', bytesPerSecond: 1_000_000, times: 'always' }],
  });
  const file = await folder.file(`slow-${seconds}.mp3`, seconds * 1_000_000);
  const worker = await testWorker(env, { baseUrl: emulator.url, allowedRoots: [folder.path] });
  const startedAt = Date.now();
  const attempts = await worker.run(async () => {
    const handle = await worker.client.start(file.path);
    expect(await handle.result()).toMatchObject({ sha256: file.sha256 });
    const { events = [] } = await env.client.workflow.getHandle(handle.workflowId).fetchHistory();
    return events?.flatMap((event) => event.activityTaskStartedEventAttributes?.attempt ?? []);
  });
  expect(Date.now() - startedAt).toBeGreaterThan(seconds * 900);
  expect(attempts).toEqual([1]);
  expect(bytesReceived(emulator)).toBe(file.sizeBytes);
  expect(emulator.requests.every(({ status }) => status === 200)).toBe(true);
}

it('a link of 1 MB/s for 15 seconds: one attempt, each byte once', () => oneAttemptAtOneMegabyteASecond(15));

it(
  'a link of 1 MB/s for three minutes: one attempt, each byte once',
  () => oneAttemptAtOneMegabyteASecond(180),
  300_000,
);

// The SDK's own heartbeats come further apart than the heartbeat timeout: it must not take that for a dead attempt.
it('cancelled after 75 s, on a worker whose SDK throttles as much as it can: one attempt, which stops within 5 s', async () => {
  await using emulator = await GeminiFilesEmulator.start({
    faults: [{ on: 'upload', do: 'pace', bytesPerSecond: 1_000_000, times: 'always' }],
  });
  const file = await folder.file('late.mp3', 120_000_000);
  const options = { baseUrl: emulator.url, allowedRoots: [folder.path] };
  const worker = await testWorker(env, { ...options, maxHeartbeatThrottleInterval: '1m' });
  await worker.run(async () => {
    const handle = await worker.client.start(file.path);
    await emulator.waitFor((all) => all.reduce((sum, { bytes }) => sum + bytes, 0) > 75_000_000, {
      timeoutMs: 110_000,
    });
    await handle.cancel();
    const elapsed = stopwatch();
    await emulator.waitFor((all) => all.some(({ operation }) => operation === 'cancel'));
    expect(elapsed()).toBeLessThan(5000);
    const { events, status } = await ended(env, handle);
    expect(status).toBe('CANCELLED');
    const uploads = events.flatMap((event) => event.activityTaskStartedEventAttributes?.attempt ?? []);
    expect(uploads).toEqual([1, 1]);
    expect(events.some((event) => event.activityTaskTimedOutEventAttributes)).toBe(false);
    expect(emulator.files.size).toBe(0);
  });
}, 180_000);

// The machine of a worker is gone: only its missing heartbeats show it.
it('kill -9 in the middle of 256 MiB: noticed within 15 s, and a quarter more is sent at most', async () => {
  await using emulator = await GeminiFilesEmulator.start({
    faults: [{ on: 'upload', do: 'pace', bytesPerSecond: 64 * MiB, times: 'always' }],
  });
  const file = await folder.file('large.mp3', 256 * MiB);
  const taskQueue = `test-${randomUUID()}`;
  const options = { taskQueue, baseUrl: emulator.url, apiKey: 'test-key', allowedRoots: [folder.path] };
  const first = await workerProcess({
    ...options,
    address: env.address,
    namespace: env.namespace ?? 'default',
  });
  children.push(first);

  const worker = await testWorker(env, options);
  const handle = await worker.client.start(file.path);
  await emulator.waitFor((all) => all.reduce((sum, { bytes }) => sum + bytes, 0) > 140 * MiB, {
    timeoutMs: 30_000,
  });
  await killHard(first);
  const elapsed = stopwatch();
  const before = emulator.requests.length;

  await worker.run(async () => {
    const next = await emulator.waitFor((all) => all[before], { timeoutMs: 20_000 });
    expect(next.operation).toBe('query');
    expect(elapsed()).toBeLessThan(15_000);
    expect(await handle.result()).toMatchObject({ sha256: file.sha256, sizeBytes: file.sizeBytes });
  });
  expect(bytesReceived(emulator)).toBeLessThanOrEqual(1.25 * file.sizeBytes);
  expect(story(emulator).filter((line) => line.startsWith('start'))).toEqual(['start 200']);
  expect(emulator.files.size).toBe(1);
});
