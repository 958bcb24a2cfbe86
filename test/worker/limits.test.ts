/** What a tier, or limits in its place, hold a worker to: measured at the server. */

import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { GeminiFilesEmulator, type RecordedRequest } from '../../src/testing/index.js';
import { useTestFolder } from '../support/files.js';
import { ended, QUICK, scenario, uploadedName } from '../support/scenario.js';
import { useSharedDevServer } from '../support/temporal.js';
import { testWorker } from '../support/worker.js';
import { killHard, workerProcess } from '../support/worker-process.js';

const MIB = 1024 * 1024;

const env = await useSharedDevServer();
const folder = await useTestFolder();
const large = await folder.file('large.bin.mp4', 6 * MIB);
const small = await folder.file('small.mp4', 1000);

const ACTIVE = { outcome: 'ACTIVE', processing: 0 } as const;

describe('maxConcurrentUploads', () => {
  it('makes uploads wait for their turn; checks go by', async () => {
    await using at = await scenario(env, folder, {}, { limits: { maxConcurrentUploads: 1 } });
    const starts = () => at.emulator.requests.filter(({ operation }) => operation === 'start');
    await at.run(async () => {
      const first = await at.client.start(small.path, QUICK);
      const name = await uploadedName(at.emulator);
      at.emulator.addFaults({ on: 'upload', do: 'stall' });
      const second = await at.client.start(small.path);
      await at.emulator.waitFor((requests) => requests.some(({ outcome }) => outcome === 'stalled'));
      const third = await at.client.start(small.path);
      await begun(third.workflowId);

      // The one slot is taken, one upload waits for it, and the first file's checks continue.
      at.emulator.activate(name);
      expect(await first.result()).toMatchObject({ id: name, state: 'ACTIVE' });
      expect(starts()).toHaveLength(2);

      await second.cancel();
      await at.emulator.waitFor(() => starts().length === 3);
      // Their clean-up takes half a minute.
      await Promise.all([second, third].map(({ workflow }) => workflow.terminate()));
    });
  });

  it('lets a cancelled upload go at once, which has sent nothing', async () => {
    await using at = await scenario(
      env,
      folder,
      { faults: [{ on: 'upload', do: 'stall' }] },
      { limits: { maxConcurrentUploads: 1 } },
    );
    await at.run(async () => {
      const first = await at.client.start(small.path);
      await at.emulator.waitFor((requests) => requests.some(({ operation }) => operation === 'upload'));
      const second = await at.client.start(small.path);
      await begun(second.workflowId);
      await second.cancel();
      const { status, activities } = await ended(env, second);
      expect(status).toBe('CANCELLED');
      expect(activities.at(0)).toBe('geminiFilesUpload');
      // The one slot is still taken: the first upload hangs in its first request for data.
      expect(at.emulator.requests.map(({ operation, outcome }) => [operation, outcome])).toEqual([
        ['start', 'answered'],
        ['upload', 'stalled'],
        ['delete', 'answered'],
      ]);
      expect((await first.workflow.describe()).status.name).toBe('RUNNING');
      await first.workflow.terminate();
    });
  });
});

/** Resolves once the workflow's activity is with a worker. */
async function begun(workflowId: string): Promise<void> {
  const handle = env.client.workflow.getHandle(workflowId);
  for (;;) {
    const { raw } = await handle.describe();
    if (raw.pendingActivities?.some(({ lastStartedTime }) => lastStartedTime)) return;
  }
}

describe('maxUploadBytesPerSecond', () => {
  it('holds over all uploads of the worker', async () => {
    const rate = 4 * MIB;
    await using at = await scenario(env, folder, ACTIVE, { limits: { maxUploadBytesPerSecond: rate } });
    const began = performance.now();
    const files = await at.run(() =>
      Promise.all([1, 2].map(() => at.client.uploadAndWaitActive(large.path))),
    );
    const seconds = (performance.now() - began) / 1000;
    const bytes = files.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
    // What a rest has saved up, at most one second's worth, goes at once.
    expect((bytes - rate) / seconds).toBeLessThanOrEqual(rate);
    if (process.env.SHOW_FIGURES)
      process.stderr.write(`bandwidth: ${bytes} bytes in ${seconds.toFixed(2)} s at ${rate}/s\n`);
    expect(files.map(({ sha256 }) => sha256)).toEqual([large.sha256, large.sha256]);
  });
});

describe('maxTaskQueueActivitiesPerSecond', () => {
  it('holds across two workers of one task queue', async () => {
    const rate = 8;
    await using emulator = await GeminiFilesEmulator.start(ACTIVE);
    const taskQueue = `test-${randomUUID()}`;
    const options = {
      baseUrl: emulator.url,
      allowedRoots: [folder.path],
      taskQueue,
      tier: 'free',
      limits: { maxTaskQueueActivitiesPerSecond: rate },
    } as const;
    const one = await testWorker(env, { ...options, identity: 'one' });
    const { address, namespace = 'default' } = env;
    const two = await workerProcess({ ...options, identity: 'two', address, namespace, apiKey: 'test-key' });
    const count = 48;
    const identities = await one
      .run(async () => {
        const handles = await Promise.all(Array.from({ length: count }, () => one.client.start(small.path)));
        await Promise.all(handles.map((handle) => handle.result()));
        return Promise.all(handles.map(({ workflowId }) => startedBy(workflowId)));
      })
      .finally(() => killHard(two));
    const starts = emulator.requests.filter(({ operation }) => operation === 'start');
    expect(starts).toHaveLength(count);
    const { seconds, later } = pace(starts);
    if (process.env.SHOW_FIGURES)
      process.stderr.write(
        `rate: ${rate}/s, ${count - later} in the first second, ${count} in ${seconds.toFixed(2)} s\n`,
      );
    // The server lets a burst go first: two seconds' worth, and some. The rest takes its time, which a busy machine makes longer only.
    expect(later).toBeGreaterThanOrEqual(count / 3);
    expect(seconds).toBeGreaterThanOrEqual((count - 3 * rate) / rate);
    // Each worker had its part, or nothing would be said of two.
    expect(new Set(identities)).toEqual(new Set(['one', 'two']));
  });
});

/** Of all starts: the time from the first to the last, and how many came after the first second. */
function pace(starts: readonly RecordedRequest[]): { seconds: number; later: number } {
  const times = starts.map(({ startedAt }) => startedAt).sort((a, b) => a - b);
  const [first = 0] = times;
  const last = times.at(-1) ?? 0;
  const later = times.filter((time) => time >= first + 1000);
  return {
    seconds: (last - first) / 1000,
    later: later.length,
  };
}

async function startedBy(workflowId: string): Promise<string | null | undefined> {
  const { events } = await env.client.workflow.getHandle(workflowId).fetchHistory();
  const started = events?.find(
    ({ activityTaskStartedEventAttributes }) => activityTaskStartedEventAttributes,
  );
  return started?.activityTaskStartedEventAttributes?.identity;
}
