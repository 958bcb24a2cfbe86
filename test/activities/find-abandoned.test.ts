/** A search for abandoned files that meets very many runs, or a run with very many activities. */

import { expect, it } from 'vitest';
import { searchAbandoned } from '../../src/activities/index.js';
import { ACTIVITY, WORKFLOW } from '../../src/contract/names.js';
import { GRPC_CODE } from '../../src/util/grpc-code.js';
import { countingCodec } from '../support/counting-codec.js';
import { payloads, stubNamespace, TERMINATED, type StubRun } from '../support/stub-namespace.js';

const terminated = (index: number, history: StubRun['history']): StubRun => ({
  workflowId: `upload-${index}`,
  runId: `run-${index}`,
  type: WORKFLOW.uploadAndWaitActive,
  status: TERMINATED,
  history,
});

it('ends after 5,000 runs also if none of them can be read, and the next search continues there', async () => {
  const { client } = stubNamespace(
    Array.from({ length: 5001 }, (_, index) => terminated(index, GRPC_CODE.INVALID_ARGUMENT)),
  );
  const where = { olderThanMs: 0, limit: 500 };
  const search = await searchAbandoned(client, where);
  expect(search).toMatchObject({ files: [], unreadable: 5000, next: expect.any(String) as string });
  const rest = await searchAbandoned(client, { ...where, after: search.next });
  expect(rest).toMatchObject({ unreadable: 1, runs: [{ workflowId: 'upload-5000' }] });
  expect(rest.next).toBeUndefined();
});

it('shows that it goes on while a codec decodes the payloads of many activities', async () => {
  const codec = countingCodec();
  let [before, longest] = [0, 0];
  const uploads = Array.from({ length: 300 }, (_, index) => [
    {
      eventId: 2 * index,
      activityTaskScheduledEventAttributes: {
        activityId: String(index),
        activityType: { name: ACTIVITY.upload },
        input: payloads({ name: `files/abc${index}` }),
      },
    },
    {
      eventId: 2 * index + 1,
      activityTaskCompletedEventAttributes: {
        scheduledEventId: 2 * index,
        result: payloads({ name: `files/abc${index}`, keyFingerprint: '0123456789abcdef' }),
      },
    },
  ]).flat() as unknown as Exclude<StubRun['history'], number>;
  const { client } = stubNamespace([terminated(0, uploads)], [codec]);
  const { files } = await searchAbandoned(client, { olderThanMs: 0 }, () => {
    longest = Math.max(longest, codec.decoded - before);
    before = codec.decoded;
  });
  expect(files).toHaveLength(300);
  expect(files[299]).toMatchObject({ name: 'files/abc299', keyFingerprint: '0123456789abcdef' });
  expect(codec.most).toBe(20);
  expect(Math.max(longest, codec.decoded - before)).toBeLessThanOrEqual(20);
});
