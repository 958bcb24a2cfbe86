/** A worker that has ended is named by Temporal for five minutes: it does not count. */

import type { Client } from '@temporalio/client';
import { expect, it } from 'vitest';
import { countPollers } from '../../src/cli/upload/count-pollers.js';

const seenAgo = (...seconds: readonly (number | undefined)[]) =>
  ({
    workflowService: {
      describeTaskQueue: () =>
        Promise.resolve({
          pollers: seconds.map((ago) =>
            ago === undefined ? {} : { lastAccessTime: { seconds: Math.floor(Date.now() / 1000) - ago } },
          ),
        }),
    },
  }) as unknown as Client;

it.each([
  [[], 0],
  [[1, 60], 2],
  [[1, 240], 1],
  [[240, undefined], 0],
])('of workers seen %j seconds ago, %d poll', async (seconds, count) => {
  expect(await countPollers(seenAgo(...seconds), 'default', 'queue')).toBe(count);
});
