/** Heartbeats while the SDK repeats one that Temporal does not answer, as while a server starts again. */

import type { Client } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { expect, it } from 'vitest';
import { withHeartbeat, type Heartbeat } from '../../src/activities/heartbeat.js';
import type { UploadHeartbeat } from '../../src/contract/activities.js';
import { heartbeatClient } from '../support/activity.js';

const TIMEOUT_MS = 1000;

/** An attempt of which one heartbeat, with the details of its start, is repeated until `deliver` is called. */
function attempt<T>(work: (heartbeat: Heartbeat, world: World) => Promise<T>): Promise<T> {
  let bytesSent = 0;
  let deliver = (): void => undefined;
  let more = (): void => undefined;
  /** What Temporal has stored, in the order in which it came. */
  const stored: number[] = [];
  let count = 0;
  const client: Client = heartbeatClient(async (beat: UploadHeartbeat) => {
    count += 1;
    if (count === 2) await new Promise<void>((resolve) => (deliver = resolve));
    stored.push(beat.bytesSent);
    more();
  });
  const world: World = {
    stored,
    send: () => (bytesSent += 1),
    deliver: () => deliver(),
    beats: async (wanted) => {
      while (stored.length < wanted) await new Promise<void>((resolve) => (more = resolve));
    },
  };
  const env = new MockActivityEnvironment(
    { heartbeatTimeoutMs: TIMEOUT_MS },
    { client, logger: new DefaultLogger('ERROR') },
  );
  return env.run(() =>
    withHeartbeat(
      () => ({ bytesSent }),
      (heartbeat) => work(heartbeat, world),
    ),
  );
}

interface World {
  readonly stored: readonly number[];
  readonly send: () => number;
  readonly deliver: () => void;
  /** Resolves when so many heartbeats are stored. */
  readonly beats: (wanted: number) => Promise<void>;
}

it('keep the attempt going: newer ones are sent meanwhile', async () => {
  const stopped = await attempt(async ({ signal }, { beats, deliver }) => {
    const aborted = new Promise<boolean>((resolve) => {
      signal.addEventListener('abort', () => resolve(true), { once: true });
    });
    // Of more than a heartbeat timeout.
    const ended = await Promise.race([aborted, beats(8).then(() => false)]);
    deliver();
    return ended;
  });
  expect(stopped).toBe(false);
});

it('are not confirmed before the older one has come, which would replace the details', async () => {
  const stored = await attempt(async (heartbeat, { beats, deliver, send, stored }) => {
    await beats(2);
    send();
    let confirmed = false;
    const recorded = heartbeat.record().then(() => (confirmed = true));
    await beats(5);
    expect(confirmed).toBe(false);
    deliver();
    await recorded;
    return [...stored];
  });
  // The repeated one came late, and after it one with the details of `record`.
  expect(stored.lastIndexOf(0)).toBeGreaterThan(stored.indexOf(1));
  expect(stored.at(-1)).toBe(1);
});
