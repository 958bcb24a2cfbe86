/** The workers of one process, when they are stopped and when one of them fails. */

import { IllegalStateError } from '@temporalio/common';
import { expect, it } from 'vitest';
import { runWorkers, withClosing, type Runnable } from '../../src/cli/worker/run-workers.js';

function deferred() {
  let resolve: () => void = () => undefined;
  let reject: (reason: Error) => void = () => undefined;
  const promise = new Promise<void>((...settle) => {
    [resolve, reject] = settle;
  });
  return { promise, resolve, reject };
}

/** Like a worker of the SDK in what it refuses: it runs once, and only one that runs is shut down. */
class FakeWorker implements Runnable {
  private state: ReturnType<Runnable['getState']> = 'INITIALIZED';
  private readonly ended = deferred();
  getState = () => this.state;
  run = () => {
    this.state = 'RUNNING';
    return this.ended.promise;
  };
  shutdown = () => {
    if (this.state !== 'RUNNING') throw new IllegalStateError(`Not running. Current state: ${this.state}`);
    this.state = 'DRAINING';
  };
  stopped = () => {
    this.state = 'STOPPED';
    this.ended.resolve();
  };
  failed = (reason: string) => {
    this.state = 'FAILED';
    this.ended.reject(new Error(reason));
  };
}

const started = () => {
  const workers = [new FakeWorker(), new FakeWorker()] as const;
  const stop = deferred();
  const end = { seen: 'nothing' };
  const run = runWorkers(workers, stop.promise).then(
    () => void (end.seen = 'done'),
    (error: unknown) => void (end.seen = String(error)),
  );
  return { workers, stop: stop.resolve, run, end };
};
const states = (workers: readonly FakeWorker[]) => workers.map((worker) => worker.getState());

it('shuts all down, and waits for the last one', async () => {
  const { workers, stop, run, end } = started();
  stop();
  await expect.poll(() => states(workers)).toEqual(['DRAINING', 'DRAINING']);
  workers[0].stopped();
  await Promise.resolve();
  expect(end.seen).toBe('nothing');
  workers[1].stopped();
  await run;
  expect(end.seen).toBe('done');
});

it('drains the others if one fails, and ends with the reason of the first', async () => {
  const { workers, run, end } = started();
  workers[1].failed('permission denied');
  await expect.poll(() => states(workers)).toEqual(['DRAINING', 'FAILED']);
  expect(end.seen).toBe('nothing');
  workers[0].failed('the grace period is over');
  await run;
  expect(end.seen).toBe('Error: permission denied');
});

it('does not shut down what drains already, so that a SIGTERM meanwhile does no harm', async () => {
  const { workers, stop, run, end } = started();
  workers[1].failed('permission denied');
  await expect.poll(() => states(workers)).toEqual(['DRAINING', 'FAILED']);
  const unhandled: unknown[] = [];
  const note = (error: unknown) => unhandled.push(error);
  process.on('unhandledRejection', note);
  stop();
  await new Promise((resolve) => setImmediate(resolve));
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
  workers[0].stopped();
  await run;
  expect(end.seen).toBe('Error: permission denied');
});

it('keeps the reason if the connection cannot be closed', async () => {
  const held = {
    close: () =>
      Promise.reject(new IllegalStateError('Cannot close connection while Workers hold a reference')),
  };
  await expect(withClosing(held, () => Promise.reject(new Error('permission denied')))).rejects.toThrow(
    'permission denied',
  );
  await expect(withClosing(held, () => Promise.resolve())).rejects.toThrow('Cannot close');
});
