/** The durable wait: sleep, check, and again, until the file is ACTIVE or the deadline has come. */

import { condition, workflowInfo } from '@temporalio/workflow';
import type { CheckResult } from '../contract/activities.js';
import { UploadFailedError, UploadInactiveError } from '../contract/errors.js';
import { toApplicationFailure } from '../contract/failure.js';
import type { GeminiFile } from '../contract/file.js';
import type { ResolvedUploadOptions } from '../contract/options.js';
import { nextInterval, sleepBefore } from './backoff.js';
import { isPassing } from './failures.js';
import type { Activities } from './proxies.js';
import type { RunStatus } from './status.js';

/** State of a wait, as it is carried to the next run of a workflow that continues as new. */
export interface WaitState {
  readonly file: GeminiFile;
  /** End of the upload, milliseconds since the epoch. */
  readonly uploadedAt: number;
  readonly interval: number;
  readonly polls: number;
  /** Checks in a row that did not find the file. */
  readonly missing: number;
}

/** How often the provider must say, in a row, that the file is not there. */
const MISSING_LIMIT = 2;

/** Continue as new at this many events even where the server does not suggest it. */
const HISTORY_LIMIT = 4000;

export function historyIsLong(): boolean {
  const info = workflowInfo();
  return info.continueAsNewSuggested || info.historyLength >= HISTORY_LIMIT;
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
  for (;;) {
    judge(state, options);
    if (state.file.state === 'ACTIVE') return state;
    if (historyIsLong()) await onLong(state);
    await pause(state.interval, deadline, options, status);

    const remaining = deadline - Date.now();
    const answer = await check(remaining, deadline, state, options, activities);
    state = { ...advance(state, answer), interval: nextInterval(state.interval, options) };
    status.update({ state: state.file.state, polls: state.polls });
    if (remaining <= 0 && state.file.state === 'PROCESSING') {
      judge(state, options);
      throw inactive(state, options, answer === undefined);
    }
  }
}

async function pause(
  interval: number,
  deadline: number,
  options: ResolvedUploadOptions,
  status: RunStatus,
): Promise<void> {
  const remaining = deadline - Date.now();
  if (remaining <= 0) return;
  const ms = sleepBefore(interval, remaining, Math.random(), options.jitter);
  status.nudged = false;
  status.update({ nextCheckAt: new Date(Date.now() + ms).toISOString() });
  await condition(() => status.nudged, ms, { summary: `before check ${status.polls + 1}` });
  status.update({ nextCheckAt: null });
}

/** Undefined where the provider could not be asked: nothing is known, and the wait goes on. */
async function check(
  remaining: number,
  deadlineMs: number,
  state: WaitState,
  options: ResolvedUploadOptions,
  activities: Activities,
): Promise<CheckResult | undefined> {
  try {
    return await activities.check(remaining, state.polls, {
      name: state.file.name,
      ...(options.credentials !== undefined && { credentials: options.credentials }),
      ...(remaining > 0 && { deadlineMs }),
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

/** Throws where the file can no longer become ACTIVE. */
function judge(state: WaitState, options: ResolvedUploadOptions): void {
  const { file, polls, missing } = state;
  if (file.state === 'FAILED') {
    const reason = file.error?.message ? `: ${file.error.message}` : ' and gave no reason';
    throw toApplicationFailure(
      new UploadFailedError(`The provider failed to process ${file.name} (${options.path})${reason}`, {
        id: file.name,
        state: 'FAILED',
        polls,
      }),
    );
  }
  if (missing >= MISSING_LIMIT) {
    throw toApplicationFailure(
      new UploadFailedError(
        `${file.name} (${options.path}) is gone: the provider denied it ${missing} times in a row`,
        {
          id: file.name,
          polls,
        },
      ),
    );
  }
}

function inactive(state: WaitState, options: ResolvedUploadOptions, unanswered: boolean): Error {
  const seconds = (ms: number) => `${Math.round(ms / 100) / 10} s`;
  const last = unanswered ? 'the last check got no answer' : `last state ${state.file.state}`;
  return toApplicationFailure(
    new UploadInactiveError(
      `${state.file.name} (${options.path}) was not ACTIVE within ${seconds(options.timeout)} of its upload: ${state.polls} checks, ${last}`,
      { id: state.file.name, state: state.file.state, polls: state.polls },
    ),
  );
}
