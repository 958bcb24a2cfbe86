/** A hold that continues as new during an upload, because many acquire a lease meanwhile: the next run goes on in the same session. */

import { randomUUID } from 'node:crypto';
import type { Payload } from '@temporalio/common';
import { expect, it } from 'vitest';
import { carriedWaits } from '../../../src/activities/sweep/carried-waits.js';
import { summaryOfFirstRun } from '../../../src/cli/commands/hold.js';
import type { UploadInput } from '../../../src/contract/activities.js';
import { ACTIVITY } from '../../../src/contract/names.js';
import { GeminiFilesEmulator, type EmulatorOptions } from '../../../src/testing/index.js';
import { atEndOfActivities } from '../../support/activity-gates.js';
import { eventually } from '../../support/eventually.js';
import { useTestFolder } from '../../support/files.js';
import { requestGates, type RequestGates } from '../../support/gate.js';
import { attachHold, inBatches, isHeld, type Hold } from '../../support/hold.js';
import { replayed, runsOf, scheduled } from '../../support/replay.js';
import { useDevServer } from '../../support/temporal.js';
import { testWorker, type TestWorker, type TestWorkerOptions } from '../../support/worker.js';

const MIB = 1024 * 1024;
const SUMMARY = 'hold film.mp4';
/** The provider keeps multiples of this size of a broken request. */
const GRANULARITY = 8 * MIB;

const env = await useDevServer(undefined, { 'limit.historyCount.suggestContinueAsNew': 60 });
const folder = await useTestFolder();
const film = await folder.file('film.mp4', 40 * MIB);
const clip = await folder.file('clip.mp4', 1000);

interface World extends AsyncDisposable {
  readonly emulator: GeminiFilesEmulator;
  readonly requests: RequestGates;
  /** How many attempts at an upload have ended. */
  readonly attemptsEnded: () => number;
  readonly worker: TestWorker;
}

type WorldOptions = Pick<TestWorkerOptions, 'limits' | 'dataConverter'>;

async function world(options: EmulatorOptions, workerOptions: WorldOptions = {}): Promise<World> {
  const requests = requestGates();
  const emulator = await GeminiFilesEmulator.start({ processing: 0, time: requests.time, ...options });
  let ended = 0;
  const counting = atEndOfActivities({ [ACTIVITY.upload]: () => Promise.resolve(void (ended += 1)) });
  const worker = await testWorker(env, {
    ...{ baseUrl: emulator.url, allowedRoots: [folder.path] },
    ...workerOptions,
    ...counting,
  });
  return {
    ...{ emulator, requests, worker, attemptsEnded: () => ended },
    [Symbol.asyncDispose]: () => emulator.close(),
  };
}

async function start({ worker }: World, path: string): Promise<Hold> {
  const workflowId = randomUUID();
  const { taskQueue } = worker;
  const args = [{ path, for: '1h', leaseId: 'first' }];
  await env.client.workflow.start('holdActiveFile', { taskQueue, workflowId, args, staticSummary: SUMMARY });
  return attachHold(env, workflowId);
}

/** Acquires leases until another run has begun: a few at a time, so that this one does not have to continue as new too. */
async function burst(
  hold: Hold,
  leaseId = (n: number, lease: number) => `lease ${n}.${lease}`,
): Promise<void> {
  const before = (await runsOf(env.client, hold.holdId)).length;
  for (let n = 0; (await runsOf(env.client, hold.holdId)).length === before; n += 1)
    await inBatches(4, (lease) => hold.acquire(leaseId(n, lease), '1h'));
}

/**
 * The same in the middle of an upload, of which the provider keeps a part. The next run's attempt meets the provider when the one before has
 * left it: else each would break the other's requests until that one learns that its run is over.
 */
async function handOver(
  { requests, attemptsEnded }: World,
  hold: Hold,
  leaseId?: () => string,
): Promise<void> {
  const before = attemptsEnded();
  const next = requests.close();
  await burst(hold, leaseId);
  await next.reached;
  await eventually(() => expect(attemptsEnded()).toBeGreaterThan(before));
  next.open();
}

/**
 * Fails the first task of a run that goes on with a hold, after `act`: Temporal repeats the task with what came meanwhile, so that the
 * run begins with it.
 */
function beforeNextRun(act: () => Promise<void>): Pick<WorldOptions, 'dataConverter'> {
  let acted: Promise<void> | undefined;
  const repeatFirstTask = async (payloads: Payload[]) => {
    if (!payloads.some(({ data }) => Buffer.from(data ?? '').includes('"book"'))) return payloads;
    const isFirst = acted === undefined;
    // Temporal repeats the task by itself if this takes too long.
    await (acted ??= act());
    if (isFirst) throw new Error('The test has this task repeated');
    return payloads;
  };
  return {
    dataConverter: {
      payloadCodecs: [{ encode: (payloads) => Promise.resolve(payloads), decode: repeatFirstTask }],
    },
  };
}

/** The input of the upload in a run, if it has one. */
async function uploadInput(holdId: string, run: string): Promise<UploadInput | undefined> {
  const { events } = await env.client.workflow.getHandle(holdId, run).fetchHistory();
  const upload = events?.find(
    ({ activityTaskScheduledEventAttributes: activity }) => activity?.activityType?.name === ACTIVITY.upload,
  );
  const [payload] = upload?.activityTaskScheduledEventAttributes?.input?.payloads ?? [];
  return payload && (JSON.parse(Buffer.from(payload.data ?? '').toString()) as UploadInput);
}

