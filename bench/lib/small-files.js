/** Uploads of a small file that is ACTIVE at once, one at a time. All programs run the whole time; they take turns run by run. */
import { setTimeout as sleep } from 'node:timers/promises';
import { contestants } from './contestants.js';
import { say } from './progress.js';

export const SMALL_BYTES = 64 * 1024;

/**
 * @param options - `who` runs; `rounds`, and `runs` of each a round; `pauseMs` before each run
 * @returns `{small, activities}`: by program, a list of milliseconds a round from start to close, and one of the upload activity
 */
export async function smallFiles(world, makeFile, { who, rounds, runs, pauseMs }) {
  const path = await makeFile('small.mp4', SMALL_BYTES);
  const children = {};
  const small = Object.fromEntries(who.map((name) => [name, []]));
  const activities = Object.fromEntries(who.map((name) => [name, []]));
  try {
    for (const name of who) children[name] = await contestants[name].start(world);
    const run = (name) => contestants[name].run(children[name], world, path);
    for (const name of who) for (let i = 0; i < 3; i += 1) await run(name);
    for (let round = 1; round <= rounds; round += 1) {
      say(`latency, round ${round} of ${rounds}`);
      for (const name of who) small[name].push([]);
      for (let i = 0; i < runs; i += 1)
        for (const name of who) {
          await sleep(pauseMs);
          const { ms, activityMs } = await run(name);
          small[name].at(-1).push(ms);
          if (activityMs !== undefined) activities[name].push(activityMs);
        }
    }
  } finally {
    await Promise.all(Object.values(children).map((child) => child.end()));
  }
  return { small, activities };
}
