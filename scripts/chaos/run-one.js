/** One upload of the plan, from its file to its end, through whatever breaks on the way. */
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowFailedError, WorkflowNotFoundError } from '@temporalio/client';
import { CancelledFailure, TerminatedFailure } from '@temporalio/common';
import { isGeminiFilesError } from '../../dist/client/index.js';

const EXPECTED = { active: [], failed: ['UploadFailedError'], never: ['UploadInactiveError'] };

/** Failures that a run may end with. */
export function expectedFailures({ fate, source }) {
  return source?.change ? [...EXPECTED[fate], 'FileChangedError'] : EXPECTED[fate];
}

/** The server is down now and then: a call that could not be made is made again, unless each fails for a minute. */
export async function persistently(call) {
  let failing;
  for (;;) {
    const began = Date.now();
    try {
      return await call();
    } catch (error) {
      if (error instanceof WorkflowFailedError || isGeminiFilesError(error)) throw error;
      // A call that lasted is a long poll that was cut: the server has been there since.
      if (failing === undefined || Date.now() - began > 5000) failing = Date.now();
      if (Date.now() - failing > 60_000) throw error;
      await sleep(200);
    }
  }
}

/** @returns false if the workflow has ended before */
export async function unlessEnded(act) {
  try {
    await act();
    return true;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return false;
    throw error;
  }
}

/**
 * @param client - a `GeminiFilesClient`
 * @param put - makes the file; see input-files.js
 * @param run - one of the plan's
 * @param begin - when the plan began, milliseconds since the epoch
 * @param hooks - `started(workflowId, record)`; `ended(workflowId)`, awaited before the file is removed
 * @returns the entry for the books: how it ended, and `unexpected` if that is not its fate
 */
export async function runOne(client, put, run, begin, { started, ended } = {}) {
  const displayName = `${run.fate}-${run.processingMs}-${run.index}`;
  const { from, sha256s, remove } = await put(run);
  const record = {
    index: run.index,
    displayName,
    sizeBytes: run.sizeBytes,
    sha256s,
  };
  await sleep(Math.max(0, begin + run.atMs - Date.now()));
  const settings = {
    displayName,
    mimeType: 'video/mp4',
    timeout: run.timeoutMs,
    pollInterval: '500ms',
    maxPollInterval: '2s',
  };
  const workflowId = `chaos-${run.index}`;
  const start = { workflowId, workflowIdConflictPolicy: 'USE_EXISTING' };
  const handle = await persistently(() => client.start(from, settings, start));
  started?.(workflowId, record);
  if (run.cancelAfterMs !== undefined) {
    await sleep(run.cancelAfterMs);
    // A run that has ended before can't be cancelled any more; that is its end all the same.
    await persistently(() => unlessEnded(() => handle.cancel()));
  }
  try {
    const file = await persistently(() => handle.result());
    return {
      ...record,
      outcome: 'completed',
      file: file.id,
      ...(run.fate !== 'active' && { unexpected: 'completed' }),
    };
  } catch (error) {
    if (error instanceof WorkflowFailedError && error.cause instanceof CancelledFailure) {
      return {
        ...record,
        outcome: 'cancelled',
        ...(run.cancelAfterMs === undefined && { unexpected: 'cancelled' }),
      };
    }
    if (error instanceof WorkflowFailedError && error.cause instanceof TerminatedFailure)
      return { ...record, outcome: 'terminated', unexpected: 'terminated' };
    const expected = expectedFailures(run).includes(error.name) && error.cleanup === 'deleted';
    return {
      ...record,
      outcome: error.name,
      ...(!expected && { unexpected: `${error.name}: ${error.message}` }),
    };
  } finally {
    await ended?.(workflowId);
    await remove();
  }
}
