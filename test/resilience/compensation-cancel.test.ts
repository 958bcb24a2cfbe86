/** A cancellation at any time leaves no file and ends the run as CANCELED. */

import { randomUUID } from 'node:crypto';
import { Context } from '@temporalio/activity';
import { describe, expect, it } from 'vitest';
import type { DeleteInput, UploadHeartbeat } from '../../src/client/index.js';
import { GeminiFilesClient } from '../../src/client/index.js';
import { ACTIVITY } from '../../src/contract/names.js';
import { beforeActivities } from '../support/activity-gates.js';
import { useTestFolder } from '../support/files.js';
import { gate } from '../support/gate.js';
import {
  asleep,
  details,
  ended,
  MODES,
  operations,
  QUICK,
  scenario,
  uploadedName,
  type Scenario,
} from '../support/scenario.js';
import { timeOf, type HistoryEvent } from '../support/replay.js';
import { stubWorker } from '../support/stub-worker.js';
import { useSharedDevServer } from '../support/temporal.js';

const env = await useSharedDevServer();
const folder = await useTestFolder();
const video = await folder.file('clip.mp4', 3_000_000);

const LONG = { pollInterval: '1h', maxPollInterval: '1h', timeout: '2h' } as const;

/** From the request to cancel to the end of the run, by the server's clock. */
function msFromCancellation(events: readonly HistoryEvent[]): number {
  const asked = events.find(({ workflowExecutionCancelRequestedEventAttributes: at }) => at);
  return timeOf(events.at(-1)) - timeOf(asked);
}

/** Once the emulator has seen such a request. */
const seen = (at: Scenario, operation: string) =>
  at.emulator.waitFor((requests) => requests.some((request) => request.operation === operation));

describe.each(MODES)('%s', (_, mode) => {
  it('before the first task: nothing is sent, and there is nothing to delete', async () => {
    await using at = await scenario(env, folder, {}, mode);
    const handle = await at.client.start(video.path);
    await handle.cancel();
    const { status, activities } = await at.run(() => ended(env, handle));
    expect(status).toBe('CANCELLED');
    expect(activities).toEqual([]);
    expect(at.emulator.requests).toEqual([]);
  });

  it('before the first byte, while the session is opened', async () => {
    await using at = await scenario(env, folder, { faults: [{ on: 'start', do: 'stall' }] }, mode);
    const { status, activities } = await at.run(async () => {
      const handle = await at.client.start(video.path);
      await seen(at, 'start');
      await handle.cancel();
      return ended(env, handle);
    });
    expect(status).toBe('CANCELLED');
    expect(activities).toEqual(['geminiFilesUpload', 'geminiFilesDelete']);
    expect(operations(at.emulator)).toEqual(['start', 'delete']);
    expect(at.emulator.files.size).toBe(0);
  });

  it('in mid-upload: the session is cancelled too', async () => {
    const pace = { on: 'upload', do: 'pace', bytesPerSecond: 1_000_000 } as const;
    await using at = await scenario(env, folder, { faults: [pace] }, mode);
    // Longer than what the sockets hold: its last bytes are not on their way yet.
    const long = await folder.file('long.mp4', 32_000_000);
    const { status, activities } = await at.run(async () => {
      const handle = await at.client.start(long.path);
      await at.emulator.waitFor((requests) => requests.some(({ bytes }) => bytes > 50_000));
      await handle.cancel();
      return ended(env, handle);
    });
    expect(status).toBe('CANCELLED');
    expect(activities).toEqual(['geminiFilesUpload', 'geminiFilesDelete']);
    expect(operations(at.emulator)).toEqual(['start', 'upload', 'cancel', 'delete']);
    expect(at.emulator.sessions.map(({ state }) => state)).toEqual(['cancelled']);
    expect(at.emulator.files.size).toBe(0);
  });

  it('in the sleep, and again during the delete', async () => {
    const remove = gate();
    const gates = beforeActivities({ [ACTIVITY.delete]: remove.pass });
    await using at = await scenario(env, folder, {}, { ...mode, ...gates });
    const { status, activities } = await at.run(async () => {
      const handle = await at.client.start(video.path, LONG);
      await asleep(env, handle);
      await handle.cancel();
      await remove.reached;
      await handle.cancel();
      remove.open();
      return ended(env, handle);
    });
    expect(status).toBe('CANCELLED');
    expect(activities).toEqual(['geminiFilesUpload', 'geminiFilesDelete']);
    expect(at.emulator.files.size).toBe(0);
  });

  it('in a check, whose answer is not waited for', async () => {
    await using at = await scenario(env, folder, { faults: [{ on: 'get', do: 'stall' }] }, mode);
    const { status, activities, events } = await at.run(async () => {
      const handle = await at.client.start(video.path, QUICK);
      await seen(at, 'get');
      await handle.cancel();
      const run = await ended(env, handle);
      // The stalled check would hold up the worker's shutdown.
      await at.emulator.close();
      return run;
    });
    expect(status).toBe('CANCELLED');
    expect(activities).toEqual(['geminiFilesUpload', 'geminiFilesCheck', 'geminiFilesDelete']);
    expect(at.emulator.files.size).toBe(0);
    // The stalled request would have ended after half a minute.
    expect(msFromCancellation(events)).toBeLessThan(5000);
  });

  it('in the clean-up after a timeout: it stays a timeout', async () => {
    const remove = gate();
    const gates = beforeActivities({ [ACTIVITY.delete]: remove.pass });
    await using at = await scenario(env, folder, {}, { ...mode, ...gates });
    const { status, error } = await at.run(async () => {
      const handle = await at.client.start(video.path, { ...QUICK, timeout: '200ms' });
      await remove.reached;
      await handle.cancel();
      remove.open();
      return ended(env, handle);
    });
    expect(status).toBe('FAILED');
    expect(error).toMatchObject({ name: 'UploadInactiveError', cleanup: 'deleted' });
    expect(at.emulator.files.size).toBe(0);
  });
});

