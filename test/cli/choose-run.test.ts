/** Which of a file's runs `upload` follows. */

import { WorkflowNotFoundError, type WorkflowExecutionDescription } from '@temporalio/client';
import { expect, it } from 'vitest';
import type { UploadHandle } from '../../src/client/index.js';
import { chooseRun } from '../../src/cli/upload/choose-run.js';

type State = 'open' | 'closed' | 'cancelled' | 'deleting' | 'checking';

const describe = (state: State) => ({
  status: { name: state === 'closed' ? 'COMPLETED' : 'RUNNING' },
  raw: {
    ...(state === 'cancelled' && { workflowExtendedInfo: { cancelRequested: true } }),
    ...(state === 'deleting' && { pendingActivities: [{ activityType: { name: 'geminiFilesDelete' } }] }),
    ...(state === 'checking' && { pendingActivities: [{ activityType: { name: 'geminiFilesCheck' } }] }),
  },
});

const withRuns = (runs: Readonly<Record<string, State>>) => ({
  attach: (id: string) =>
    ({
      workflow: {
        describe: (): Promise<WorkflowExecutionDescription> => {
          const state = runs[id];
          if (!state) return Promise.reject(new WorkflowNotFoundError('none', id, undefined));
          return Promise.resolve(describe(state) as unknown as WorkflowExecutionDescription);
        },
      },
    }) as UploadHandle,
});

it.each<[Record<string, State>, boolean, string, boolean]>([
  [{}, false, 'a', false],
  [{ a: 'closed' }, false, 'a', false],
  [{ a: 'open' }, false, 'a', true],
  [{ a: 'checking' }, false, 'a', true],
  [{ a: 'open' }, true, 'a-2', false],
  [{ a: 'cancelled' }, false, 'a-2', false],
  [{ a: 'deleting' }, false, 'a-2', false],
  [{ a: 'cancelled', 'a-2': 'open' }, false, 'a-2', true],
  [{ a: 'cancelled', 'a-2': 'deleting', 'a-3': 'closed' }, false, 'a-3', false],
  // An interrupted upload is resumed under whatever number it has.
  [{ a: 'closed', 'a-2': 'open' }, false, 'a-2', true],
  [{ a: 'closed', 'a-2': 'open' }, true, 'a', false],
  [{ a: 'open', 'a-2': 'closed', 'a-3': 'open' }, true, 'a-2', false],
])('of %j, with --new %j: %s, attached %j', async (runs, fresh, workflowId, open) => {
  expect(await chooseRun(withRuns(runs), 'a', fresh)).toMatchObject({ workflowId, open });
});

it('names the runs that it left alone', async () => {
  const { besides } = await chooseRun(withRuns({ a: 'open', 'a-2': 'cancelled' }), 'a', true);
  expect(besides).toEqual(['a is open', 'a-2 is being cancelled or cleans up']);
});
