/** A run whose data went through a payload codec: the command line has none, and says so. */

import { ServiceError } from '@temporalio/client';
import { ValueError } from '@temporalio/common';
import { expect, it } from 'vitest';
import { reportOf, unlessBehindCodec } from '../../src/cli/error-report.js';

it('names the codec as the reason', () => {
  expect(reportOf(new ValueError('Unknown encoding: binary/encrypted'))).toEqual({
    type: 'ValueError',
    message:
      "Unknown encoding: binary/encrypted. The run's data went through a payload codec, which the command line does not have; read it with a client that has it",
  });
});

it('leaves other errors of that class as they are', () => {
  expect(reportOf(new ValueError('Invalid duration'))).toEqual({
    type: 'ValueError',
    message: 'Invalid duration',
  });
});

it('a command that can do without what it reads says the reason, and goes on', async () => {
  const said: string[] = [];
  const say = (reason: string) => said.push(reason);
  const behind = new ValueError('Unknown encoding: binary/encrypted');
  expect(await unlessBehindCodec(Promise.reject(behind), say)).toBeUndefined();
  expect(said).toEqual([reportOf(behind).message]);
  expect(await unlessBehindCodec(Promise.resolve(7), say)).toBe(7);
  const other = new ValueError('Invalid duration');
  await expect(unlessBehindCodec(Promise.reject(other), say)).rejects.toBe(other);
  expect(said).toHaveLength(1);
});

it("an error of Temporal's client is reported with what the server said", () => {
  const cause = Object.assign(new Error('13 INTERNAL: database or disk is full (13)'), {
    code: 13,
    details: 'database or disk is full (13)',
    metadata: {},
  });
  expect(reportOf(new ServiceError('Failed to start Workflow', { cause }))).toEqual({
    type: 'ServiceError',
    message: 'Failed to start Workflow: database or disk is full (13)',
  });
});
