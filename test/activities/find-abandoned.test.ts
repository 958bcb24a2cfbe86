/** A search for abandoned files that meets very many runs. */

import { expect, it } from 'vitest';
import { searchAbandoned } from '../../src/activities/index.js';
import { WORKFLOW } from '../../src/contract/names.js';
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
