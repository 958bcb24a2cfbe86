/** A search for abandoned files that meets very many runs, or a run with very many activities. */

import { defaultPayloadConverter, type PayloadCodec } from '@temporalio/common';
import { expect, it } from 'vitest';
import { searchAbandoned } from '../../src/activities/index.js';
import { ACTIVITY, WORKFLOW } from '../../src/contract/names.js';
import { GRPC_CODE } from '../../src/util/grpc-code.js';
import { stubNamespace, TERMINATED, type StubRun } from '../support/stub-namespace.js';

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
  let [open, most, decoded, longest] = [0, 0, 0, 0];
  const codec: PayloadCodec = {
    encode: (payloads) => Promise.resolve(payloads),
    decode: async (payloads) => {
      open += 1;
      most = Math.max(most, open);
      await new Promise((resolve) => setImmediate(resolve));
      open -= 1;
      decoded += 1;
      return payloads;
    },
  };
  const payloads = (value: unknown) => ({ payloads: [defaultPayloadConverter.toPayload(value)] });
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
    longest = Math.max(longest, decoded);
    decoded = 0;
  });
  expect(files).toHaveLength(300);
  expect(files[299]).toMatchObject({ name: 'files/abc299', keyFingerprint: '0123456789abcdef' });
  expect(most).toBe(20);
  expect(Math.max(longest, decoded)).toBeLessThanOrEqual(20);
});
