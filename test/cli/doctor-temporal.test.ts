/** The report of `doctor` on a Temporal server in trouble: each call has a timeout, each check is independent, the advice depends on the status. */

import { expect, it } from 'vitest';
import type { Check } from '../../src/cli/doctor/check.js';
import { checkTemporal } from '../../src/cli/doctor/temporal.js';
import { ownCommand } from '../../src/cli/own-command.js';
import { targetAt } from '../../src/cli/temporal-target.js';
import { status, stubTemporal, type StubAnswer } from '../support/stub-temporal.js';

async function checksWith(answers: Readonly<Record<string, StubAnswer>>) {
  await using stub = await stubTemporal(answers);
  const checks = await checkTemporal(targetAt(stub.address, 'hint', 'mine'), 'a-queue');
  expect(checks.map(({ name }) => name)).toEqual([
    'temporal',
    'namespace',
    'task queue',
    'search attributes',
  ]);
  return { ...stub, checks: checks as [Check, Check, Check, Check] };
}

const skippedOnes = [
  { name: 'task queue', ok: true, skipped: true, detail: 'the namespace could not be read' },
  { name: 'search attributes', ok: true, skipped: true, detail: 'the namespace could not be read' },
];

it('is content with a server that answers; what it can’t list is skipped', async () => {
  const { checks, address } = await checksWith({});
  expect(checks.slice(0, 3)).toEqual([
    { name: 'temporal', ok: true, detail: `${address}, server 1.99.0` },
    { name: 'namespace', ok: true, detail: 'mine, retention 72 h' },
    {
      name: 'task queue',
      ok: true,
      detail: 'a-queue has 0 pollers',
      fix: `upload runs its own worker; for other clients, run ${ownCommand()} worker --task-queue a-queue.`,
    },
  ]);
  expect(checks[3]).toMatchObject({ ok: true, skipped: true });
  expect(checks[3].detail).toMatch(/^could not be listed: 12 UNIMPLEMENTED/);
});

it('keeps its report if an old server has no GetSystemInfo', async () => {
  const { checks, address } = await checksWith({ GetSystemInfo: status.UNIMPLEMENTED });
  expect(checks[0]).toEqual({ name: 'temporal', ok: true, detail: `${address}, server of unknown version` });
  expect(checks[1]).toEqual({ name: 'namespace', ok: true, detail: 'mine, retention 72 h' });
});

it('ends if DescribeNamespace never answers', async () => {
  const { checks } = await checksWith({ DescribeNamespace: 'silent' });
  expect(checks[0].ok).toBe(true);
  expect(checks[1]).toMatchObject({
    ok: false,
    detail: expect.stringMatching(/^mine: 4 DEADLINE_EXCEEDED/) as string,
    fix: 'The server did not complete the call in time: check its health and its log.',
  });
  expect(checks.slice(2)).toEqual(skippedOnes);
}, 10_000);

it.each([
  [status.NOT_FOUND, '5 NOT_FOUND', 'Create the namespace, or name another in TEMPORAL_NAMESPACE.'],
  [
    status.PERMISSION_DENIED,
    '7 PERMISSION_DENIED',
    'Grant this API key or certificate access to this namespace.',
  ],
  [
    status.UNAVAILABLE,
    '14 UNAVAILABLE',
    'The server is unavailable: check its health and its log, and try again.',
  ],
  [
    status.UNAUTHENTICATED,
    '16 UNAUTHENTICATED',
    'Correct the API key (TEMPORAL_API_KEY) or the client certificate.',
  ],
  [status.RESOURCE_EXHAUSTED, '8 RESOURCE_EXHAUSTED', "The server's rate limit is reached: try again later."],
])('advises on DescribeNamespace by its status: %i', async (code, words, fix) => {
  const { checks, calls } = await checksWith({ DescribeNamespace: code });
  expect(checks[1]).toEqual({
    name: 'namespace',
    ok: false,
    detail: `mine: ${words}: the stub says ${code}`,
    fix,
  });
  expect(checks.slice(2)).toEqual(skippedOnes);
  // One request, and no other request about a namespace that could not be read.
  expect(calls.filter((call) => call !== 'GetSystemInfo')).toEqual(['DescribeNamespace']);
});

it('does not let the task queue’s trouble hide the rest', async () => {
  const { checks } = await checksWith({ DescribeTaskQueue: status.PERMISSION_DENIED });
  expect(checks.map(({ ok }) => ok)).toEqual([true, true, false, true]);
  expect(checks[2].fix).toBe('Grant this API key or certificate access to this namespace.');
});

it('distinguishes a refused key from a server that does not answer', async () => {
  const [refused, skipped] = (await checksWith({ GetSystemInfo: status.UNAUTHENTICATED })).checks;
  expect(refused).toMatchObject({
    ok: false,
    fix: 'Correct the API key (TEMPORAL_API_KEY) or the client certificate.',
  });
  expect(skipped).toEqual({ name: 'namespace', ok: true, skipped: true, detail: 'no server' });
});
