/** Failures of a program whose lease the hold does not have, and queries whose failure a converter has encoded. */

import { QueryNotRegisteredError, type Client } from '@temporalio/client';
import { expect, it } from 'vitest';
import { acquireHold } from '../../src/client/acquire-hold.js';
import { HeldFileLease, queryStatus } from '../../src/client/held-file.js';
import { queryRun } from '../../src/client/query-run.js';

/** A client of a server that has one hold, with this status. */
function clientOf(status: object, runStatus: string): Client {
  const handle = {
    workflowId: 'hold',
    describe: () => Promise.resolve({ runId: 'run', status: { name: runStatus } }),
    query: () => Promise.resolve(status),
  };
  return {
    workflow: { signalWithStart: () => Promise.resolve(handle), getHandle: () => handle },
    connection: { withDeadline: (_: number, call: () => unknown) => call() },
  } as unknown as Client;
}

const ACTIVE = { phase: 'active', file: { id: 'files/a' }, leases: [] };

it.each([
  [
    'RUNNING',
    'The hold hold did not keep the lease mine: it has no room for another one, or something releases it',
  ],
  ['COMPLETED', 'The hold hold ended 5 times before its file could be used'],
])('a hold that is %s and has no such lease is asked a few times', async (runStatus, message) => {
  const held = acquireHold(clientOf(ACTIVE, runStatus), 'queue', {
    path: 'a.mp4',
    for: '1h',
    holdId: 'hold',
    leaseId: 'mine',
  });
  await expect(held).rejects.toMatchObject({ name: 'UploadFailedError', message });
});

it('a query whose failure is encoded is repeated: it can be the one that comes before its workflow task', async () => {
  const answers = [
    () => Promise.reject(new QueryNotRegisteredError('Encoded failure', 3)),
    () => Promise.resolve(7),
  ];
  const handle = { query: () => answers.shift()?.() };
  expect(await queryRun(handle as never, 'heldFile')).toBe(7);
});

it('a query that the run does not have fails at once', async () => {
  const missing = new QueryNotRegisteredError('Workflow did not register a handler for heldFile', 3);
  let queries = 0;
  const handle = {
    query: () => {
      queries += 1;
      return Promise.reject(missing);
    },
  };
  await expect(queryRun(handle as never, 'heldFile')).rejects.toBe(missing);
  expect(queries).toBe(1);
});

it('a run of another workflow is not taken for a hold if the failure of its query is encoded', async () => {
  const encoded = () => Promise.reject(new QueryNotRegisteredError('Encoded failure', 3));
  const client = (type: string): Client => {
    const description = { runId: 'run', type, status: { name: 'RUNNING' } };
    const handle = { workflowId: 'other', describe: () => Promise.resolve(description), query: encoded };
    return { ...clientOf({}, 'RUNNING'), workflow: { getHandle: () => handle } } as unknown as Client;
  };
  await expect(new HeldFileLease(client('other'), 'other', 'mine').current()).rejects.toMatchObject({
    name: 'UploadFailedError',
    message: 'The workflow other does not answer as a hold',
  });
  const hold = client('holdActiveFile');
  expect(await queryStatus(hold, hold.workflow.getHandle('other'))).toBeUndefined();
});
