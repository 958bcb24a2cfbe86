/** The progress of a run as its description and its query give it, without a server. */

import { expect, it } from 'vitest';
import { followProgress } from '../../src/client/progress.js';
import { ACTIVITY } from '../../src/contract/names.js';

/** A run whose last heartbeat is late: when the upload ends, the server has been told of half of the bytes. */
function run(looks: readonly { open: boolean; beat: object; status: object }[]) {
  let at = -1;
  const look = () => looks[Math.min(at, looks.length - 1)] as (typeof looks)[number];
  const client = {
    connection: {
      withDeadline: (_: number, work: () => unknown) => work(),
      withAbortSignal: (_: AbortSignal, work: () => unknown) => work(),
    },
  };
  const handle = {
    client,
    workflowId: 'w',
    result: () => new Promise(() => undefined),
    describe: () => {
      at += 1;
      const { open, beat } = look();
      const heartbeatDetails = { payloads: [{ data: Buffer.from(JSON.stringify(beat)) }] };
      const pendingActivities = open ? [{ activityType: { name: ACTIVITY.upload }, heartbeatDetails }] : [];
      return Promise.resolve({ status: { name: 'RUNNING' }, raw: { pendingActivities } });
    },
    query: () => Promise.resolve(look().status),
  };
  return handle as unknown as Parameters<typeof followProgress>[0];
}

it('gives all bytes as sent once the upload has ended, whatever its last heartbeat was', async () => {
  const beat = { bytesSent: 500, sizeBytes: 1000 };
  const items = followProgress(
    run([
      { open: true, beat, status: { phase: 'uploading', id: 'files/a', state: null } },
      { open: false, beat, status: { phase: 'processing', id: 'files/a', state: 'PROCESSING' } },
    ]),
    { intervalMs: 1 },
  );
  expect((await items.next()).value).toMatchObject({ phase: 'uploading', bytesSent: 500, sizeBytes: 1000 });
  expect((await items.next()).value).toMatchObject({ phase: 'processing', bytesSent: 1000, sizeBytes: 1000 });
  await items.return();
});
