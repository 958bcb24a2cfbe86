/** A worker that is killed in each phase of a hold: another one goes on, with one file. */

import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { GeminiFilesClient, type HoldStatus } from '../../../src/client/index.js';
import { faults, GeminiFilesEmulator, type EmulatorOptions } from '../../../src/testing/index.js';
import { testFolder, type TestFolder } from '../../support/files.js';
import { requestGates } from '../../support/gate.js';
import { attachHold, inBatches } from '../../support/hold.js';
import { runsOf, summaries } from '../../support/replay.js';
import { useDevServer } from '../../support/temporal.js';
import { killHard, workerProcess } from '../../support/worker-process.js';
import { eventually } from '../../support/eventually.js';

const MIB = 1024 * 1024;
/** The provider keeps multiples of this size of a broken request. */
const GRANULARITY = 8 * MIB;

const env = await useDevServer(undefined, { 'limit.historyCount.suggestContinueAsNew': 60 });

/** A data request is not answered until its client leaves, so that no upload ends before its worker is killed. */
const stall = { on: 'upload', do: 'stall', afterBytes: 9 * MIB } as const;
const stalled = (emulator: GeminiFilesEmulator) =>
  emulator.waitFor((requests) => requests.some(({ outcome }) => outcome === 'stalled'));

/** The first file is ACTIVE at once; the test decides when another one is. */
function firstAtOnce(): NonNullable<EmulatorOptions['processing']> {
  let files = 0;
  return () => ({ after: 0, outcome: (files += 1) === 1 ? 'ACTIVE' : 'NEVER' });
}

/** By phase: the emulator. */
const PHASES: [HoldStatus['phase'], EmulatorOptions][] = [
  ['uploading', { processing: 0, faults: [stall] }],
  ['processing', { outcome: 'NEVER' }],
  ['active', { processing: 0 }],
  // A renewal is due three seconds after each upload.
  ['renewing', { processing: firstAtOnce(), retention: '5m', faults: [{ ...stall, skip: 1 }] }],
  ['ending', { processing: 0, faults: [{ on: 'delete', do: 'stall' }] }],
];

/** Only `checkNow` ends a wait within the time of a test: a check whose worker is killed is repeated after half a minute. */
const HOURLY = { pollInterval: '1h', maxPollInterval: '1h', timeout: '2h' } as const;
const SETTINGS: Partial<Record<HoldStatus['phase'], object>> = {
  processing: HOURLY,
  renewing: { renewBefore: '297s', grace: '0s', pollInterval: '500ms' },
};

/** A program with its own task queue, and what starts a worker of it. */
function program(folder: TestFolder, emulator: GeminiFilesEmulator) {
  const taskQueue = `killed-${randomUUID()}`;
  const start = () =>
    workerProcess({
      address: env.address,
      namespace: 'default',
      taskQueue,
      baseUrl: emulator.url,
      apiKey: 'test-key',
      allowedRoots: [folder.path],
    });
  return { start, files: new GeminiFilesClient(env.client, { taskQueue }), holdId: randomUUID() };
}