/** A data request is not answered until its client leaves, so that no attempt ends before the next run has begun. */
const stall = (times: number) => ({ on: 'upload', do: 'stall', afterBytes: 9 * MIB, times }) as const;
const stalled = ({ emulator }: World, times: number) =>
  emulator.waitFor((requests) => requests.filter(({ outcome }) => outcome === 'stalled').length >= times);

const received = ({ emulator }: World) =>
  emulator.requests
    .filter(({ operation }) => operation === 'upload')
    .reduce((sum, { bytes }) => sum + bytes, 0);
const starts = ({ emulator }: World) =>
  emulator.requests.filter(({ operation }) => operation === 'start').length;

it('sends on in the same session, and loses no lease', async () => {
  await using at = await world({ faults: [stall(2)] }, { limits: { maxUploadBytesPerSecond: 10 * MIB } });
  const { runs, attempts } = await at.worker.run(async () => {
    const hold = await start(at, film.path);
    await stalled(at, 1);
    await handOver(at, hold);
    await stalled(at, 2);
    await handOver(at, hold);
    const acquired = (await hold.status()).leases.length;
    const { file, leases } = await hold.until(isHeld);
    expect(leases).toHaveLength(acquired);
    expect([...at.emulator.files.keys()]).toEqual([file?.id]);
    expect(file).toMatchObject({ sha256: film.sha256, sizeBytes: film.sizeBytes });
    const runs = await runsOf(env.client, hold.holdId);
    const [first] = runs;
    const events = await replayed(env.client, hold.holdId, first);
    expect(scheduled(events)).toEqual(['geminiFilesUpload']);
    const next = events.at(-1)?.workflowExecutionContinuedAsNewEventAttributes?.input?.payloads ?? [];
    const args = next.map(({ data }) => JSON.parse(Buffer.from(data ?? '').toString()) as unknown);
    // What a sweep deletes if the next run is terminated before its first task.
    expect(carriedWaits(args, first ?? '')).toEqual([{ name: file?.id }]);
    const inputs = await Promise.all(runs.map((run) => uploadInput(hold.holdId, run)));
    for (const [index, input] of inputs.slice(1).entries())
      if (input) expect(input.earlierRuns).toEqual(runs.slice(0, index + 1).reverse());
    const attempts = inputs.filter(Boolean).length;
    expect(attempts).toBeGreaterThan(1);
    expect(await summaryOfFirstRun(env.client, hold.handle)).toBe(SUMMARY);
    await hold.handle.terminate();
    return { runs, attempts };
  });
  expect(runs.length).toBeGreaterThanOrEqual(3);
  expect(starts(at)).toBe(1);
  expect(at.emulator.sessions).toHaveLength(1);
  // An attempt that is cut off sends on until its next heartbeat, a second later at most: at the limit of the worker, 10 MiB.
  expect(received(at)).toBeLessThan(film.sizeBytes + (attempts - 1) * (GRANULARITY + 10 * MIB));
});

it('takes the file that the last request of the run before creates', async () => {
  await using at = await world({ faults: [{ on: 'finalize', do: 'slowFinalize', ms: 60_000 }] });
  await at.worker.run(async () => {
    const hold = await start(at, clip.path);
    await at.emulator.waitFor((requests) => requests.some(({ operation }) => operation === 'upload'));
    await burst(hold);
    at.emulator.advance(60_000);
    const { file } = await hold.until(isHeld);
    expect([...at.emulator.files.keys()]).toEqual([file?.id]);
    await hold.handle.terminate();
  });
});

it('leaves nothing if the last lease is released in the next run', async () => {
  await using at = await world({ faults: [stall(2)] });
  await at.worker.run(async () => {
    const hold = await start(at, film.path);
    await stalled(at, 1);
    // One lease, extended again and again: many releases would make this run continue as new, too.
    await handOver(at, hold, () => 'one');
    await stalled(at, 2);
    for (const { id } of (await hold.status()).leases) await hold.release(id);
    expect(await hold.handle.result()).toMatchObject({ cleanup: 'deleted' });
  });
  expect(at.emulator.files.size).toBe(0);
  expect(at.emulator.sessions.filter(({ state }) => state === 'active')).toEqual([]);
});

it('leaves no session if the next run begins without a lease', async () => {
  let release = () => Promise.resolve();
  await using at = await world(
    { faults: [stall(1)] },
    beforeNextRun(() => release()),
  );
  await at.worker.run(async () => {
    const hold = await start(at, film.path);
    await stalled(at, 1);
    // No lease may come after the releases.
    const acquired = burst(hold, () => 'one');
    release = async () => {
      await acquired;
      for (const lease of ['one', 'first']) await hold.release(lease);
    };
    await acquired;
    await at.emulator.waitFor((requests) => requests.some(({ operation }) => operation === 'delete'));
    const runs = await runsOf(env.client, hold.holdId);
    const { events } = await env.client.workflow.getHandle(hold.holdId, runs[1]).fetchHistory();
    expect(scheduled(events ?? [])).toEqual(['geminiFilesDelete']);
    await hold.handle.terminate();
  });
  expect(at.emulator.files.size).toBe(0);
  expect(at.emulator.sessions.map(({ state }) => state)).toEqual(['cancelled']);
});
