import { TIMED_OUT, within } from './within.js';

/** A client or connection of Temporal. */
interface Deadlines {
  readonly withDeadline: <T>(deadline: number, call: () => Promise<T>) => Promise<T>;
}

/**
 * Calls Temporal, and waits for the answer until a point in time. On the connection of a worker, the SDK's deadline bounds each attempt of
 * the call, and several are made while the server is unavailable or throttles: ten seconds more, and longer. The call itself is not stopped,
 * and can still have an effect.
 *
 * @param until - in milliseconds since the epoch
 * @throws what the call fails with; Error if the time is up
 */
export async function answerBy<T>(until: number, client: Deadlines, call: () => Promise<T>): Promise<T> {
  const ms = Math.max(0, until - Date.now());
  const answer = await within(ms, client.withDeadline(until, call));
  if (answer === TIMED_OUT) throw new Error(`no answer in ${ms} ms`);
  return answer;
}
