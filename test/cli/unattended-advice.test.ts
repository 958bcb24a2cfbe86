/** What is advised to the user of a run that no worker takes. */

import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { warnIfUnattended, type WatchContext } from '../../src/cli/upload/unattended.js';

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubEnv('npm_command', undefined);
});
afterEach(() => vi.useRealTimers());

/** The lines on a run whose upload waits on the queue `Q`, and whose workflow on `own` if `own` is not this process's. */
async function linesOf(ownTaskQueue: string | undefined, more: Partial<WatchContext>): Promise<string[]> {
  const lines: string[] = [];
  const pendingActivities = [{ state: 1, activityOptions: { taskQueue: { name: 'my queue' } } }];
  const workflow = {
    describe: () => Promise.resolve({ taskQueue: 'own', startTime: new Date(), raw: { pendingActivities } }),
  };
  const context = {
    client: { workflowService: { describeTaskQueue: () => Promise.resolve({ pollers: [] }) } },
    temporal: { namespace: 'default' },
    output: { say: (line: string) => lines.push(line) },
    ...more,
  };
  const stop = warnIfUnattended({ workflow } as never, context as unknown as WatchContext, ownTaskQueue);
  await vi.advanceTimersByTimeAsync(5000);
  stop();
  return lines;
}

it('on a server of the user, a worker', async () => {
  expect(await linesOf('own', {})).toEqual([
    "No worker takes activities from the task queue my queue of this run: it waits for one (temporal-gemini-files worker --task-queue 'my queue').",
  ]);
});

it('on the embedded server, which no other worker reaches, to repeat the command', async () => {
  const devServer = {} as NonNullable<WatchContext['devServer']>;
  expect(await linesOf(undefined, { devServer })).toEqual([
    'No worker takes workflows from the task queue own of this run: it waits for one. ' +
      'The embedded server has only those of upload and wait: press Ctrl-C, and repeat the command.',
    'No worker takes activities from the task queue my queue of this run: it waits for one. ' +
      'The embedded server has only those of upload and wait: press Ctrl-C, and repeat the command without --task-queue.',
  ]);
});