it.concurrent.each(PHASES)('%s', async (phase, options) => {
  await using folder = await testFolder();
  await folder.file('talk.mp4', phase === 'uploading' || phase === 'renewing' ? 16 * MIB : 1000);
  await using emulator = await GeminiFilesEmulator.start(options);
  const { start, files, holdId } = program(folder, emulator);
  const hold = attachHold(env, holdId);
  const first = await start();
  const pending = files.hold('talk.mp4', { for: '1h', holdId, ...SETTINGS[phase] });
  if (phase === 'uploading') await stalled(emulator);
  else if (phase === 'processing') {
    await emulator.waitFor(() => emulator.files.size === 1);
    await hold.until((status) => status.phase === 'processing');
  } else {
    const held = await pending;
    if (phase === 'ending') await held.release();
    if (phase !== 'active') await stalled(emulator);
  }
  await killHard(first);
  const second = await start();
  try {
    if (phase === 'processing') {
      emulator.activate([...emulator.files.keys()][0] ?? '');
      await hold.handle.signal('checkNow');
    }
    const held = await pending;
    if (phase === 'renewing') {
      expect(await held.current()).toEqual(held.file);
      await emulator.waitFor(() => emulator.files.size === 2);
      const renewed = [...emulator.files.keys()].at(-1) ?? '';
      emulator.activate(renewed);
      await emulator.waitFor(() => !emulator.files.has(held.file.id));
      expect((await held.current()).id).toBe(renewed);
      await held.release();
    } else if (phase !== 'ending') {
      expect(await held.current()).toEqual(held.file);
      expect([...emulator.files.keys()]).toEqual([held.file.id]);
      await held.release();
    }
    const { renewals, ...result } = await held.workflow.result();
    expect(result).toEqual({ leases: 1, cleanup: 'deleted' });
    expect(renewals > 0).toBe(phase === 'renewing');
    expect(emulator.files.size).toBe(0);
    emulator.assertFaultsConsumed();
  } finally {
    await killHard(second);
  }
});

it.concurrent('the wait for free storage', async () => {
  await using folder = await testFolder();
  await folder.file('talk.mp4', 1000);
  const full = faults.storageQuotaFull('start', { times: 1 });
  await using emulator = await GeminiFilesEmulator.start({ processing: 0, faults: [full] });
  const { start, files, holdId } = program(folder, emulator);
  const first = await start();
  const pending = files.hold('talk.mp4', { for: '1h', holdId, onQuotaFull: 'wait' });
  await emulator.waitFor((requests) => requests.some(({ status }) => status === 429));
  await eventually(async () => {
    const { events } = await env.client.workflow.getHandle(holdId).fetchHistory();
    expect(summaries(events ?? [])).toContain('until storage is free');
  });
  await killHard(first);
  const second = await start();
  try {
    await attachHold(env, holdId).handle.signal('checkNow');
    const held = await pending;
    expect([...emulator.files.keys()]).toEqual([held.file.id]);
    await held.release();
    expect(await held.workflow.result()).toEqual({ renewals: 0, leases: 1, cleanup: 'deleted' });
    expect(emulator.files.size).toBe(0);
  } finally {
    await killHard(second);
  }
});

it.concurrent(
  'right after an upload was handed to the next run: it goes on in the same session',
  async () => {
    await using folder = await testFolder();
    const { sizeBytes, sha256 } = await folder.file('film.mp4', 40 * MIB);
    const requests = requestGates();
    const options = { processing: 0, faults: [stall], time: requests.time };
    await using emulator = await GeminiFilesEmulator.start(options);
    const { start, files, holdId } = program(folder, emulator);
    const first = await start();
    const pending = files.hold('film.mp4', { for: '1h', holdId });
    await stalled(emulator);
    const next = requests.close();
    const hold = attachHold(env, holdId);
    const runs = async () => (await runsOf(env.client, holdId)).length;
    for (let n = 0; (await runs()) === 1; n += 1)
      await inBatches(20, (lease) => hold.acquire(`lease ${n}.${lease}`, '1h'));
    // The attempt of the next run, which sends nothing before it has an answer.
    await next.reached;
    await killHard(first);
    next.open();
    const second = await start();
    try {
      const { file } = await pending;
      expect(file).toMatchObject({ sizeBytes, sha256 });
      expect([...emulator.files.keys()]).toEqual([file.id]);
      expect(emulator.sessions).toHaveLength(1);
      const sent = emulator.requests.reduce((sum, { bytes }) => sum + bytes, 0);
      expect(sent).toBeLessThan(sizeBytes + 2 * GRANULARITY);
      await hold.handle.cancel();
      await hold.handle.result().catch(() => undefined);
      expect(emulator.files.size).toBe(0);
    } finally {
      await killHard(second);
    }
  },
);
