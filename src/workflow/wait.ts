/**
 * The durable wait: sleep, check, and again, until the file is ACTIVE or the deadline is over.
 *
 * W1. A check always happens at or after the deadline, so that a file that became ACTIVE while no worker ran is found.
 * W2. A check without an answer proves nothing, and neither does a denial to another API key: the wait continues.
 * W3. Denials in a row end the wait, except shortly after the upload, when the file may not be visible everywhere yet.
 * W4. `checkNow` leads to a check that begins after it, also across a continue-as-new.
 * W5. A wait ends while the workflow's history has room for the clean-up of its files.
 */

import { CancellationScope, condition, workflowInfo } from '@temporalio/workflow';
import type { CheckInput, CheckResult } from '../contract/activities.js';
import { parseCheckResult } from './activity-results.js';
import { nextInterval, sleepBefore } from './backoff.js';
import { isTransient } from './failures.js';
import type { FileOptions } from './file-options.js';
import { isRoomUsed, roomUsedFailure } from './history-room.js';
import type { FileActivities } from './proxies.js';
import type { RunStatus } from './status.js';
import { inactiveFailure, needsSecondCheck, throwIfTerminal } from './wait-outcome.js';
import { lastState, type WaitState } from './wait-state.js';

/** Continue as new at this many events, well before the server suggests it: who takes a wait over replays it, within seconds. */
const HISTORY_LIMIT = 2000;

/** How far a delay that the provider asks for may put off the last check; more is asked for than it is worth. */
const LAST_CHECK_GRACE_MS = 30_000;

/** A cancelled run has no next one: continuing it would lose the cancellation. */
export function shouldContinueAsNew(historyLimit: number): boolean {
  const info = workflowInfo();
  const long = info.continueAsNewSuggested || info.historyLength >= historyLimit;
  return long && !CancellationScope.current().consideredCancelled;
}

/** A wait that is under way. */
export interface Wait {
  /** The latest state; also after `waitUntilActive` has thrown. */
  state: WaitState;
}

/**
 * Waits until the file is ACTIVE.
 *
 * @param onLong - called between two checks if the history has become long; throws to continue as new
 * @throws ApplicationFailure of type `UploadFailedError` or `UploadInactiveError`
 */
export async function waitUntilActive(
  wait: Wait,
  options: FileOptions,
  activities: FileActivities,
  status: RunStatus,
  onLong: (state: WaitState) => Promise<void>,
  historyLimit = HISTORY_LIMIT,
): Promise<void> {
  const deadline = wait.state.uploadedAt + options.timeout;
  status.checkRequested ||= wait.state.nudged === true;
  for (;;) {
    throwIfTerminal(wait.state, options, Date.now());
    if (wait.state.file.state === 'ACTIVE') return;
    if (shouldContinueAsNew(historyLimit)) await onLong({ ...wait.state, nudged: status.checkRequested });
    await pause(wait.state.interval, deadline, options, status);
    if (isRoomUsed()) throw roomUsedFailure();

    const remaining = deadline - Date.now();
    // Before the check, not after it: its answer may already be on its way when the next signal comes.
    status.checkRequested = false;
    const answer = await check(remaining, deadline, wait.state, options, activities);
    wait.state = {
      ...advance(wait.state, answer),
      interval: isAtOnce(wait.state) ? wait.state.interval : nextInterval(wait.state.interval, options),
    };
    status.update({ state: lastState(wait.state) ?? null, polls: wait.state.polls });
    if (remaining > 0 || wait.state.file.state !== 'PROCESSING') continue;
    throwIfTerminal(wait.state, options, Date.now());
    if (!needsSecondCheck(wait.state) || answer === undefined)
      throw inactiveFailure(wait.state, options, answer === undefined);
  }
}

async function pause(
  interval: number,
  deadline: number,
  options: FileOptions,
  status: RunStatus,
): Promise<void> {
  const remaining = deadline - Date.now();
  if (remaining <= 0 || status.checkRequested) return;
  const ms = sleepBefore(interval, remaining, Math.random(), options.jitter);
  status.update({ nextCheckAt: new Date(Date.now() + ms).toISOString() });
  await condition(() => status.checkRequested || isRoomUsed(), ms, {
    summary: `before check ${status.polls + 1}`,
  });
  status.update({ nextCheckAt: null });
}

/** Whether the next check is the first of a foreign file, which comes before the first interval. */
function isAtOnce({ foreign, polls }: WaitState): boolean {
  return foreign !== undefined && polls === 0;
}

/** Undefined if the provider could not be asked (W2). */
async function check(
  remaining: number,
  deadline: number,
  state: WaitState,
  options: FileOptions,
  activities: FileActivities,
): Promise<CheckResult | undefined> {
  try {
    const answer = await activities.check(remaining, state.polls, {
      name: state.file.name,
      credentials: options.credentials,
      keyFingerprint: state.keyFingerprint,
      deadlineMs: remaining > 0 ? deadline : Date.now() + LAST_CHECK_GRACE_MS,
    } as CheckInput);
    return parseCheckResult(answer, state.file.name);
  } catch (error) {
    if (isTransient(error)) return undefined;
    throw error;
  }
}

function advance(state: WaitState, answer: CheckResult | undefined): WaitState {
  if (answer === undefined) return state;
  const polls = state.polls + 1;
  if (!answer.found) {
    if (answer.otherKey) return { ...state, polls, otherKey: true };
    return { ...state, polls, missing: state.missing + 1, otherKey: false };
  }
  const found = { ...state, polls, missing: 0, otherKey: false } as const;
  if (state.foreign) {
    const { file, keyFingerprint } = answer;
    return { ...found, file, foreign: 'seen', ...(keyFingerprint !== undefined && { keyFingerprint }) };
  }
  // What the upload has verified stays, also if a later answer leaves it out.
  const { sha256, displayName } = state.file;
  return { ...found, file: { ...answer.file, sha256, displayName } };
}
