/** A worker that has ended is named by Temporal for five minutes: it does not count. */

import type { WorkflowService } from '@temporalio/client';
import { expect, it } from 'vitest';
import { freshPollers } from '../../src/cli/pollers.js';

const seenAgo = (...seconds: readonly (number | undefined)[]) =>
  ({
    describeTaskQueue: () =>
      Promise.resolve({
        pollers: seconds.map((ago) =>
          ago === undefined ? {} : { lastAccessTime: { seconds: Math.floor(Date.now() / 1000) - ago } },
        ),
      }),
  }) as unknown as WorkflowService;

it.each([
  [[], 0],
  [[1, 60], 2],
  [[1, 240], 1],
  [[240, undefined], 0],
])('of workers seen %j seconds ago, %d poll', async (seconds, count) => {
  expect(await freshPollers(seenAgo(...seconds), 'default', 'queue')).toHaveLength(count);
});
