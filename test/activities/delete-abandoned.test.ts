/** Right before an abandoned file is deleted: which open waits of other workflow ids use it. */

import { afterEach, beforeEach, expect, it } from 'vitest';
import { deleteAbandonedFile } from '../../src/activities/index.js';
import { WORKFLOW } from '../../src/contract/names.js';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { GRPC_CODE } from '../../src/util/grpc-code.js';
import { connectionTo, KEY } from '../support/connection.js';
import {
  payloads,
  RUNNING,
  startedWith,
  stubNamespace,
  TERMINATED,
  type StubRun,
} from '../support/stub-namespace.js';

let emulator: GeminiFilesEmulator;
beforeEach(async () => void (emulator = await GeminiFilesEmulator.start()));
afterEach(() => emulator.close());

const ABANDONED: StubRun = {
  workflowId: 'upload',
  runId: 'terminated',
  type: WORKFLOW.uploadAndWaitActive,
  status: TERMINATED,
  history: [],
};

const openWait = (id: string, history: StubRun['history'] = [startedWith({ id })]): StubRun => ({
  workflowId: `wait for ${id}`,
  runId: `run for ${id}`,
  type: WORKFLOW.waitActive,
  status: RUNNING,
  history,
});

/** Deletes the file as a sweep does that has found it in the abandoned run. */
function remove(client: ReturnType<typeof stubNamespace>['client'], name: string) {
  const { workflowId, runId } = ABANDONED;
  emulator.addFile({ name, content: 'words', apiKey: KEY });
  const deps = { connect: () => Promise.resolve(connectionTo(emulator.url)), allowedRoots: [] };
  const file = { name, workflowId, runId, credentials: undefined, keyFingerprint: undefined };
  return deleteAbandonedFile(client, deps, file);
}

it('reads each open wait once for all files, and one that has begun since', async () => {
  const waits = Array.from({ length: 30 }, (_, index) => openWait(`files/used-${index}`));
  const runs = [ABANDONED, ...waits];
  const { client, historyReads } = stubNamespace(runs);
  for (let index = 0; index < 10; index += 1)
    expect(await remove(client, `files/left-${index}`)).toEqual({ outcome: 'deleted' });
  expect(await remove(client, 'files/used-7')).toEqual({
    outcome: 'kept',
    reason: 'the open run wait for files/used-7 uses it',
  });
  expect([...historyReads].sort()).toEqual(waits.map(({ runId }) => runId).sort());

  runs.push(openWait('files/late'));
  expect(await remove(client, 'files/late')).toMatchObject({ outcome: 'kept' });
  expect(historyReads).toHaveLength(31);
});

it('keeps the file of a wait that a run handed on to the next', async () => {
  const first = startedWith({ id: 'files/handed-on', carried: { runId: 'before' } });
  const { client } = stubNamespace([ABANDONED, openWait('files/handed-on', [first])]);
  expect(await remove(client, 'files/handed-on')).toMatchObject({ outcome: 'kept' });
});

it('a wait that is listed as open and does not exist keeps no file', async () => {
  const { client } = stubNamespace([ABANDONED, openWait('files/gone', GRPC_CODE.NOT_FOUND)]);
  expect(await remove(client, 'files/left')).toEqual({ outcome: 'deleted' });
});

it('keeps the file of the run that has taken the place of one that is listed and does not exist', async () => {
  const old = openWait('files/next', GRPC_CODE.NOT_FOUND);
  const next = { ...openWait('files/next'), runId: 'next', type: 'not listed yet' };
  const { client } = stubNamespace([ABANDONED, old, next]);
  expect(await remove(client, 'files/next')).toMatchObject({ outcome: 'kept' });
});

it('reads the whole history of a workflow of a user’s own that has the type of a wait, each time', async () => {
  const started = startedWith({ path: 'clip.mp4' });
  const history = [started];
  const { client } = stubNamespace([ABANDONED, openWait('own', history)]);
  expect(await remove(client, 'files/left')).toEqual({ outcome: 'deleted' });
  history.push({ activityTaskCompletedEventAttributes: { result: payloads({ id: 'files/own' }) } });
  expect(await remove(client, 'files/own')).toMatchObject({ outcome: 'kept' });
});

it.each<[string, StubRun['history']]>([
  ['whose history is not given', GRPC_CODE.INVALID_ARGUMENT],
  [
    'whose history cannot be decoded',
    [
      {
        workflowExecutionStartedEventAttributes: {
          input: {
            payloads: [{ metadata: { encoding: Buffer.from('binary/encrypted') }, data: Buffer.from('?') }],
          },
        },
      },
    ],
  ],
])('a wait %s may use any file, until it can be read', async (_, history) => {
  const runs = [ABANDONED, openWait('files/unknown', history)];
  const { client } = stubNamespace(runs);
  expect(await remove(client, 'files/left')).toEqual({
    outcome: 'kept',
    reason: expect.stringMatching(/^the open run wait for files\/unknown may use it: /) as string,
  });
  runs.splice(1, 1, openWait('files/unknown'));
  expect(await remove(client, 'files/left-too')).toEqual({ outcome: 'deleted' });
});
