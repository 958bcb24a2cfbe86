/** The durable wait: sleep, check, and again, until the file is ACTIVE or the deadline has come. */

import { CancellationScope, condition, workflowInfo } from '@temporalio/workflow';
import type { CheckResult } from '../contract/activities.js';
import type { ResolvedUploadOptions } from '../contract/options.js';
import { nextInterval, sleepBefore } from './backoff.js';
import { isPassing } from './failures.js';
import type { Activities } from './proxies.js';
import type { RunStatus } from './status.js';
import { inactive, isInDoubt, judge } from './verdict.js';
import type { WaitState } from './wait-state.js';

/** Continue as new at this many events, well before the server suggests it: who takes a wait over replays it, within seconds. */
const HISTORY_LIMIT = 2000;

/** How far a delay that the provider asks for may put off the last check; more is asked for than it is worth. */
const LAST_CHECK_GRACE_MS = 30_000;

/** A cancelled run has no next one: continuing it would lose the cancellation. */
function shouldContinueAsNew(): boolean {
  const info = workflowInfo();
  const long = info.continueAsNewSuggested || info.historyLength >= HISTORY_LIMIT;
  return long && !CancellationScope.current().consideredCancelled;
}

/**
 * Waits until the file is ACTIVE.
 *
 * @param onLong - called between two checks where the history has become long; throws to continue as new
 */
export async function waitActive(
  begun: WaitState,
  options: ResolvedUploadOptions,
  activities: Activities,
  status: RunStatus,
  onLong: (state: WaitState) => Promise<void>,
): Promise<WaitState> {
  let state = begun;
  const deadline = state.uploadedAt + options.timeout;
  status.nudged ||= begun.nudged === true;
  for (;;) {
    judge(state, options);
    if (state.file.state === 'ACTIVE') return state;
    if (shouldContinueAsNew()) await onLong({ ...state, nudged: status.nudged });
    await pause(state.interval, deadline, options, status);

    const remaining = deadline - Date.now();
    // Before the check, not after it: its answer may already be on its way when the next signal comes.
    status.nudged = false;
    const answer = await check(remaining, deadline, state, options, activities);
    state = { ...advance(state, answer), interval: nextInterval(state.interval, options) };
    status.update({ state: state.file.state, polls: state.polls });
    if (remaining > 0 || state.file.state !== 'PROCESSING') continue;
    judge(state, options);
    if (!isInDoubt(state) || answer === undefined) throw inactive(state, options, answer === undefined);
  }
}

async function pause(
  interval: number,
  deadline: number,
  options: ResolvedUploadOptions,
  status: RunStatus,
): Promise<void> {
  const remaining = deadline - Date.now();
  if (remaining <= 0 || status.nudged) return;
  const ms = sleepBefore(interval, remaining, Math.random(), options.jitter);
  status.update({ nextCheckAt: new Date(Date.now() + ms).toISOString() });
  await condition(() => status.nudged, ms, { summary: `before check ${status.polls + 1}` });
  status.update({ nextCheckAt: null });
}

/** Undefined where the provider could not be asked: nothing is known, and the wait goes on. */
async function check(
  remaining: number,
  deadline: number,
  state: WaitState,
  options: ResolvedUploadOptions,
  activities: Activities,
): Promise<CheckResult | undefined> {
  try {
    return await activities.check(remaining, state.polls, {
      name: state.file.name,
      ...(options.credentials !== undefined && { credentials: options.credentials }),
      deadlineMs: remaining > 0 ? deadline : Date.now() + LAST_CHECK_GRACE_MS,
    });
  } catch (error) {
    if (isPassing(error)) return undefined;
    throw error;
  }
}

function advance(state: WaitState, answer: CheckResult | undefined): WaitState {
  if (answer === undefined) return state;
  const polls = state.polls + 1;
  if (!answer.found) return { ...state, polls, missing: state.missing + 1 };
  // What the upload has verified stays, also where a later answer leaves it out.
  const { sha256, displayName } = state.file;
  return { ...state, polls, missing: 0, file: { ...answer.file, sha256, displayName } };
}
