/** Acquires a lease of a hold for a program, and starts the hold if there is none. */

import { randomUUID } from 'node:crypto';
import type { Client, WorkflowHandle } from '@temporalio/client';
import { UploadFailedError } from '../contract/errors.js';
import type { ActiveFile } from '../contract/file.js';
import type { AcquireHold, HoldOptions, HoldSettings } from '../contract/hold.js';
import { HOLD_FIELDS } from '../contract/hold.js';
import { resolveHoldRequest, type HoldRequest, type HoldTarget } from '../contract/hold-target.js';
import { ACQUIRE_HOLD_SIGNAL, WORKFLOW } from '../contract/names.js';
import type { FileOrigin, UploadOptions } from '../contract/options.js';
import { summaryOf } from '../contract/source.js';
import { fromWorkflowFailure } from './failures.js';
import { HeldFile, throwFailure, watchHold, type HoldWorkflow } from './held-file.js';

/** The upload options without the file, the options of the hold, and which hold is meant. */
export type HoldClientSettings = Omit<UploadOptions, keyof FileOrigin> & HoldSettings & HoldTarget;

/** Called with each run that is waited for: the one that identifies the content, and the hold. */
export type OnRun = (workflow: WorkflowHandle, what: 'identification' | 'hold') => void;

/** How often a lease is acquired anew if the hold ends before its file could be seen. */
const MAX_TRIES = 5;

/**
 * @param taskQueue - of the workflows
 * @throws the contract's errors, under their class names
 */
export async function acquireHold(
  client: Client,
  taskQueue: string,
  given: HoldOptions & HoldTarget,
  onRun: OnRun = () => undefined,
): Promise<HeldFile> {
  const request = resolveHoldRequest(given);
  const holdId = await findHoldId(client, taskQueue, request, onRun);
  const leaseId = request.input.leaseId ?? randomUUID();
  const input = { ...request.input, leaseId };
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const hold = await client.workflow.signalWithStart<HoldWorkflow, [AcquireHold]>(WORKFLOW.holdActiveFile, {
      taskQueue,
      workflowId: holdId,
      args: [input],
      signal: ACQUIRE_HOLD_SIGNAL,
      signalArgs: [{ leaseId, for: input.for }],
      staticSummary: `hold ${summaryOf(input)}`,
    });
    onRun(hold, 'hold');
    const file = await waitForFile(client, holdId, leaseId);
    if (file) return new HeldFile(client, holdId, leaseId, file);
  }
  throw new UploadFailedError(`The hold ${holdId} ended ${MAX_TRIES} times before its file could be used`);
}

async function findHoldId(
  client: Client,
  taskQueue: string,
  request: HoldRequest,
  onRun: OnRun,
): Promise<string> {
  if (request.holdId !== undefined) return request.holdId;
  if (request.reuse === undefined) return `gemini-files-hold-${randomUUID()}`;
  try {
    const identifying = await client.workflow.start<(input: UploadOptions) => Promise<string>>(
      WORKFLOW.contentHoldId,
      {
        taskQueue,
        workflowId: `gemini-files-identify-${randomUUID()}`,
        args: [uploadOf(request.input)],
      },
    );
    onRun(identifying, 'identification');
    return await identifying.result();
  } catch (error) {
    throw fromWorkflowFailure(error);
  }
}

/** The options of the upload, as they were given. */
function uploadOf(input: HoldOptions): UploadOptions {
  const given = Object.entries(input).filter(([name]) => !Object.hasOwn(HOLD_FIELDS, name));
  return Object.fromEntries(given) as unknown as UploadOptions;
}

/** @returns undefined if the hold has ended in a way that the lease was not part of: another one is to be acquired */
async function waitForFile(client: Client, holdId: string, leaseId: string): Promise<ActiveFile | undefined> {
  const { file, failed } = await watchHold(client, holdId, leaseId, ({ runId, status, lease, ended }) => {
    if (ended === 'FAILED') return { failed: runId };
    // A lease that waited for the first upload was cancelled with it; any other one came while the hold ended.
    if (ended === 'CANCELLED' && lease?.until === null) return { failed: runId };
    if (ended) return {};
    if (!status || status.phase === 'ending' || status.phase === 'done') return undefined;
    if (!lease) return {};
    return status.file && lease.until !== null ? { file: status.file } : undefined;
  });
  if (failed !== undefined) await throwFailure(client, holdId, failed);
  return file;
}
