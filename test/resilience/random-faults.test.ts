/**
 * Runs with faults, cancellations, hand-overs and rotations at random: each ends with one ACTIVE file or with none, also after
 * everything that is late at the provider has happened. `FUZZ_SEED` repeats a run, `FUZZ_SCALE=10` makes ten times as many.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import { isDeepStrictEqual } from 'node:util';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { GeminiFilesEmulator, type EmulatorOptions, type Fault } from '../../src/testing/index.js';
import { errorBody } from '../../src/testing/emulator/error-bodies.js';
import type { UploadHandle, UploadSettings } from '../../src/client/index.js';
import { useTestFolder } from '../support/files.js';
import { useDevServer } from '../support/temporal.js';
import { testWorker, type TestWorker } from '../support/worker.js';

const env = await useDevServer();
const folder = await useTestFolder();
const files = [await folder.file('small.mp4', 10_000), await folder.file('large.mp4', 3_000_000)] as const;

const SEED = process.env.FUZZ_SEED ? Number(process.env.FUZZ_SEED) : Math.floor(Math.random() * 2 ** 31);
const CASES = 16 * Number(process.env.FUZZ_SCALE ?? 1);
/** At once: most of a case is waiting. */
const WIDTH = 16;

const times = fc.integer({ min: 1, max: 3 });
const skip = fc.integer({ min: 0, max: 2 });
const on = fc.constantFrom('start', 'upload', 'finalize', 'query', 'cancel', 'get', 'delete');
const LATEST_MS = 12_000;
const late = fc.integer({ min: 200, max: LATEST_MS });
const plain = fc.constantFrom({ text: '' }, { text: 'Forbidden' }, { text: '<html></html>' });
const gateway = fc
  .tuple(fc.constantFrom(200, 302, 401, 403, 403, 404, 500, 503, 504), plain)
  .map(([status, body]) => ({ status, ...body }));

const slowFinalize = fc.record({
  on: fc.constant('finalize'),
  times,
  do: fc.constant('slowFinalize'),
  ms: late,
  answer: fc.oneof(fc.constantFrom('outcome', 'reset'), gateway),
  query: fc.constantFrom('active', 'wait', 'refuse'),
  cancel: fc.constantFrom('refuse', 'ignore', 'stop'),
  finalize: fc.constantFrom('refuse', 'wait'),
});

const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({ on, times, skip, do: fc.constantFrom('loseAnswer', 'stripUploadHeaders', 'cutAnswer') }),
  fc.record({
    on,
    times,
    skip,
    do: fc.constant('reset'),
    afterBytes: fc.constantFrom(0, 5000, 10_000, 2_000_000, 3_000_000),
    persist: fc.constantFrom('all', 'granular', 'none'),
  }),
  fc.record({ on, times, skip, do: fc.constant('delay'), ms: fc.integer({ min: 1, max: 4000 }) }),
  fc
    .record({ on, times, skip, do: fc.constant('respond'), work: fc.constantFrom('before', 'after') })
    .chain((one) => gateway.map((answer) => ({ ...answer, ...one }))),
  fc.record({
    on: fc.constantFrom('get', 'delete'),
    times,
    do: fc.constant('respond'),
    status: fc.constant(403),
    json: fc.constant(errorBody(403, 'You do not have permission to access the File x or it may not exist.')),
  }),
  fc.record({
    on: fc.constantFrom('upload', 'query', 'finalize'),
    skip,
    do: fc.constantFrom('expireSession', 'terminateSession', 'cancelSession', 'rollBack'),
  }),
  fc.record({ on: fc.constant('finalize'), times, do: fc.constant('showLate'), ms: late }),
  { weight: 5, arbitrary: slowFinalize },
);

const emulated: fc.Arbitrary<EmulatorOptions> = fc.record({
  outcome: fc.constantFrom('ACTIVE', 'ACTIVE', 'FAILED', 'NEVER'),
  processing: fc.constantFrom('0s', '1s', '3s'),
  conflictStage: fc.constantFrom('start', 'finalize'),
  queryAfterFinal: fc.constantFrom('file', 'empty'),
  granularity: fc.constantFrom(256 * 1024, 1024 * 1024),
  faults: fc.array(fault, { maxLength: 5 }),
});

const settings: fc.Arbitrary<UploadSettings> = fc.record({
  timeout: fc.constantFrom('0s', '4s', '20s'),
  uploadTimeout: fc.constantFrom('12s', '2m'),
  cleanupOnTimeout: fc.constantFrom(true, true, true, false),
  pollInterval: fc.constantFrom('100ms', '1s'),
  cleanupTimeout: fc.constant('3m'),
});

