/**
 * An attempt at an upload that Temporal has given up, while its worker still reaches the provider. It must end by itself: a
 * second session would create a file that no run knows.
 */

import { randomUUID } from 'node:crypto';
import { NativeConnection } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import { GeminiFilesClient, type UploadHandle } from '../../src/client/index.js';
import { cancelUpload } from '../../src/gemini/index.js';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { connectionTo } from '../support/connection.js';
import { useTestFolder } from '../support/files.js';
import { startRelay, type Relay } from '../support/relay.js';
import { timeOf, type HistoryEvent } from '../support/replay.js';
import { ended, operations } from '../support/scenario.js';
import { useSharedDevServer } from '../support/temporal.js';
import { testWorker } from '../support/worker.js';
import { stopwatch } from '../support/stopwatch.js';

const MIB = 1024 * 1024;
const env = await useSharedDevServer();
const folder = await useTestFolder();
const film = await folder.file('film.mp4', 60 * MIB);

interface Surroundings extends AsyncDisposable {
  readonly emulator: GeminiFilesEmulator;
  /** Between Temporal and the worker that uploads. */
  readonly relay: Relay;
  readonly start: () => Promise<UploadHandle>;
  /** Resolves when the worker that uploads has no attempt any more. Until then an attempt may do all that it wants to. */
  readonly attemptsEnded: () => Promise<void>;
}

/** One worker behind a relay, for uploads only, and another one for all the rest, the clean-up included. */
async function setUp(): Promise<Surroundings> {
  const emulator = await GeminiFilesEmulator.start({
    outcome: 'ACTIVE',
    processing: 0,
    // Slow enough that the upload takes longer than the heartbeat timeout of 10 s.
    faults: [{ on: 'upload', do: 'pace', bytesPerSecond: 4 * MIB }],
  });
  const relay = await startRelay(Number(env.address.split(':').at(-1)));
  const connection = await NativeConnection.connect({ address: `127.0.0.1:${relay.port}` });
  const options = { baseUrl: emulator.url, allowedRoots: [folder.path], shutdownGraceTime: '1m' } as const;
  const uploader = await testWorker(env, { ...options, connection });
  const other = await testWorker(env, options);
  const running = uploader.worker.run();
  const runningOther = other.worker.run();
  const attemptsEnded = async () => {
    if (uploader.worker.getState() === 'RUNNING') uploader.worker.shutdown();
    await running;
  };
  return {
    emulator,
    relay,
    start: async () => {
      const { workflowId } = await env.client.workflow.start('uploadAndWaitActive', {
        taskQueue: other.taskQueue,
        workflowId: randomUUID(),
        args: [{ path: film.path }, { activityOptions: { upload: { taskQueue: uploader.taskQueue } } }],
      });
      return new GeminiFilesClient(env.client).attach(workflowId);
    },
    attemptsEnded,
    [Symbol.asyncDispose]: async () => {
      relay.heal();
      await emulator.close();
      await attemptsEnded();
      other.worker.shutdown();
      await runningOther;
      await connection.close();
      await relay.close();
    },
  };
}

const inMidUpload = (emulator: GeminiFilesEmulator) =>
  emulator.waitFor((requests) => requests.some(({ bytes }) => bytes > 4 * MIB));

/** As the clean-up of another worker does it. */
async function endSession(emulator: GeminiFilesEmulator): Promise<void> {
  const url = `${emulator.url}/upload/v1beta/files?upload_id=${emulator.sessions[0]?.id}`;
  await cancelUpload(connectionTo(emulator.url), { url, granularity: 1 });
}

/** When the upload ended for the workflow, by the server's clock, which is this machine's too. Milliseconds. */
function uploadEndedAt(events: readonly HistoryEvent[]): number {
  const end = events.find(
    (event) =>
      event.activityTaskTimedOutEventAttributes ??
      event.activityTaskCanceledEventAttributes ??
      event.activityTaskFailedEventAttributes,
  );
  return timeOf(end);
}

describe('a worker that is cut off from Temporal in mid-upload', () => {
  it.concurrent.each(['both', 'answers'] as const)(
    'stops its transfer before the clean-up begins, and sends no more (cut: %s)',
    async (direction) => {
      await using at = await setUp();
      const { emulator, relay } = at;
      const handle = await at.start();
      await inMidUpload(emulator);
      relay.cut(direction);
      const elapsed = stopwatch();
      await handle.cancel();
      const broken = emulator.waitFor((requests) => requests.some(({ outcome }) => outcome === 'broken'), {
        timeoutMs: 30_000,
      });
      const stopped = broken.then(() => ({ at: Date.now(), afterMs: elapsed() }));
      const run = await ended(env, handle);
      expect(run).toMatchObject({
        status: 'CANCELLED',
        activities: ['geminiFilesUpload', 'geminiFilesDelete'],
      });
      const { at: stoppedAt, afterMs } = await stopped;
      expect(stoppedAt).toBeLessThan(uploadEndedAt(run.events));
      // The heartbeat timeout.
      expect(afterMs).toBeLessThan(10_000);

      relay.heal();
      await at.attemptsEnded();
      expect(operations(emulator)).toEqual(['start', 'upload', 'cancel', 'delete']);
      expect(emulator.files.size).toBe(0);
    },
  );

  // The worker sees at once that its session has ended, long before it notices the partition.
  it.concurrent.each([
    ['400 "already terminated"', 'terminateSession'],
    ['410', 'cancelSession'],
  ] as const)('opens no other session if the provider says %s', async (_, end) => {
    await using at = await setUp();
    const { emulator, relay } = at;
    const handle = await at.start();
    await inMidUpload(emulator);
    relay.cut('both');
    emulator.addFaults({ on: 'query', do: end });
    await endSession(emulator);
    await handle.cancel();
    const { status, activities } = await ended(env, handle);
    expect(status).toBe('CANCELLED');
    expect(activities).toEqual(['geminiFilesUpload', 'geminiFilesDelete']);

    relay.heal();
    await at.attemptsEnded();
    emulator.assertFaultsConsumed();
    expect(operations(emulator).filter((operation) => operation === 'start')).toHaveLength(1);
    expect(emulator.files.size).toBe(0);
  });
});

// Nothing is wrong but the session: whether there is another one is for Temporal to decide, by another attempt.
it('ends the attempt with its session, also if Temporal can be reached', async () => {
  await using at = await setUp();
  const { emulator } = at;
  const handle = await at.start();
  await inMidUpload(emulator);
  await endSession(emulator);
  const { result, events } = await ended(env, handle);
  expect(result).toMatchObject({ sha256: film.sha256 });
  expect(operations(emulator)).toEqual([
    'start',
    'upload',
    'cancel',
    'query',
    'get',
    'get',
    'start',
    'upload',
  ]);
  expect(events.find((event) => event.activityTaskStartedEventAttributes)).toMatchObject({
    activityTaskStartedEventAttributes: { attempt: 2 },
  });
  expect(emulator.files.size).toBe(1);
});
