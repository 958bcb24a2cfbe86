/** How far the Temporal server is. */

import type { NativeConnection } from '@temporalio/worker';
import { within } from '../util/within.js';

/** The shortest of them counts: the first may find a connection that is not warm. */
const PROBES = 3;

/** Bound of all of them, in milliseconds. */
const PROBES_MS = 2000;

/**
 * Measures the round trip to the server, in milliseconds. A server that does not answer in time counts as far: the worker itself reports
 * what is wrong with it.
 *
 * @param connection - undefined: a server on this machine, which is Temporal's default
 */
export async function measureRoundTrip(connection: NativeConnection | undefined): Promise<number> {
  if (!connection) return 0;
  const times: number[] = [];
  const probe = async () => {
    for (let count = 0; count < PROBES; count += 1) {
      const began = performance.now();
      // A refusal is an answer, too.
      await connection.workflowService.getSystemInfo({}).catch(() => undefined);
      times.push(performance.now() - began);
    }
  };
  // Whatever is wrong with the connection, the worker reports it.
  await within(PROBES_MS, probe()).catch(() => undefined);
  return Math.min(PROBES_MS, ...times);
}
