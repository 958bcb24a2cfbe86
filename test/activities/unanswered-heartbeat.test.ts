/** Heartbeats while the SDK repeats one that Temporal does not answer, as while a server starts again. */

import { ActivityNotFoundError, ActivityPausedError, type Client } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import { AttemptSupersededError } from '../../src/activities/attempt-stopped.js';
import { HeartbeatCalls } from '../../src/activities/heartbeat-calls.js';
import { withHeartbeat, type Heartbeat } from '../../src/activities/heartbeat.js';
import { heartbeatClient } from '../support/activity.js';

const TIMEOUT_MS = 1000;
const LEASE_MS = 800;

interface Call {
  /** Of its details. */
  readonly bytesSent: number;
  readonly store: () => void;
  readonly refuse: (error: Error) => void;
}

/** An attempt whose heartbeats are answered by the test, each when it likes. */
class Attempt {
  bytesSent = 0;
  readonly calls: Call[] = [];
  /** What Temporal has stored, in the order in which it came. */
  readonly stored: number[] = [];
  /** Those after this many are answered at once. */
  held = 0;
  private changed = (): void => undefined;
  private readonly env = new MockActivityEnvironment(
    { heartbeatTimeoutMs: TIMEOUT_MS },
    { client: heartbeatClient((beat) => this.take(beat.bytesSent)), logger: new DefaultLogger('ERROR') },
  );
  readonly cancel = () => this.env.cancel();

  run<T>(work: (heartbeat: Heartbeat) => Promise<T>): Promise<T> {
    return this.env.run(() => withHeartbeat(() => ({ bytesSent: this.bytesSent }), work));
  }

  /** Resolves to the call of this number, counted from 0, when it is made. */
  async call(index: number): Promise<Call> {
    await this.until(() => this.calls.length > index);
    return this.calls[index] as Call;
  }

  async until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) await new Promise<void>((resolve) => (this.changed = resolve));
  }

  private async take(bytesSent: number): Promise<void> {
    const stored = new Promise<void>((resolve, reject) => {
      this.calls.push({ bytesSent, store: resolve, refuse: reject });
      if (this.calls.length > this.held) resolve();
    });
    this.changed();
    await stored;
    this.stored.push(bytesSent);
    this.changed();
  }
}

const aborted = (signal: AbortSignal) =>
  new Promise<unknown>((resolve) => {
    signal.addEventListener('abort', () => resolve(signal.reason), { once: true });
  });

describe('a heartbeat that is repeated', () => {
  it('keeps the attempt going: newer ones are sent meanwhile', async () => {
    const attempt = new Attempt();
    attempt.held = 1;
    const begin = performance.now();
    const reason = await attempt.run(async ({ signal }) => {
      const ended = aborted(signal);
      const lease = attempt.until(() => performance.now() - begin > TIMEOUT_MS);
      const first = await Promise.race([ended, lease.then(() => 'goes on')]);
      (await attempt.call(0)).store();
      return first;
    });
    expect(reason).toBe('goes on');
  });

  it('is waited for by `record`: it would replace the details', async () => {
    const attempt = new Attempt();
    attempt.held = 1;
    await attempt.run(async (heartbeat) => {
      const repeated = await attempt.call(0);
      attempt.bytesSent = 1;
      let confirmed = false;
      const recorded = heartbeat.record().then(() => (confirmed = true));
      await attempt.until(() => attempt.stored.length === 3);
      expect(confirmed).toBe(false);
      repeated.store();
      await recorded;
    });
    expect(attempt.stored).toEqual(expect.arrayContaining([0]));
    expect(attempt.stored.at(-1)).toBe(1);
  });

  it('does not keep a cancelled attempt in `record`', async () => {
    const attempt = new Attempt();
    attempt.held = 1;
    const run = attempt.run(async (heartbeat) => {
      const repeated = await attempt.call(0);
      const recorded = heartbeat.record();
      attempt.cancel();
      await expect(recorded).rejects.toThrow('CANCELLED');
      repeated.store();
      throw new Error('cancelled');
    });
    await expect(run).rejects.toThrow('cancelled');
    // One that comes after it would tell Temporal that the details are stored.
    expect(attempt.calls).toHaveLength(1);
  });

  it('does not hide from `record` what Temporal asks for', async () => {
    const attempt = new Attempt();
    attempt.held = 100;
    await attempt.run(async (heartbeat) => {
      await attempt.call(0);
      const recorded = heartbeat.record();
      (await attempt.call(1)).refuse(new ActivityPausedError('it is paused'));
      await expect(recorded).rejects.toMatchObject({ name: 'StopRequestedError', reason: 'paused' });
    });
  });

  it('does not hide from `record` that the time of the attempt is up', async () => {
    const attempt = new Attempt();
    attempt.held = 100;
    await attempt.run(async (heartbeat) => {
      await attempt.call(0);
      await expect(heartbeat.record()).rejects.toThrow('Temporal did not answer a heartbeat for');
    });
  });

  it('stops the attempt with the answer that it does not exist, also when newer ones are not answered', async () => {
    const attempt = new Attempt();
    attempt.held = 100;
    const begin = performance.now();
    await attempt.run(async ({ signal }) => {
      const ended = aborted(signal);
      const first = await attempt.call(0);
      await attempt.call(1);
      first.refuse(new ActivityNotFoundError('it does not exist'));
      expect(await ended).toMatchObject({ message: 'Temporal has ended this attempt' });
    });
    expect(performance.now() - begin).toBeLessThan(LEASE_MS);
  });

  it('lengthens the time of the attempt when it is answered late', async () => {
    const attempt = new Attempt();
    attempt.held = 100;
    const begin = performance.now();
    const message = await attempt.run(async ({ signal }) => {
      const ended = aborted(signal);
      // The second is sent at a fifth of the timeout or later, and counts from then.
      const second = await attempt.call(1);
      await attempt.call(2);
      second.store();
      return (await ended) as Error;
    });
    expect(message).toBeInstanceOf(AttemptSupersededError);
    expect(performance.now() - begin).toBeGreaterThanOrEqual(LEASE_MS + TIMEOUT_MS / 5 - 5);
  });
});

describe('an attempt that fails while its first heartbeat', () => {
  it('is repeated sends another, and ends when that is answered', async () => {
    const attempt = new Attempt();
    attempt.held = 1;
    const run = attempt.run(async () => {
      await attempt.call(0);
      throw new Error('the disk has failed');
    });
    await expect(run).rejects.toThrow('the disk has failed');
    expect(attempt.stored).toEqual([0]);
    expect(attempt.calls).toHaveLength(2);
  });
});

describe('the end of calls', () => {
  const never = { promise: () => new Promise<void>(() => undefined) };
  const calls = (client: Client) => {
    const made = new HeartbeatCalls(new Uint8Array(), TIMEOUT_MS, () => undefined);
    void made.send(client, () => ({}));
    return made;
  };

  it('is not waited for longer than the SDK repeats a call', async () => {
    const { signal } = new AbortController();
    expect(await calls(heartbeatClient(never.promise)).over(signal, 20)).toBe(false);
    expect(await calls(heartbeatClient(() => Promise.resolve())).over(signal)).toBe(true);
  });

  it('is not waited for when the attempt has ended', async () => {
    const over = calls(heartbeatClient(never.promise)).over(AbortSignal.abort());
    await expect(over).rejects.toThrow('aborted');
  });
});
