/** How long the caller of an operation still waits for its result. */

import { log } from '@temporalio/nexus';
import type { StartOperationContext } from 'nexus-rpc';

/** The time until the operation times out for its caller, as Temporal tells it with the request to start the operation. */
const HEADER = 'operation-timeout';

/** Nexus durations: a decimal number and a unit. */
const DURATION = /^(\d{1,15}(?:\.\d{1,9})?)(ms|s|m)$/;
const UNIT_MS = { ms: 1, s: 1000, m: 60_000 } as const;

/** How long Temporal waits for the answer to a request, unless the server is configured otherwise. */
const REQUEST_TIMEOUT_MS = 10_000;

/** Longer than any run; the caller's timeout may be a year. */
const MAX_MS = 30 * 24 * 3600 * 1000;

/**
 * In milliseconds; not positive if the caller has given up. Undefined if its time has no end, or if Temporal does not tell it.
 *
 * The header was written when the request was sent. How long the request has waited for this worker is unknown, but
 * how long it may still take is: what is missing of a whole request counts as waited. That is a second too much
 * at least, in which the result travels back.
 */
export function timeLeft(
  { headers, requestDeadline }: Pick<StartOperationContext, 'headers' | 'requestDeadline'>,
  now = Date.now(),
): number | undefined {
  const header = headers[HEADER];
  if (header === undefined) return undefined;
  const [, number, unit] = DURATION.exec(header) ?? [];
  if (number === undefined) {
    log.warn('The timeout of the operation cannot be read; its run does not end with its caller', {
      timeout: header.slice(0, 100),
    });
    return undefined;
  }
  const told = Number(number) * UNIT_MS[unit as keyof typeof UNIT_MS];
  const answerIn = requestDeadline ? requestDeadline.getTime() - now : REQUEST_TIMEOUT_MS;
  const waited = Math.max(0, Math.min(REQUEST_TIMEOUT_MS, told) - answerIn);
  return Math.min(MAX_MS, Math.floor(told - waited));
}