it('keeps the file of a cancelled run if cleanupOnTimeout is false', async () => {
  await using at = await scenario(env, folder);
  const { status, activities } = await at.run(async () => {
    const handle = await at.client.start(video.path, { ...LONG, cleanupOnTimeout: false });
    await asleep(env, handle);
    await handle.cancel();
    const run = await ended(env, handle);
    expect(await details(handle)).toMatch(/- clean-up: kept$/);
    return run;
  });
  expect(status).toBe('CANCELLED');
  expect(activities).toEqual(['geminiFilesUpload']);
  expect(await uploadedName(at.emulator)).toMatch(/^files\//);
});

it('deletes what an unfinished upload has left, also if cleanupOnTimeout is false, and reports that', async () => {
  const pace = { on: 'upload', do: 'pace', bytesPerSecond: 1_000_000 } as const;
  await using at = await scenario(env, folder, { faults: [pace] });
  const long = await folder.file('long.mp4', 32_000_000);
  const { status, activities } = await at.run(async () => {
    const handle = await at.client.start(long.path, { cleanupOnTimeout: false });
    await at.emulator.waitFor((requests) => requests.some(({ bytes }) => bytes > 50_000));
    await handle.cancel();
    const run = await ended(env, handle);
    expect(await details(handle)).toMatch(/^\*\*done\*\*[^]*- clean-up: deleted$/);
    return run;
  });
  expect(status).toBe('CANCELLED');
  expect(activities).toEqual(['geminiFilesUpload', 'geminiFilesDelete']);
  expect(at.emulator.sessions.map(({ state }) => state)).toEqual(['cancelled']);
  expect(at.emulator.files.size).toBe(0);
});

it('in an upload whose worker died: it stays a cancellation, and the open session goes to the delete', async () => {
  // A dead worker answers no cancellation: the heartbeat runs out, and the upload ends in a timeout.
  const deletes: DeleteInput[] = [];
  let begun = () => {};
  const started = new Promise<void>((resolve) => (begun = resolve));
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  const { worker, taskQueue } = await stubWorker(env, {
    geminiFilesUpload: async () => {
      Context.current().heartbeat({
        bytesSent: 1,
        sizeBytes: 5,
        session: 'sealed',
        keyFingerprint: '0123456789abcdef',
      } satisfies UploadHeartbeat);
      begun();
      await released;
      throw new Error('too late');
    },
    geminiFilesDelete: (input) => (deletes.push(input), Promise.resolve()),
  });
  const { status, activities } = await worker.runUntil(async () => {
    const { workflowId } = await env.client.workflow.start('uploadAndWaitActive', {
      taskQueue,
      workflowId: randomUUID(),
      args: [{ path: 'clip.mp4' }, { activityOptions: { upload: { heartbeatTimeout: '1s' } } }],
    });
    const handle = new GeminiFilesClient(env.client).attach(workflowId);
    await started;
    await handle.cancel();
    const run = await ended(env, handle);
    release();
    return run;
  });
  expect(status).toBe('CANCELLED');
  expect(activities).toEqual(['geminiFilesUpload', 'geminiFilesDelete']);
  // The heartbeat says that nothing was finalized: the first denial is final.
  expect(deletes).toEqual([
    {
      name: expect.stringMatching(/^files\//) as unknown,
      session: 'sealed',
      keyFingerprint: '0123456789abcdef',
    },
  ]);
});
