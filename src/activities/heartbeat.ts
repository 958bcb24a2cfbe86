import { Context } from '@temporalio/activity';

/** Often enough that a cancellation, which comes back with a heartbeat, is noticed within two seconds. */
const BEAT_MS = 1000;

/**
 * Heartbeats with `details()` every second while `work` runs, whatever the work does. At once only where an earlier attempt's
 * have to be handed on: the SDK would hold back what comes next for up to a second, and that is the session, which is to be
 * known before the first byte is sent.
 */
export async function heartbeatWhile<T>(details: () => unknown, work: () => Promise<T>): Promise<T> {
  const context = Context.current();
  const beat = () => context.heartbeat(details());
  if (details() !== undefined) beat();
  const timer = setInterval(beat, BEAT_MS);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}
