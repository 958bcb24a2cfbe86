/** A run followed from outside: bytes from the upload's heartbeats, the rest from the query. */

import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  Connection,
  isGrpcDeadlineError,
  WorkflowFailedError,
  WorkflowNotFoundError,
  type WorkflowExecutionDescription,
  type WorkflowHandle,
} from '@temporalio/client';
import { defaulted, readOptions, type OutputOf } from '../contract/fields.js';
import type { UploadPhase, UploadStatus } from '../contract/file.js';
import { numberBetween } from '../contract/kinds.js';
import { STATUS_QUERY } from '../contract/names.js';
import { readPending, type AttemptFailure } from './pending-activities.js';
import { queryRun } from './query-run.js';
import { isOpenRun } from './run-status.js';

/** One item of `GeminiFilesClient.progress`: the run as it was when something changed. */
export interface UploadProgress {
  /** Where the run is. */
  readonly phase: UploadPhase;
  /** `files/<id>`; null until a worker has answered. */
  readonly id: string | null;
  /** Bytes sent so far; null until the upload has begun, or if the upload ended before it was seen. */
  readonly bytesSent: number | null;
  /** Size of the file; null until the upload has begun. */
  readonly sizeBytes: number | null;
  /** The file's last known state; null before the upload has ended. */
  readonly state: UploadStatus['state'];
  /** How many checks have answered. */
  readonly polls: number;
  /** RFC 3339; null when no check is due. */
  readonly nextCheckAt: string | null;
  /** When the wait ends, RFC 3339; null before the upload has ended. */
  readonly deadline: string | null;
  /** Why the activity under way has to be tried again; absent if no attempt of it has failed. */
  readonly lastFailure?: AttemptFailure | undefined;
}

const DAY_MS = 24 * 3600 * 1000;

const PROGRESS_FIELDS = {
  /** Node's timers take 24 days, and none at all for what is more. */
  intervalMs: defaulted(numberBetween(1, DAY_MS), 500),
};

/** Options of `GeminiFilesClient.progress`. */
export interface ProgressOptions {
  /**
   * How often to look, in milliseconds: 1 to 86400000. The end of the run is seen at once on a `Connection`; on a worker's `NativeConnection`, which
   * cannot end a call, by the next look.
   * @default 500
   */
  readonly intervalMs?: number;
}

/** How long one signal is used to watch for the end, and a call at most; a long poll takes 20 s. */
const WATCH_MS = 60_000;

/** How long one look may take: without a worker, a query waits. */
const LOOK_MS = 2000;

type Followed = Pick<WorkflowHandle, 'describe' | 'query' | 'client' | 'result' | 'workflowId'>;

const UNKNOWN: UploadProgress = {
  phase: 'uploading',
  id: null,
  bytesSent: null,
  sizeBytes: null,
  state: null,
  polls: 0,
  nextCheckAt: null,
  deadline: null,
};

/**
 * Yields each change until the run has ended; the last has the phase `done`.
 *
 * @throws InvalidOptionsError at once, before anything is asked
 */
export function followProgress(
  handle: Followed,
  options: ProgressOptions = {},
): AsyncGenerator<UploadProgress, void, undefined> {
  return follow(handle, readOptions(PROGRESS_FIELDS, options));
}

async function* follow(
  handle: Followed,
  { intervalMs }: OutputOf<typeof PROGRESS_FIELDS>,
): AsyncGenerator<UploadProgress, void, undefined> {
  let last = UNKNOWN;
  let shown = '';
  let end: ReturnType<typeof watchEnd> | undefined;
  try {
    for (let run = handle; ;) {
      const description = await run.describe();
      last = complete({
        ...last,
        ...(await readPending(run, description)),
        ...(await status(run, description)),
      });
      const text = JSON.stringify(last);
      if (text !== shown) {
        // The reader may never ask for the next item, and nothing tells us so: leave no call open meanwhile.
        end?.stop();
        end = undefined;
        shown = text;
        yield last;
      }
      if (description.status.name === 'CONTINUED_AS_NEW') {
        // The handle belongs to one run; the wait continues in the next.
        run = handle.client.getHandle(handle.workflowId);
      } else if (!isOpenRun(description)) break;
      else {
        // On a paused run, a long poll returns at once.
        if (description.status.name === 'RUNNING' && endsCalls(handle)) end ??= watchEnd(handle);
        else end = void end?.stop();
        await pause(intervalMs, end?.ended);
      }
    }
  } finally {
    end?.stop();
  }
  if (last.phase !== 'done') yield { ...last, phase: 'done', nextCheckAt: null, lastFailure: undefined };
}

/**
 * Whether `stop` of a watch would end its call. A worker's `NativeConnection` does not read the signal: each change of the run would
 * leave a long poll open until its deadline. Of any other kind of connection it is not known.
 */
function endsCalls({ client }: Followed): boolean {
  return client.connection instanceof Connection;
}

/**
 * The end of the run cuts the pause between two looks short; who stops looking before it leaves no call open.
 *
 * The SDK adds a listener to a signal for each of its long polls, and never removes it: a signal is used for a few of them.
 */
function watchEnd(handle: Followed): { ended: AbortSignal; stop: () => void } {
  const { connection } = handle.client;
  const ended = new AbortController();
  let stopped = false;
  let turn = new AbortController();
  const watch = async () => {
    while (!stopped) {
      turn = new AbortController();
      setMaxListeners(0, turn.signal);
      const until = Date.now() + WATCH_MS;
      try {
        await connection.withDeadline(until, () =>
          connection.withAbortSignal(turn.signal, () => handle.result()),
        );
        return ended.abort();
      } catch (error) {
        if (error instanceof WorkflowFailedError) return ended.abort();
        // Without an answer, nothing has ended: the next look tells what is wrong.
        if (!isGrpcDeadlineError(error)) return;
      }
    }
  };
  void watch();
  return {
    ended: ended.signal,
    stop: () => {
      stopped = true;
      turn.abort();
    },
  };
}

async function pause(ms: number, cut: AbortSignal | undefined): Promise<void> {
  try {
    await sleep(ms, undefined, cut && { signal: cut });
  } catch (error) {
    if (!cut?.aborted) throw error;
  }
}

/** Heartbeats are late: if the upload has ended, all bytes were sent. */
function complete(progress: UploadProgress): UploadProgress {
  return progress.state === null || progress.sizeBytes === null
    ? progress
    : { ...progress, bytesSent: progress.sizeBytes };
}

async function status(
  handle: Followed,
  description: WorkflowExecutionDescription,
): Promise<Partial<UploadProgress>> {
  try {
    return await handle.client.connection.withDeadline(Date.now() + LOOK_MS, () =>
      queryRun<UploadStatus>(handle, STATUS_QUERY),
    );
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw error;
    // No worker answers: what the description says is all there is.
    return isOpenRun(description) ? {} : { phase: 'done', nextCheckAt: null };
  }
}
