/** The workflow that keeps one file usable for many callers. */

import { continueAsNew, log, patched, setDefaultSignalHandler, setHandler } from '@temporalio/workflow';
import { InvalidOptionsError } from '../contract/errors.js';
import { readFields, type Fields, type OutputOf } from '../contract/fields.js';
import {
  ACQUIRE_FIELDS,
  RELEASE_FIELDS,
  REPLY_FIELDS,
  resolveHoldOptions,
  type HoldOptions,
  type HoldResult,
} from '../contract/hold.js';
import { invalidValue } from '../contract/invalid-option.js';
import { errorMessage } from '../util/error-message.js';
import { isRecord } from '../util/is-record.js';
import { acquireHold, heldFile, releaseHold } from './hold/hold-view.js';
import { Holder, type CarriedHold } from './hold/holder.js';
import { checkNow } from './status.js';
import { asApplicationFailure } from './upload-and-wait-active.js';
import { refuseUntaskedEvents } from './untasked-events.js';
import { isFromRunBefore } from './wait-state.js';

/**
 * Uploads a file, waits until it is ACTIVE, uploads it again before the provider forgets it, and deletes it when its last lease has
 * ended. Start it as a workflow of its own, whose id is the id of the hold; `GeminiFilesClient.hold` and `withHeldFile` do so.
 *
 * The first lease is that of the input. Others acquire theirs by the signal `acquireHold`, and end it by `releaseHold`; the query
 * `heldFile` has the file.
 *
 * @param carried - what the run before this one handed on; anything else is ignored
 * @param input - the file, the options of its upload, and those of the hold
 * @throws ApplicationFailure of the contract if the first upload fails, or if a renewal fails until the file expires
 *
 * @example
 * ```sh
 * temporal workflow start --type holdActiveFile --task-queue gemini-files --workflow-id talk-of-the-week \
 *   --input '{"path": "talks/monday.mp4", "for": "5d"}'
 * ```
 */
export async function holdActiveFile(input: HoldOptions, carried?: CarriedHold): Promise<HoldResult> {
  refuseUntaskedEvents();
  const options = asApplicationFailure(() => resolveHoldOptions(input));
  const next = (hold: CarriedHold) => continueAsNew<typeof holdActiveFile>(input, hold);
  const holder = new Holder(options, next, isFromRunBefore(carried) ? carried : undefined);
  setHandler(heldFile, () => holder.status, {
    description: 'Phase of the hold, its file if it can be used now, its leases and its renewals',
  });
  const signals = {
    [acquireHold.name]: (given: unknown) => {
      const read = readSignal(ACQUIRE_FIELDS, given, (error) => refuse(holder, given, error));
      if (read) holder.acquire(read.leaseId, read.for, read.replyTo);
    },
    [releaseHold.name]: (given: unknown) => {
      const read = readSignal(RELEASE_FIELDS, given);
      if (read) holder.release(read.leaseId);
    },
    [checkNow.name]: () => holder.checkNow(),
  };
  // First: what came before this task is delivered in its order to the handler of all names, but name by name to others.
  setDefaultSignalHandler((name, given) => {
    if (Object.hasOwn(signals, name)) signals[name]?.(given);
  });
  setHandler(acquireHold, signals[acquireHold.name], { description: 'Acquires a lease, or extends it' });
  setHandler(releaseHold, signals[releaseHold.name], { description: 'Ends a lease' });
  setHandler(checkNow, signals[checkNow.name], {
    description: 'Ends the current sleep, so that the file is checked, or a failed renewal is tried again',
  });
  return holder.run();
}

/** A caller that waits for an answer is told that it will get no lease. */
function refuse(holder: Holder, given: unknown, error: InvalidOptionsError): void {
  const { leaseId, replyTo } = Object(given) as Partial<Record<string, unknown>>;
  try {
    const to = readFields(REPLY_FIELDS, { leaseId, replyTo }, invalidValue);
    // Runs of earlier versions were silent.
    if (to.replyTo && patched('hold-refuses')) holder.refuse(to.leaseId, to.replyTo.workflowId, error);
  } catch {
    // Nobody can be told.
  }
}

/** The argument of a signal; one that cannot be read is ignored, since anybody can send a signal. */
function readSignal<F extends Fields>(
  fields: F,
  given: unknown,
  onInvalid: (error: InvalidOptionsError) => void = () => {},
): OutputOf<F> | undefined {
  try {
    return readFields(
      fields,
      isRecord(given) ? given : {},
      (field, expectation) => new InvalidOptionsError(`Invalid field ${field}: ${expectation}`),
    );
  } catch (error) {
    log.warn('A signal was ignored', { reason: errorMessage(error) });
    if (error instanceof InvalidOptionsError) onInvalid(error);
    return undefined;
  }
}
