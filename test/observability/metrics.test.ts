/** The exact values of the package's metrics, in a Runtime of the user. */

import { beforeEach, describe, expect, it } from 'vitest';
import { faults, type EmulatorOptions } from '../../src/testing/index.js';
import { useTestFolder } from '../support/files.js';
import { gauges, sumOf, totals, valuesOf, type Measured } from '../support/gauges.js';
import {
  activateOnceUploaded,
  ended,
  MODES,
  QUICK,
  scenario,
  uploadedName,
  type Ended,
  type Scenario,
} from '../support/scenario.js';
import { useDevServer } from '../support/temporal.js';
import { MiB } from '../support/upload.js';
import { bundleEmbedding, userWorker } from '../support/user-worker.js';

const { runtime, take } = gauges();
const env = await useDevServer(runtime);
const folder = await useTestFolder();
const video = await folder.file('clip.mp4', 10_000);
beforeEach(() => void take());

async function measure(
  emulated: EmulatorOptions,
  settings: object,
  meanwhile: (at: Scenario) => Promise<unknown> = () => Promise.resolve(),
  mode = {},
  path = video.path,
): Promise<Ended & { measured: Measured[] }> {
  await using at = await scenario(env, folder, emulated, mode);
  const end = await at.run(async () => {
    const handle = await at.client.start(path, { ...QUICK, ...settings });
    await meanwhile(at);
    return ended(env, handle);
  });
  at.emulator.assertFaultsConsumed();
  return { ...end, measured: take() };
}

// Without a cache every workflow task replays the run from its start: nothing may be counted twice.
describe.each(MODES)('%s', (_, mode) => {
  it('counts a success: bytes, checks, time to ACTIVE and overshoot', async () => {
    const activated: number[] = [];
    const { result, measured } = await measure(
      {},
      { timeout: '1m' },
      async (at) => {
        await at.emulator.waitFor((all) => all.filter(({ operation }) => operation === 'get').length >= 2);
        activated.push(Date.now());
        await activateOnceUploaded(at);
      },
      mode,
    );
    expect(totals(measured, 'uploads', 'outcome')).toEqual({ ACTIVE: 1 });
    expect(sumOf(measured, 'sent_bytes')).toBe(10_000);
    expect(valuesOf(measured, 'resumed_bytes')).toEqual([]);
    const polls = result?.polls ?? 0;
    expect(totals(measured, 'checks', 'state')).toEqual({ PROCESSING: polls - 1, ACTIVE: 1 });
    expect(valuesOf(measured, 'time_to_active_seconds')).toEqual([(result?.waitedMs ?? 0) / 1000]);
    const [overshoot, ...more] = valuesOf(measured, 'overshoot_seconds');
    expect(more).toEqual([]);
    // One poll interval, and what this machine takes; never what passed before the file was ACTIVE.
    expect(overshoot).toBeGreaterThan(0);
    expect(overshoot).toBeLessThanOrEqual((Date.now() - (activated[0] ?? 0)) / 1000);
    expect(valuesOf(measured, 'cleanups')).toEqual([]);
    expect(valuesOf(measured, 'provider_errors')).toEqual([]);
  });

  it('counts a file that FAILED, once, and its clean-up', async () => {
    const { measured } = await measure(
      {},
      { timeout: '1m' },
      async (at) => at.emulator.fail(await uploadedName(at.emulator), { code: 13, message: 'No.' }),
      mode,
    );
    expect(totals(measured, 'uploads', 'outcome')).toEqual({ UploadFailedError: 1 });
    expect(totals(measured, 'cleanups', 'outcome')).toEqual({ deleted: 1 });
    expect(valuesOf(measured, 'time_to_active_seconds')).toEqual([]);
  });
});

it('counts what was ACTIVE at once as such: no check, no overshoot', async () => {
  const { measured } = await measure({ outcome: 'ACTIVE', processing: 0 }, {});
  expect(totals(measured, 'uploads', 'outcome')).toEqual({ ACTIVE: 1 });
  expect(valuesOf(measured, 'time_to_active_seconds')).toEqual([0]);
  expect(measured.map(({ name }) => name)).not.toContain('checks');
  expect(measured.map(({ name }) => name)).not.toContain('overshoot_seconds');
});

it.each([
  ['kept', { cleanupOnTimeout: false }, {}],
  ['failed', { cleanupTimeout: '1s' }, { faults: [faults.unavailable('delete', { times: 'always' })] }],
] as const)('counts a clean-up that is %s', async (outcome, settings, emulated) => {
  const { measured } = await measure(emulated, { timeout: '250ms', ...settings });
  expect(totals(measured, 'uploads', 'outcome')).toEqual({ UploadInactiveError: 1 });
  expect(totals(measured, 'cleanups', 'outcome')).toEqual({ [outcome]: 1 });
});

