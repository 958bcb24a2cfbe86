/** Faults for what the provider, and what is on the way to it, was seen to do, ready made. Each is plain data and takes the fields of `FaultMatch` over. */

import {
  errorBody,
  INT64_MAX_SECONDS,
  retryInfo,
  storageQuotaExceeded,
  unsupportedMimeType,
} from './error-bodies.js';
import type { Fault, FaultMatch, FaultTarget, RespondFault } from './fault.js';
import { intermediaries } from './intermediaries.js';

type Match = Omit<FaultMatch, 'on'>;

/** Ready-made faults for what the provider, and what is on the way to it, was seen to do. */
export const faults = {
  ...intermediaries,

  /**
   * An answer with `status` and, unless told, no body.
   *
   * @param on - the requests that it is for
   * @param status - of the answer
   * @param more - how often, from which request on, and for which file
   */
  respond(on: FaultTarget, status: number, more: Match & Omit<RespondFault, 'do' | 'status'> = {}): Fault {
    return { ...more, on, do: 'respond', status };
  },

  /**
   * A backend error as JSON; `details` as in google.rpc.Status.
   *
   * @param on - the requests that it is for
   * @param code - the HTTP status
   * @param message - in the body
   * @param more - how often, from which request on, and for which file
   */
  error(
    on: FaultTarget,
    code: number,
    message: string,
    more: Match & { details?: object[]; final?: boolean } = {},
  ): Fault {
    const { details, ...rest } = more;
    return { ...rest, on, do: 'respond', status: code, json: errorBody(code, message, details) };
  },

  /**
   * 503 with an empty body: hours of it were seen (provider fact F-ERROR-UNAVAILABLE).
   *
   * @param on - the requests that it is for
   * @param more - how often, from which request on, and for which file
   */
  unavailable(on: FaultTarget, more: Match = {}): Fault {
    return { ...more, on, do: 'respond', status: 503 };
  },

  /**
   * 500 as JSON: one bad stored file makes get and list answer so (provider fact F-ERROR-INTERNAL).
   *
   * @param on - the requests that it is for
   * @param more - how often, from which request on, and for which file
   */
  brokenStore(on: FaultTarget, more: Match = {}): Fault {
    return faults.error(on, 500, 'Failed to convert server response to JSON', more);
  },

  /**
   * 429 with a RetryInfo of `retryDelaySeconds` (`'int64-max'`: the provider's 9223372036854775807), a `Retry-After` header of
   * `retryAfterSeconds`, both or neither (provider facts F-ERROR-RATE, F-ERROR-RETRY-AFTER).
   *
   * @param on - the requests that it is for
   * @param more - how often, from which request on, and for which file
   */
  rateLimited(
    on: FaultTarget,
    more: Match & { retryDelaySeconds?: number | 'int64-max'; retryAfterSeconds?: number } = {},
  ): Fault {
    const { retryDelaySeconds: delay, retryAfterSeconds: after, ...match } = more;
    const details = delay === undefined ? [] : [retryInfo(delay === 'int64-max' ? INT64_MAX_SECONDS : delay)];
    return {
      ...match,
      on,
      do: 'respond',
      status: 429,
      json: errorBody(429, 'Resource has been exhausted (e.g. check quota).', details),
      ...(after !== undefined && { headers: { 'Retry-After': String(after) } }),
    };
  },

  /**
   * 429 for a full storage of 20 GiB (provider fact F-QUOTA-FULL), with or without a RetryInfo of int64's maximum. At `finalize`
   * with `final`: a finalize that is refused ends its session (provider fact F-FINALIZE-REFUSED).
   *
   * @param on - the requests that it is for
   * @param more - how often, from which request on, and for which file
   */
  storageQuotaFull(on: FaultTarget, more: Match & { retryInfo?: 'none' | 'int64-max' } = {}): Fault {
    const { retryInfo: retry = 'none', ...match } = more;
    return {
      ...match,
      on,
      do: 'respond',
      status: 429,
      ...(on === 'finalize' && { final: true }),
      json: storageQuotaExceeded(21474836480, retry).body as object,
    };
  },

  /**
   * 400 with `final` at finalize: the provider refuses the file's type and ends the session (provider fact F-FINALIZE-REFUSED).
   *
   * @param mimeType - as the message names it
   * @param more - how often, from which request on, and for which file
   */
  unsupportedMimeType(mimeType: string, more: Match = {}): Fault {
    const json = unsupportedMimeType(mimeType).reply.body as object;
    return { ...more, on: 'finalize', do: 'respond', status: 400, final: true, json };
  },
} as const;
