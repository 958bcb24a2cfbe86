/** A program that cannot reach Temporal while it waits for a hold: the program does not get the lease, so the lease must not stay. */

import { randomUUID } from 'node:crypto';
import { Client, ServiceError, type WorkflowClientInterceptor } from '@temporalio/client';
import { expect, it } from 'vitest';
import { GeminiFilesClient } from '../../src/client/index.js';
import type { HoldResult } from '../../src/contract/hold.js';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { testFolder } from '../support/files.js';
import { useSharedDevServer } from '../support/temporal.js';
import { testWorker } from '../support/worker.js';

const env = await useSharedDevServer();

const unreachable = () => Promise.reject(new ServiceError('Temporal is not reachable'));

/** As the SDK reports what a server refuses. */
function refused(): ServiceError {
  const code = 7;
  const cause = Object.assign(new Error('no permission'), { code, details: 'no permission', metadata: {} });
  return new ServiceError('Failed to call Temporal', { cause });
}

/** A client of which these calls fail. */
const failing = (calls: WorkflowClientInterceptor, taskQueue: string) => {
  const client = new Client({ connection: env.connection, interceptors: { workflow: [calls] } });
  return new GeminiFilesClient(client, { taskQueue });
};

it.each(['an outage while it waits', 'a refusal while it waits', 'a lease with a name'] as const)(
  '%s',
  async (situation) => {
    await using folder = await testFolder();
    await folder.file('talk.mp4', 1000);
    await using emulator = await GeminiFilesEmulator.start({ processing: 0 });
    const worker = await testWorker(env, { baseUrl: emulator.url, allowedRoots: [folder.path] });
    await worker.run(async () => {
      const holdId = `outage-${randomUUID()}`;
      const named = situation === 'a lease with a name';
      const describe =
        situation === 'a refusal while it waits' ? () => Promise.reject(refused()) : unreachable;
      const files = failing({ describe }, worker.taskQueue);
      const settings = { for: '30d', holdId, ...(named && { leaseId: 'mine' }) } as const;
      await expect(files.hold('talk.mp4', settings)).rejects.toThrow(ServiceError);
      // The caller has named this lease, and can use it later.
      if (named) expect(await worker.client.attachHold(holdId, 'mine').release()).toBe(true);
      const result = (await env.client.workflow.getHandle(holdId).result()) as HoldResult;
      expect(result).toMatchObject({ leases: 1 });
      expect(emulator.files.size).toBe(0);
    });
  },
);

it('names the lease in the error if it could not be released', async () => {
  const taskQueue = `outage-${randomUUID()}`;
  const holdId = `outage-${randomUUID()}`;
  const files = failing(
    {
      describe: unreachable,
      signal: unreachable,
    },
    taskQueue,
  );
  const error = await files.hold('talk.mp4', { for: '30d', holdId }).catch((thrown: unknown) => thrown);
  await env.client.workflow.getHandle(holdId).terminate();
  expect(error).toBeInstanceOf(ServiceError);
  expect(String(error)).toMatch(
    new RegExp(
      `Temporal is not reachable\\. The lease [0-9a-f-]{36} of the hold ${holdId} may be there: release it`,
    ),
  );
});

it('leaves the error of a refusal as it is: nothing was started', async () => {
  const taskQueue = `outage-${randomUUID()}`;
  let releases = 0;
  const files = failing(
    {
      signalWithStart: () => Promise.reject(refused()),
      signal: () => {
        releases += 1;
        return unreachable();
      },
    },
    taskQueue,
  );
  const error = await files.hold('talk.mp4', { for: '30d' }).catch((thrown: unknown) => thrown);
  expect(String(error)).toBe('ServiceError: Failed to call Temporal');
  expect(releases).toBe(0);
});

it('leaves the failure of a hold as it is, also if nothing can be released', async () => {
  await using folder = await testFolder();
  await using emulator = await GeminiFilesEmulator.start({ processing: 0 });
  const worker = await testWorker(env, { baseUrl: emulator.url, allowedRoots: [folder.path] });
  const files = failing({ signal: unreachable }, worker.taskQueue);
  await worker.run(async () => {
    await expect(files.hold('missing.mp4', { for: '30d' })).rejects.toMatchObject({
      name: 'FileNotFoundError',
    });
  });
});
