/** A Temporal server that was reached and answers nothing more: each call ends, and its error names the server and the call. */

import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { boundedCalls } from '../../src/cli/bounded-calls.js';
import { reportOf } from '../../src/cli/error-report.js';
import { assertAnswering } from '../../src/cli/temporal-connection.js';
import { targetAt } from '../../src/cli/temporal-target.js';
import { status, stubTemporal } from '../support/stub-temporal.js';
import { silentTemporal, type SilentTemporal } from '../support/silent-temporal.js';

const BOUND_MS = 200;

let server: SilentTemporal;
let connection: Connection;
let client: Client;
beforeAll(async () => {
  server = await silentTemporal();
  const { address } = server;
  connection = await Connection.connect({ address, interceptors: boundedCalls(address, BOUND_MS) });
  client = new Client({ connection });
});
afterAll(async () => {
  await connection.close();
  await server[Symbol.asyncDispose]();
});

it.each<[string, () => Promise<unknown>]>([
  ['DescribeWorkflowExecution', () => client.workflow.getHandle('a').describe()],
  ['SignalWorkflowExecution', () => client.workflow.getHandle('a').signal('b')],
  ['StartWorkflowExecution', () => client.workflow.start('a', { taskQueue: 'b', workflowId: 'c' })],
  ['ListWorkflowExecutions', () => client.workflow.list()[Symbol.asyncIterator]().next()],
  ['RequestCancelWorkflowExecution', () => client.workflow.getHandle('a').cancel()],
])('%s is asked once', async (call, ask) => {
  const before = server.calls.length;
  const error = await ask().then(
    () => expect.unreachable(),
    (thrown: unknown) => thrown,
  );
  expect(reportOf(error).message).toMatch(
    new RegExp(
      `the Temporal server at ${server.address} did not answer ${call} within 0.2 s( \\(.*remote_addr=.*\\))?$`,
    ),
  );
  expect(server.calls.slice(before)).toEqual([call]);
});

it('a call with a bound of its own keeps it, and its error', async () => {
  const ask = connection.withDeadline(Date.now() + 2 * BOUND_MS, () =>
    client.workflow.getHandle('a').describe(),
  );
  await expect(ask).rejects.toMatchObject({
    cause: { details: expect.not.stringContaining('did not answer') as string },
  });
});

it('a call that waits for something to happen has no bound', async () => {
  const end = new AbortController();
  const before = server.calls.length;
  const result = connection.withAbortSignal(end.signal, () => client.workflow.getHandle('a').result());
  result.catch(() => undefined);
  const first = await Promise.race([
    result.then(
      () => 'ended',
      () => 'ended',
    ),
    new Promise((resolve) => setTimeout(resolve, 3 * BOUND_MS, 'waits')),
  ]);
  end.abort();
  await expect(result).rejects.toThrow();
  expect(first).toBe('waits');
  expect(server.calls.slice(before)).toEqual(['GetWorkflowExecutionHistory']);
});

it('a worker is not started on such a server', async () => {
  await expect(assertAnswering(connection, targetAt(server.address, 'The hint.'))).rejects.toThrow(
    `No Temporal server answers at ${server.address}: no answer came in time. The hint.`,
  );
});

it('a server that itself answers with this status is quoted, and is not said to be silent', async () => {
  await using stub = await stubTemporal({ DescribeNamespace: status.DEADLINE_EXCEEDED });
  const { address } = stub;
  const asked = await Connection.connect({ address, interceptors: boundedCalls(address) });
  try {
    await expect(asked.workflowService.describeNamespace({ namespace: 'a' })).rejects.toMatchObject({
      code: status.DEADLINE_EXCEEDED,
      details: `the stub says ${status.DEADLINE_EXCEEDED}`,
    });
    await expect(assertAnswering(asked, targetAt(address, 'The hint.'))).resolves.toBeUndefined();
  } finally {
    await asked.close();
  }
});
