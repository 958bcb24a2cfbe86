/** Many prompts on one video, over a week: the file stays usable, although the provider forgets it after 48 hours. */

import { proxyActivities, sleep } from '@temporalio/workflow';
import { toPart, withHeldFile } from 'temporal-gemini-files/workflow';
import type { GenerateActivities } from '../generate/activities.js';

// The worker of this file runs the hold too.
export { holdActiveFile } from 'temporal-gemini-files/workflow';

const { describe } = proxyActivities<GenerateActivities>({ startToCloseTimeout: '2m' });

/** @param pauseMs - between two questions: in earnest, a day */
export async function askOverAWeek(path: string, questions: string[], pauseMs: number): Promise<string[]> {
  // The same bytes are uploaded once, for every workflow that asks about them at the same time.
  return withHeldFile({ path, for: '8d', reuse: 'content' }, async (held) => {
    const answers: string[] = [];
    for (const question of questions) {
      if (answers.length > 0) await sleep(pauseMs);
      // After a renewal it is another file.
      answers.push(await describe(toPart(await held.current()), question));
    }
    return answers;
  });
}