it('counts a cancelled run as cancelled', async () => {
  await using at = await scenario(env, folder);
  await at.run(async () => {
    const handle = await at.client.start(video.path, QUICK);
    await uploadedName(at.emulator);
    await handle.cancel();
    return ended(env, handle);
  });
  const measured = take();
  expect(totals(measured, 'uploads', 'outcome')).toEqual({ cancelled: 1 });
  expect(totals(measured, 'cleanups', 'outcome')).toEqual({ deleted: 1 });
});

it('counts options that are refused, and a file that is not there', async () => {
  const missing = await measure({}, {}, undefined, {}, 'missing.mp4');
  expect(totals(missing.measured, 'uploads', 'outcome')).toEqual({ FileNotFoundError: 1 });
  await using at = await scenario(env, folder);
  const handle = await at.run(async () => {
    const run = await env.client.workflow.start('uploadAndWaitActive', {
      taskQueue: at.taskQueue,
      workflowId: 'refused',
      args: [{ path: 'x', jitter: -1 }],
    });
    await run.result().catch(() => undefined);
    return run;
  });
  expect((await handle.describe()).status.name).toBe('FAILED');
  expect(totals(take(), 'uploads', 'outcome')).toEqual({ InvalidOptionsError: 1 });
});

it('counts bytes that the next attempt does not send again, and the error before it', async () => {
  const big = await folder.file('big.mp3', 72 * MiB);
  const { measured } = await measure(
    { outcome: 'ACTIVE', processing: 0, faults: [faults.unavailable('finalize')] },
    { timeout: '1m' },
    undefined,
    {},
    big.path,
  );
  expect(valuesOf(measured, 'resumed_bytes')).toEqual([64 * MiB]);
  // The request that was refused had its body sent, in full or in part.
  expect(sumOf(measured, 'sent_bytes')).toBeGreaterThanOrEqual(72 * MiB);
  expect(sumOf(measured, 'sent_bytes')).toBeLessThanOrEqual(80 * MiB);
  const [error, ...more] = measured.filter(({ name }) => name === 'provider_errors');
  expect(more).toEqual([]);
  expect(error?.tags).toMatchObject({ operation: 'upload', kind: 'unavailable', status_class: '5xx' });
});

it('counts nothing as resumed if the resumed session was lost, and all was sent again', async () => {
  const big = await folder.file('bigger.mp3', 72 * MiB);
  const { measured } = await measure(
    {
      outcome: 'ACTIVE',
      processing: 0,
      faults: [faults.unavailable('finalize'), { on: 'finalize', do: 'expireSession' }],
    },
    { timeout: '1m' },
    undefined,
    {},
    big.path,
  );
  expect(valuesOf(measured, 'resumed_bytes')).toEqual([0]);
  expect(sumOf(measured, 'sent_bytes')).toBeGreaterThanOrEqual(2 * 72 * MiB);
  expect(totals(measured, 'provider_errors', 'kind')).toEqual({ unavailable: 1, 'session-lost': 1 });
});

it('counts a file that is adopted as resumed, and a break without a status', async () => {
  const { measured } = await measure(
    {
      outcome: 'ACTIVE',
      processing: 0,
      faults: [
        { on: 'start', do: 'reset' },
        { on: 'finalize', do: 'loseAnswer' },
      ],
    },
    { timeout: '1m' },
  );
  expect(sumOf(measured, 'sent_bytes') + sumOf(measured, 'resumed_bytes')).toBe(10_000);
  expect(totals(measured, 'provider_errors', 'status_class')).toEqual({ none: 2 });
  expect(totals(measured, 'provider_errors', 'operation')).toEqual({ start: 1, upload: 1 });
});

it('counts in a worker and a workflow of the user’s own, under their workflow type', async () => {
  const workflowBundle = await bundleEmbedding();
  await using at = await userWorker(env, folder, workflowBundle, { outcome: 'ACTIVE', processing: 0 });
  const { status } = await at.run('block', [{ path: video.path }, 'return']);
  expect(status).toBe('COMPLETED');
  const measured = take();
  expect(totals(measured, 'uploads', 'workflowType')).toEqual({ block: 1 });
  expect(totals(measured, 'cleanups', 'outcome')).toEqual({ deleted: 1 });
  expect(totals(measured, 'sent_bytes', 'activityType')).toEqual({ geminiFilesUpload: 10_000 });
});

it('has tags of few values alone: no file name, path, id or key', async () => {
  const { measured } = await measure({ outcome: 'ACTIVE', processing: 0 }, {});
  const allowed = ['namespace', 'taskQueue', 'workflowType', 'activityType', 'service_name'];
  const own = ['outcome', 'state', 'operation', 'kind', 'status_class'];
  expect(measured.length).toBeGreaterThan(0);
  for (const { tags } of measured)
    expect([...allowed, ...own]).toEqual(expect.arrayContaining(Object.keys(tags)));
  expect(JSON.stringify(measured)).not.toMatch(/files\/|clip|test-key|upload_id/);
});
