/** How far a worker's Temporal server is, as it measures that when it starts. */

import { NativeConnection } from '@temporalio/worker';
import { expect, it } from 'vitest';
import { measureRoundTrip } from '../../src/worker/internal.js';
import { relayedTemporal } from '../support/relayed-temporal.js';
import { useSharedDevServer } from '../support/temporal.js';

const env = await useSharedDevServer();

it('is the shortest of three answers', async () => {
  const delays = [500, 40, 500];
  let asked = 0;
  await using temporal = await relayedTemporal(env.address, async (call) => {
    // The first call is the connection's own.
    if (call === 'GetSystemInfo' && asked++ > 0)
      await new Promise((resolve) => setTimeout(resolve, delays[asked - 2]));
  });
  const connection = await NativeConnection.connect({ address: temporal.address });
  try {
    const ms = await measureRoundTrip(connection);
    expect(asked).toBe(4);
    expect(ms).toBeGreaterThanOrEqual(40);
    expect(ms).toBeLessThan(500);
  } finally {
    await connection.close();
  }
});

it('is none for Temporal’s default, which is on this machine', async () => {
  expect(await measureRoundTrip(undefined)).toBe(0);
});

const fake = (getSystemInfo: () => Promise<unknown>) =>
  ({ workflowService: { getSystemInfo } }) as unknown as NativeConnection;

it('counts a refusal as an answer', async () => {
  expect(await measureRoundTrip(fake(() => Promise.reject(new Error('refused'))))).toBeLessThan(100);
});

it('is two seconds if the server does not answer', async () => {
  expect(await measureRoundTrip(fake(() => new Promise(() => undefined)))).toBe(2000);
});

it('leaves it to the worker to report a connection that cannot be used', async () => {
  expect(await measureRoundTrip({} as NativeConnection)).toBe(2000);
});
