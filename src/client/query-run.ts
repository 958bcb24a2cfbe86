/** The queries of runs, as a caller wants them. */

import { setTimeout as sleep } from 'node:timers/promises';
import { QueryNotRegisteredError, type WorkflowHandle } from '@temporalio/client';
import { QUERY_AGAIN } from '../contract/names.js';

/** Tries of one query, and the pauses between them in milliseconds, each longer by as much. */
const TRIES = 6;
const PAUSE_MS = 100;

/** What Temporal's failure converter with `encodeCommonAttributes` leaves of each message. */
const ENCODED = 'Encoded failure';

/**
 * Queries a run. A query that met an event before its workflow task (see `src/workflow/untasked-events.ts`) is repeated: the task comes at once.
 *
 * @throws what Temporal's client throws
 */
export async function queryRun<Answer>(handle: Pick<WorkflowHandle, 'query'>, name: string): Promise<Answer> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await handle.query<Answer>(name);
    } catch (error) {
      if (!isTooEarly(error) || tries === TRIES) throw error;
    }
    await sleep(PAUSE_MS * tries);
  }
}

/**
 * Whether the query has met such an event. It also says yes if a failure converter has encoded the message, because the event cannot be excluded
 * then. A query meets the event at each try if no workflow task comes, as in a run that was terminated before it, or is paused. Temporal's client
 * uses this class for each failure of a query.
 */
export function isTooEarly(error: unknown): boolean {
  if (isEncoded(error)) return true;
  return error instanceof QueryNotRegisteredError && error.message.includes(QUERY_AGAIN);
}

/** Whether a failure converter has encoded what the failure of a query says. */
export function isEncoded(error: unknown): boolean {
  return error instanceof QueryNotRegisteredError && error.message === ENCODED;
}
