/** A worker that is killed in each phase of a hold: another one goes on, with one file. */

import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { GeminiFilesClient, type HoldStatus } from '../../../src/client/index.js';
import { GeminiFilesEmulator, type EmulatorOptions } from '../../../src/testing/index.js';
import { testFolder } from '../../support/files.js';
import { useDevServer } from '../../support/temporal.js';
import { killHard, workerProcess } from '../../support/worker-process.js';

const env = await useDevServer();

const paced = { on: 'upload', do: 'pace', bytesPerSecond: 4 * 1024 * 1024, times: 1 } as const;
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

it.concurrent.each(PHASES)('%s', async (phase, options) => {
  await using folder = await testFolder();
  await folder.file('talk.mp4', phase === 'uploading' || phase === 'renewing' ? 16 * 1024 * 1024 : 1000);
  await using emulator = await GeminiFilesEmulator.start(options);
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
  const files = new GeminiFilesClient(env.client, { taskQueue });
  const holdId = randomUUID();
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
