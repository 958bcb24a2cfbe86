/** An attempt tells the next one, by Temporal, to begin with a shorter request. */

import { ActivityPausedError } from '@temporalio/client';
import { expect, it, type TestContext } from 'vitest';
import type { UploadHeartbeat } from '../../src/contract/activities.js';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { heartbeatClient, runActivity } from '../support/activity.js';
import { connectionTo, NAME } from '../support/connection.js';
import { testFolder } from '../support/files.js';
import { hastyGateway } from '../support/hasty-gateway.js';
import { stopwatch } from '../support/stopwatch.js';
import { MiB } from '../support/upload.js';

type Answer = (beat: UploadHeartbeat) => Promise<void>;

/** A file, and a gateway that gives up the requests that are longer than half of it. `attempt` runs one with `answer` as Temporal. */
async function behindGateway({ onTestFinished }: Pick<TestContext, 'onTestFinished'>) {
  const folder = await testFolder();
  const { sha256 } = await folder.file('clip.mp4', 2 * MiB);
  const emulator = await GeminiFilesEmulator.start({ granularity: MiB / 2 });
  const gateway = await hastyGateway(emulator, { maxBytes: MiB, afterMs: 2100, end: 504 });
  onTestFinished(async () => {
    await gateway[Symbol.asyncDispose]();
    await emulator.close();
    await folder[Symbol.asyncDispose]();
  });
  const attempt = (answer: Answer, info: object) => {
    return runActivity(
      'geminiFilesUpload',
      { name: NAME, path: 'clip.mp4' },
      { connection: connectionTo(gateway.url), roots: [folder.path], client: heartbeatClient(answer), info },
    );
  };
  return { sha256, gateway, attempt };
}

it('an attempt whose request was given up for its time hands over half of its length', async (context) => {
  const { sha256, gateway, attempt } = await behindGateway(context);
  /** What Temporal has stored. */
  const stored: UploadHeartbeat[] = [];
  const store: Answer = (beat) => Promise.resolve(void stored.push(beat));
  const one = attempt(store, { attempt: 1 });
  await expect(one.result).rejects.toThrow(/answered 504/);
  const heartbeatDetails = stored.at(-1);
  expect(heartbeatDetails).toMatchObject({ requestBytes: MiB });
  const two = attempt(store, { attempt: 2, heartbeatDetails });
  expect(await two.result).toMatchObject({ sha256 });
  expect(gateway.lengths.map((bytes) => bytes / MiB)).toEqual([2, 1, 1]);
});

/** Longer than the request, and an answer of Temporal. */
const SECONDS_MS = 8000;

it.concurrent.for<[string, Answer, object]>([
  ['Temporal does not answer', () => Promise.reject(new Error('no answer')), { heartbeatTimeoutMs: 60_000 }],
  ['an answer never comes', () => new Promise(() => undefined), { heartbeatTimeoutMs: 60_000 }],
  ['there is no heartbeat timeout', () => Promise.reject(new Error('no answer')), {}],
  ['it was paused', () => Promise.reject(new ActivityPausedError('paused')), { heartbeatTimeoutMs: 60_000 }],
])('the attempt keeps the reason of its failure, and ends, if %s', async ([, onHandover, info], context) => {
  const { attempt } = await behindGateway(context);
  let handovers = 0;
  const elapsed = stopwatch();
  const { result } = attempt(
    (beat) => {
      if (beat.requestBytes === undefined) return Promise.resolve();
      handovers += 1;
      return onHandover(beat);
    },
    { attempt: 1, ...info },
  );
  await expect(result).rejects.toThrow(/answered 504/);
  expect(elapsed()).toBeLessThan(SECONDS_MS);
  expect(handovers).toBe(1);
});
