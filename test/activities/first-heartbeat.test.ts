/** What an upload may send before Temporal has answered its first heartbeat. */

import { ActivityNotFoundError } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { UploadHeartbeat } from '../../src/contract/activities.js';
import { FIRST_HEARTBEAT_MS } from '../../src/activities/upload.js';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { heartbeatClient, runActivity } from '../support/activity.js';
import { connectionTo, NAME } from '../support/connection.js';
import { testFolder, type TestFolder } from '../support/files.js';
import { stopwatch } from '../support/stopwatch.js';

const MiB = 1024 * 1024;
let folder: TestFolder;
let emulator: GeminiFilesEmulator;

beforeAll(async () => {
  folder = await testFolder();
  await folder.file('clip.mp4', MiB);
});
afterAll(() => folder[Symbol.asyncDispose]());
beforeEach(async () => {
  emulator = await GeminiFilesEmulator.start();
  return () => emulator.close();
});

type Answer = (beat: UploadHeartbeat) => Promise<void>;

/** Starts an attempt whose confirmed heartbeats are answered by `answer`. */
function start(answer: Answer, info: object = {}) {
  return runActivity(
    'geminiFilesUpload',
    { name: NAME, path: 'clip.mp4' },
    { connection: connectionTo(emulator.url), roots: [folder.path], client: heartbeatClient(answer), info },
  );
}

/** Answers that come when `release` is called, and the heartbeats that wait for them. */
function held() {
  let release = (): void => undefined;
  const promise = new Promise<void>((resolve) => (release = resolve));
  const beats: UploadHeartbeat[] = [];
  const answer: Answer = (beat) => {
    beats.push(beat);
    return promise;
  };
  return { answer, beats, release: () => release() };
}

const answered: Answer = () => Promise.resolve();
/** Temporal has ended the attempt. */
const hasEnded: Answer = () => Promise.reject(new ActivityNotFoundError('it does not exist'));
const never: Answer = () => Promise.reject(new Error('no answer'));

/** It names no session. */
const EMPTY = { bytesSent: 0, sizeBytes: expect.any(Number) as number };

const operations = () => emulator.requests.map(({ operation }) => operation);
const bytes = () =>
  emulator.requests.filter(({ operation }) => operation === 'upload').map((one) => one.bytes);

describe('a first attempt', () => {
  it('opens its session without an answer of Temporal, and sends nothing of the file before the session is stored', async () => {
    const { answer, beats, release } = held();
    const startedAt = performance.now();
    const emptyAt: number[] = [];
    const run = start((beat) => {
      if (beat.session !== undefined) return answer(beat);
      emptyAt.push(performance.now() - startedAt);
      return answered(beat);
    });
    await expect
      .poll(() => beats[0])
      .toMatchObject({ session: expect.any(String) as string, finalizing: true });
    expect(operations()).toEqual(['start']);
    expect(bytes()).toEqual([]);
    // On a busy machine, one that names no session comes before; it has waited for the session.
    expect(emptyAt.filter((ms) => ms < FIRST_HEARTBEAT_MS - 5)).toEqual([]);
    release();
    await run.result;
    expect(operations()).toEqual(['start', 'upload']);
  });

  it('sends a heartbeat while it opens a session, if that takes long', async () => {
    emulator.addFaults({ on: 'start', do: 'stall' });
    const { answer, beats, release } = held();
    const elapsed = stopwatch();
    const run = start(answer);
    await expect.poll(() => beats, { interval: 20 }).toEqual([EMPTY]);
    // Before the heartbeat of the first second.
    expect(elapsed()).toBeLessThan(900);
    release();
    run.cancel();
    await expect(run.result).rejects.toThrow();
  });

  it('ends only after Temporal has answered its first heartbeat: then the next attempt knows that no session was opened', async () => {
    emulator.addFaults({ on: 'start', do: 'reset' });
    const { answer, beats, release } = held();
    const run = start(answer);
    let ended = false;
    const end = run.result.catch(() => (ended = true));
    await emulator.waitFor((all) => all.some(({ outcome }) => outcome !== undefined));
    await new Promise((resolve) => setImmediate(resolve));
    expect(ended).toBe(false);
    release();
    await end;
    expect(beats).toEqual([{ bytesSent: 0, sizeBytes: expect.any(Number) as number }]);
  });

  it('ends after 2.5 s without an answer to its first heartbeat, however long the heartbeat timeout is', async () => {
    emulator.addFaults({ on: 'start', do: 'reset' });
    const { answer, beats } = held();
    const startedAt = performance.now();
    await expect(start(answer, { heartbeatTimeoutMs: 600_000 }).result).rejects.toThrow();
    expect(performance.now() - startedAt).toBeGreaterThan(2400);
    expect(beats).toHaveLength(1);
  });

  it('sends nothing of the file if Temporal has ended it', async () => {
    await expect(start(hasEnded).result).rejects.toThrow('Temporal has ended this attempt');
    expect(operations()).not.toContain('get');
    expect(bytes().every((sent) => sent === 0)).toBe(true);
    expect(emulator.files.size).toBe(0);
  });

  it('whose session Temporal never heard of leaves no second file: the next one opens a session of its own', async () => {
    const lost = start(never, { heartbeatTimeoutMs: 500 });
    await expect(lost.result).rejects.toThrow('Temporal did not answer a heartbeat');
    expect(operations()).toEqual(['start']);
    await start(answered, { attempt: 2 }).result;
    expect(operations().filter((one) => one === 'start')).toHaveLength(2);
    expect(emulator.files.size).toBe(1);
    const [first] = emulator.sessions;
    expect(first).toMatchObject({ receivedBytes: 0 });
  });
});

describe('no session is opened before Temporal has answered a heartbeat', () => {
  it.each([
    ['by a later attempt', { attempt: 2 }],
    ['after a reset, which begins to count again', { heartbeatDetails: { bytesSent: 0, sizeBytes: MiB } }],
    [
      'after a reset that has discarded the details',
      { scheduledTimestampMs: 1_000_000, currentAttemptScheduledTimestampMs: 1_000_500 },
    ],
  ])('%s', async (_, info) => {
    await expect(start(hasEnded, info).result).rejects.toThrow('Temporal has ended this attempt');
    expect(operations()).toEqual([]);
  });
});
