/** A worker that is killed in each phase of a hold: another one goes on, with one file. */

import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { GeminiFilesClient, type HoldStatus } from '../../../src/client/index.js';
import { faults, GeminiFilesEmulator, type EmulatorOptions } from '../../../src/testing/index.js';
import { testFolder, type TestFolder } from '../../support/files.js';
import { attachHold, inBatches } from '../../support/hold.js';
import { runsOf, summaries } from '../../support/replay.js';
import { useDevServer } from '../../support/temporal.js';
import { killHard, workerProcess, type WorkerProcessOptions } from '../../support/worker-process.js';
import { eventually } from '../../support/eventually.js';

const MIB = 1024 * 1024;
/** The provider keeps multiples of this size of a broken request. */
const GRANULARITY = 8 * MIB;

const env = await useDevServer(undefined, { 'limit.historyCount.suggestContinueAsNew': 60 });

const paced = { on: 'upload', do: 'pace', bytesPerSecond: 4 * MIB, times: 1 } as const;
const slowDelete = { on: 'delete', do: 'delay', ms: 1500, times: 1 } as const;

const isUpload = ({ operation }: { readonly operation: string }) => operation === 'upload';

/** By phase: the emulator, and how many files were uploaded in the end. */
const PHASES: [HoldStatus['phase'], EmulatorOptions][] = [
  ['uploading', { processing: 0, faults: [paced] }],
  ['processing', { processing: '2s' }],
  ['active', { processing: 0 }],
  // A renewal is due three seconds after each upload.
  ['renewing', { processing: 0, retention: '5m', faults: [{ ...paced, skip: 1 }] }],
  ['ending', { processing: 0, faults: [slowDelete] }],
];

/** A program with its own task queue, and what starts a worker of it. */
function program(
  folder: TestFolder,
  emulator: GeminiFilesEmulator,
  limits: WorkerProcessOptions['limits'] = {},
) {
  const taskQueue = `killed-${randomUUID()}`;
  const start = () =>
    workerProcess({
      address: env.address,
      namespace: 'default',
      taskQueue,
      baseUrl: emulator.url,
      apiKey: 'test-key',
      allowedRoots: [folder.path],
      limits,
    });
  return { start, files: new GeminiFilesClient(env.client, { taskQueue }), holdId: randomUUID() };
}

it.concurrent.each(PHASES)('%s', async (phase, options) => {
  await using folder = await testFolder();
  await folder.file('talk.mp4', phase === 'uploading' || phase === 'renewing' ? 16 * MIB : 1000);
  await using emulator = await GeminiFilesEmulator.start(options);
  const { start, files, holdId } = program(folder, emulator);
  const first = await start();
  const renewal = phase === 'renewing' ? ({ renewBefore: '297s', grace: '0s' } as const) : {};
  const pending = files.hold('talk.mp4', { for: '1h', holdId, pollInterval: '500ms', ...renewal });
  if (phase === 'uploading') await emulator.waitFor((requests) => requests.some(isUpload));
  else if (phase === 'processing') await emulator.waitFor(() => emulator.files.size === 1);
  else {
    const held = await pending;
    if (phase === 'renewing') await emulator.waitFor((requests) => requests.filter(isUpload).length === 2);
    if (phase === 'ending') {
      await held.release();
      await emulator.waitFor((requests) => requests.some(({ operation }) => operation === 'delete'));
    }
  }
  await killHard(first);
  const second = await start();
  try {
    const held = await pending;
    if (phase === 'renewing') {
      expect(await held.current()).toEqual(held.file);
      await emulator.waitFor(() => !emulator.files.has(held.file.id));
      expect(emulator.files.has((await held.current()).id)).toBe(true);
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
    await using emulator = await GeminiFilesEmulator.start({ processing: 0 });
    const { start, files, holdId } = program(folder, emulator, { maxUploadBytesPerSecond: 10 * MIB });
    const first = await start();
    const pending = files.hold('film.mp4', { for: '1h', holdId });
    await emulator.waitFor((requests) => requests.some(({ bytes }) => bytes > 9 * MIB));
    const hold = attachHold(env, holdId);
    const runs = async () => (await runsOf(env.client, holdId)).length;
    for (let n = 0; (await runs()) === 1; n += 1)
      await inBatches(20, (lease) => hold.acquire(`lease ${n}.${lease}`, '1h'));
    await killHard(first);
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
