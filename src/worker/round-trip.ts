/** How far the Temporal server is. */

import type { NativeConnection } from '@temporalio/worker';
import { TIMED_OUT, within } from '../util/within.js';

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
      await connection.workflowService.getSystemInfo({});
      times.push(performance.now() - began);
    }
  };
  const ended = await within(PROBES_MS, probe()).catch(() => TIMED_OUT);
  return ended === TIMED_OUT && times.length === 0 ? PROBES_MS : Math.min(...times);
}