const event = fc.record({
  do: fc.constantFrom('cancel', 'cancel', 'hand over', 'rotate', 'reset', 'pause'),
  afterMs: fc.integer({ min: 0, max: 6000 }),
});

const trial = fc.record({
  file: fc.constantFrom(...files),
  emulated,
  settings,
  events: fc.array(event, { maxLength: 2 }),
});
type Trial = typeof trial extends fc.Arbitrary<infer T> ? T : never;

/** What is wrong with how the trial ended; undefined if nothing is. */
async function wrongWith(trial: Trial): Promise<string | undefined> {
  await using emulator = await GeminiFilesEmulator.start({
    ...trial.emulated,
    apiKeys: [['key-one', 'key-two']],
  });
  let apiKey = 'key-one';
  const start = (taskQueue?: string) =>
    testWorker(env, {
      baseUrl: emulator.url,
      allowedRoots: [folder.path],
      apiKey: () => apiKey,
      shutdownGraceTime: 0,
      ...(taskQueue !== undefined && { taskQueue }),
    });
  let at: TestWorker = await start();
  let running = at.worker.run();
  const handle = await at.client.start(trial.file.path, trial.settings);
  const ending = handle.result().then(
    (result) => ({ result, error: undefined }),
    (error: unknown) => ({ result: undefined, error: error as Error & { cleanup?: string } }),
  );
  let over = false;
  const disturbing = (async () => {
    for (const { do: what, afterMs } of trial.events) {
      await Promise.race([sleep(afterMs), ending]);
      if (over) return;
      if (what === 'cancel') await handle.cancel().catch(() => undefined);
      if (what === 'rotate') apiKey = 'key-two';
      // Each fails if the upload has ended before.
      if (what === 'reset') await reset(handle).catch(() => undefined);
      if (what === 'pause') await pause(handle).catch(() => undefined);
      if (what !== 'hand over') continue;
      at.worker.shutdown();
      await running;
      at = await start(at.taskQueue);
      running = at.worker.run();
    }
  })();
  const { result, error } = await ending;
  over = true;
  await disturbing;
  at.worker.shutdown();
  await running;
  // All that is late happens now.
  emulator.advance(LATEST_MS);
  const left = [...emulator.files.values()];
  if (result) {
    const wanted = { name: result.id, state: 'ACTIVE', sha256: trial.file.sha256 };
    const same = left.map(({ name, state, sha256 }) => isDeepStrictEqual({ name, state, sha256 }, wanted));
    return isDeepStrictEqual(same, [true]) ? undefined : `success, but there is ${JSON.stringify(left)}`;
  }
  const cleanup = error?.cleanup;
  if (left.length === (cleanup === 'kept' ? 1 : 0) && cleanup !== 'failed') return;
  const { status } = await handle.workflow.describe();
  if (status.name === 'CANCELLED' && trial.settings.cleanupOnTimeout === false) return;
  return `${status.name} ${error?.name} (${error?.message}), clean-up ${cleanup}, but ${left.length} files`;
}

const uploadOf = ({ workflowId }: UploadHandle) => ({
  namespace: env.client.options.namespace,
  execution: { workflowId },
  type: 'geminiFilesUpload',
});

async function reset(handle: UploadHandle): Promise<void> {
  await env.client.workflowService.resetActivity({ ...uploadOf(handle), resetHeartbeat: true });
}

async function pause(handle: UploadHandle): Promise<void> {
  await env.client.workflowService.pauseActivity(uploadOf(handle));
  await sleep(2000);
  await env.client.workflowService.unpauseActivity(uploadOf(handle));
}

it(`ends with one ACTIVE file or with none (FUZZ_SEED=${SEED})`, { timeout: 1_800_000 }, async () => {
  const trials = fc.sample(trial, { seed: SEED, numRuns: CASES });
  const wrong: string[] = [];
  const next = trials.entries();
  const lane = async () => {
    for (const [index, one] of next) {
      const found = await wrongWith(one).catch((error: unknown) => `the trial failed: ${String(error)}`);
      if (found !== undefined) wrong.push(`trial ${index}: ${found}\n${JSON.stringify(one)}`);
    }
  };
  await Promise.all(Array.from({ length: WIDTH }, lane));
  expect(wrong).toEqual([]);
});
