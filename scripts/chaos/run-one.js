/** One upload of the plan, from its file on disk to its end, through whatever breaks on the way. */
import { createHash } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { WorkflowFailedError } from '@temporalio/client';
import { CancelledFailure, TerminatedFailure } from '@temporalio/common';
import { isGeminiFilesError } from '../../dist/client/index.js';

/** Failures that a run of this fate may end with. */
export const EXPECTED = { active: [], failed: ['UploadFailedError'], never: ['UploadInactiveError'] };

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

/**
 * @param client - a `GeminiFilesClient`
 * @param run - one of the plan's
 * @param begin - when the plan began, milliseconds since the epoch
 * @param hooks - `started(workflowId, record)`; `ended(workflowId)`, awaited before the file on disk is removed
 * @returns the entry for the books: how it ended, and `unexpected` if that is not its fate
 */
export async function runOne(client, folder, run, begin, { started, ended } = {}) {
  const displayName = `${run.fate}-${run.processingMs}-${run.index}`;
  const path = join(folder, `${run.index}.bin`);
  const content = Buffer.alloc(run.sizeBytes, `run ${run.index};`);
  await writeFile(path, content);
  const record = {
    index: run.index,
    displayName,
    sizeBytes: run.sizeBytes,
    sha256: createHash('sha256').update(content).digest('hex'),
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
  const handle = await persistently(() => client.start(path, settings, start));
  started?.(workflowId, record);
  if (run.cancelAfterMs !== undefined) {
    await sleep(run.cancelAfterMs);
    // A run that has ended before can't be cancelled any more; that is its end all the same.
    await persistently(() => handle.cancel()).catch(() => undefined);
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
    const expected = EXPECTED[run.fate].includes(error.name) && error.cleanup === 'deleted';
    return {
      ...record,
      outcome: error.name,
      ...(!expected && { unexpected: `${error.name}: ${error.message}` }),
    };
  } finally {
    await ended?.(workflowId);
    await rm(path, { force: true });
  }
}
