/** A run that is followed for hours: the listeners that Temporal's client adds for its long polls do not accumulate. */

import { getEventListeners } from 'node:events';
import { afterEach, expect, it, vi } from 'vitest';
import { followProgress } from '../../src/client/progress.js';

afterEach(() => void vi.useRealTimers());

const LONG_POLL_MS = 20_000;
const HOUR_MS = 3_600_000;

/** Follows a run that stays open, with the calls as Temporal's client makes them. */
function openRun() {
  const signals: AbortSignal[] = [];
  let deadline = Number.POSITIVE_INFINITY;
  let signal: AbortSignal | undefined;
  const connection = {
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
  };
  const result = async () => {
    const [until, cut] = [deadline, signal];
    for (;;) {
      const { promise, reject, resolve } = deferred();
      cut?.addEventListener('abort', () => reject(new Error('cancelled')));
      setTimeout(resolve, LONG_POLL_MS);
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

it('no signal gets more than a few listeners', async () => {
  vi.useFakeTimers();
  const { handle, signals } = openRun();
  const items = followProgress(handle, { intervalMs: 5000 });
  await items.next();
  void items.next();
  while (signals.length === 0) await Promise.resolve();
  await vi.advanceTimersByTimeAsync(HOUR_MS);
  for (const signal of signals) expect(getEventListeners(signal, 'abort').length).toBeLessThan(10);
  // It still watches.
  expect(signals.length).toBeGreaterThan(10);
});
