import { Context } from '@temporalio/activity';

/** Often enough that a cancellation, which comes back with a heartbeat, is noticed within two seconds. */
const BEAT_MS = 1000;

/** Heartbeats with `details()` while `work` runs: at once, and then every second, whatever the work does. */
export async function heartbeatWhile<T>(details: () => unknown, work: () => Promise<T>): Promise<T> {
  const context = Context.current();
  const beat = () => context.heartbeat(details());
  beat();
  const timer = setInterval(beat, BEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
