/** Worker options by which a test says when an activity begins, or when Temporal gets its result. */

import type { Context } from '@temporalio/activity';
import type { GeminiFilesWorkerOptions } from '../../src/worker/index.js';

type Interceptors = Required<Pick<GeminiFilesWorkerOptions, 'interceptors'>>;

/** By type of activity. */
type Calls = Readonly<Record<string, () => Promise<void>>>;

function around(
  act: (wait: () => Promise<void>, run: () => Promise<unknown>) => Promise<unknown>,
  calls: Calls,
): Interceptors {
  const activity = ({ info, cancelled }: Context) => {
    // A test that has failed opens no gate: its worker ends all the same.
    const wait = async () => Promise.race([calls[info.activityType]?.(), cancelled]);
    return {
      inbound: {
        execute: <Input>(input: Input, next: (input: Input) => Promise<unknown>) =>
          act(wait, () => next(input)),
      },
    };
  };
  return { interceptors: { activity: [activity] } };
}

/** Calls the function of that type in front of each attempt. */
export const beforeActivities = (calls: Calls): Interceptors =>
  around(async (wait, run) => {
    await wait();
    return run();
  }, calls);

/** Calls the function of that type when an attempt has succeeded, before its worker reports that. */
export const afterActivities = (calls: Calls): Interceptors =>
  around(async (wait, run) => {
    const result = await run();
    await wait();
    return result;
  }, calls);

/** Calls the function of that type when an attempt has ended, in whatever way. */
export const atEndOfActivities = (calls: Calls): Interceptors =>
  around(async (wait, run) => {
    try {
      return await run();
    } finally {
      await wait();
    }
  }, calls);
