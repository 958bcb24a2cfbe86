/** A run that is followed for long: the listeners that Temporal's client adds for its long polls neither accumulate nor lead to a warning. */

import { getEventListeners } from 'node:events';
import { Connection } from '@temporalio/client';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { followProgress } from '../../src/client/progress.js';

const warnings: string[] = [];
const warn = (warning: Error) => void warnings.push(`${warning.name}: ${warning.message}`);
beforeEach(() => {
  warnings.length = 0;
  process.on('warning', warn);
});
afterEach(() => {
  process.off('warning', warn);
  vi.useRealTimers();
});

const HOUR_MS = 3_600_000;

/** A run that stays open, with the calls as Temporal's client makes them. @param pollMs - how long the server holds one of its long polls */
function openRun(pollMs: number) {
  const signals: AbortSignal[] = [];
  let deadline = Number.POSITIVE_INFINITY;
  let signal: AbortSignal | undefined;
  const connection = Object.assign(Object.create(Connection.prototype) as Connection, {
    withDeadline: (until: number, work: () => Promise<unknown>) => {
      deadline = until;
      const done = work();
      deadline = Number.POSITIVE_INFINITY;
      return done;
    },
    withAbortSignal: (given: AbortSignal, work: () => Promise<unknown>) => {
      signals.push((signal = given));
      return work();
    },
  });
  const result = async () => {
    const [until, cut] = [deadline, signal];
    for (;;) {
      const { promise, reject, resolve } = deferred();
      cut?.addEventListener('abort', () => reject(new Error('cancelled')));
      setTimeout(resolve, pollMs);
      await promise;
      if (Date.now() >= until)
        throw Object.assign(new Error('deadline'), { code: 4, details: '', metadata: {} });
    }
  };
  const handle = {
    workflowId: 'w',
    client: { connection, options: { loadedDataConverter: {} } },
    result,
    describe: () => Promise.resolve({ status: { name: 'RUNNING' }, raw: {} }),
    query: () => Promise.resolve({ phase: 'processing' }),
  };
  return { handle: handle as unknown as Parameters<typeof followProgress>[0], signals };
}

function deferred() {
  let settle: { resolve: () => void; reject: (reason: Error) => void } | undefined;
  const promise = new Promise<void>((resolve, reject) => (settle = { resolve, reject }));
  return { promise, resolve: () => settle?.resolve(), reject: (reason: Error) => settle?.reject(reason) };
}

/** Follows it for an hour. @returns the largest number of listeners that a signal had */
async function followAnHour(pollMs: number): Promise<number> {
  vi.useFakeTimers();
  const { handle, signals } = openRun(pollMs);
  const items = followProgress(handle, { intervalMs: 5000 });
  await items.next();
  void items.next();
  while (signals.length === 0) await Promise.resolve();
  await vi.advanceTimersByTimeAsync(HOUR_MS);
  // It still watches.
  expect(signals.length).toBeGreaterThan(10);
  // A warning is emitted in the next turn of the event loop.
  vi.useRealTimers();
  await new Promise((resolve) => setImmediate(resolve));
  return Math.max(...signals.map((signal) => getEventListeners(signal, 'abort').length));
}

it('the long polls of an hour: no signal gets more than a few listeners', async () => {
  expect(await followAnHour(20_000)).toBeLessThan(10);
  expect(warnings).toEqual([]);
});

it('a server or proxy that cuts long polls after a second: the listeners are bounded, without a warning', async () => {
  const most = await followAnHour(1000);
  // More than the number that Node.js warns of, so the test would see a warning.
  expect(most).toBeGreaterThan(10);
  expect(most).toBeLessThan(100);
  expect(warnings).toEqual([]);
});
