/** The bound of a call to Temporal over a worker's connection, which repeats a call while the server is unavailable. */

import { NativeConnection } from '@temporalio/worker';
import { expect, it } from 'vitest';
import { answerBy } from '../../src/util/answer-by.js';
import { status, stubTemporal } from '../support/stub-temporal.js';

it('ends while the SDK repeats the call, whose failure comes later and is nobody’s', async () => {
  await using temporal = await stubTemporal({ DescribeTaskQueue: status.UNAVAILABLE });
  const connection = await NativeConnection.connect({ address: temporal.address });
  const unhandled: unknown[] = [];
  const note = (error: unknown) => unhandled.push(error);
  process.on('unhandledRejection', note);
  let repeated: Promise<unknown> = Promise.resolve();
  let repeating = true;
  const ended = answerBy(Date.now() + 500, connection, () => {
    const call = connection.workflowService.describeTaskQueue({ namespace: 'n', taskQueue: { name: 'q' } });
    repeated = call.catch(() => (repeating = false));
    return call;
  });
  await expect(ended).rejects.toThrow('no answer in');
  expect(repeating).toBe(true);
  expect(temporal.calls).toContain('DescribeTaskQueue');
  await repeated;
  process.off('unhandledRejection', note);
  expect(unhandled).toEqual([]);
  await connection.close();
});

it('returns the answer, or what the call fails with', async () => {
  const client = { withDeadline: <T>(_: number, call: () => Promise<T>) => call() };
  const until = Date.now() + 60_000;
  expect(await answerBy(until, client, () => Promise.resolve('answer'))).toBe('answer');
  const failure = new Error('permission denied');
  await expect(answerBy(until, client, () => Promise.reject(failure))).rejects.toBe(failure);
});
