/** A caller whose lease ends while it waits for the file. On Temporal's dev server, because the time-skipping server does not run a timer that is in the past. */

import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, it } from 'vitest';
import type { HoldOptions, HoldResult, HoldStatus } from '../../../src/contract/hold.js';
import {
  ACQUIRE_HOLD_SIGNAL,
  CHECK_NOW_SIGNAL,
  HELD_FILE_QUERY,
  RELEASE_HOLD_SIGNAL,
  WORKFLOW,
} from '../../../src/contract/names.js';
import { gate } from '../../support/gate.js';
import { sentAnswers } from '../../support/hold.js';
import { replayed } from '../../support/replay.js';
import { stubFile, stubWorker } from '../../support/stub-worker.js';
import { useSharedDevServer } from '../../support/temporal.js';

const env = await useSharedDevServer();

it('gets a failure and no file, also while another lease keeps the hold open', async () => {
  const renewal = gate();
  const worker = await stubWorker(env, {
    geminiFilesUpload: async ({ name }) => {
      if (worker.calls.uploads.length > 1) await renewal.pass();
      return stubFile(name, { state: 'ACTIVE', expirationTime: '' });
    },
    geminiFilesCheck: () => Promise.resolve({ found: false, status: 404, message: 'no such file' }),
    geminiFilesDelete: () => Promise.resolve(),
  });
  await worker.run(async () => {
    const hold = await env.client.workflow.start<(input: HoldOptions) => Promise<HoldResult>>(
      WORKFLOW.holdActiveFile,
      { taskQueue: worker.taskQueue, workflowId: randomUUID(), args: [{ path: 'clip.mp4', for: '5d' }] },
    );
    const status = () => hold.query<HoldStatus>(HELD_FILE_QUERY);
    await expect.poll(async () => (await status()).phase).toBe('active');
    await hold.signal(CHECK_NOW_SIGNAL);
    await renewal.reached;
    const short = { leaseId: 'short', for: '1s', replyTo: { workflowId: 'a-caller' } };
    await hold.signal(ACQUIRE_HOLD_SIGNAL, short);
    // The time of the lease.
    await delay(1500);
    renewal.open();
    await expect.poll(async () => (await status()).leases.map(({ id }) => id)).toEqual(['first']);
    expect(await status()).toMatchObject({ phase: 'active', renewals: 1 });
    await hold.signal(RELEASE_HOLD_SIGNAL, { leaseId: 'first' });
    expect(await hold.result()).toEqual({ renewals: 1, leases: 2, cleanup: 'deleted' });
    expect(sentAnswers(await replayed(env.client, hold.workflowId))).toMatchObject([
      { leaseId: 'short', failure: { type: 'UploadFailedError', message: 'The lease is over' } },
    ]);
  });
});
