/** The other side of `child.js`: a program answers calls until its parent is gone. */
import { usageCalls } from './usage.js';

/** How long a program may take to end in good order. */
const LEAVE_MS = 8000;

/** What the parent handed over. */
export const settings = JSON.parse(process.argv[2] ?? '{}');

/** `work`, as a call whose value is the milliseconds that it took. */
export const timed = (work) => async (argument) => {
  const began = performance.now();
  await work(argument);
  return performance.now() - began;
};

/**
 * @param ready - what the parent gets when the program is ready
 * @param answers - a function for each call
 * @param close - ends the program: afterwards nothing may keep the process alive
 */
export function serve({ ready = {}, answers = {}, close }) {
  const calls = { ...usageCalls, ...answers };
  process.on('message', async ({ id, call, argument }) => {
    try {
      const value = await calls[call](argument);
      if (process.connected) process.send({ id, value: value ?? null });
    } catch (error) {
      if (process.connected) process.send({ id, error: String(error.stack ?? error) });
    }
  });
  process.once('disconnect', () => {
    // Where the parent was killed, a Temporal server that a worker would take its leave of may be gone too.
    setTimeout(() => process.exit(), LEAVE_MS);
    Promise.resolve(close?.()).finally(() => process.exit());
  });
  process.send(ready);
}
