/** Acquires a lease of a hold for a program, and starts the hold if there is none. */

import { randomUUID } from 'node:crypto';
import { isGrpcServiceError, ServiceError, type Client, type WorkflowHandle } from '@temporalio/client';
import { errorMessage } from '../util/error-message.js';
import { GRPC_CODE } from '../util/grpc-code.js';
import { answerBy } from '../util/answer-by.js';
import { isGeminiFilesError, UploadFailedError } from '../contract/errors.js';
import type { ActiveFile } from '../contract/file.js';
import type { AcquireHold, HoldOptions, HoldSettings } from '../contract/hold.js';
import { HOLD_FIELDS } from '../contract/hold.js';
import { resolveHoldRequest, type HoldRequest, type HoldTarget } from '../contract/hold-target.js';
import { ACQUIRE_HOLD_SIGNAL, WORKFLOW } from '../contract/names.js';
import type { FileOrigin, UploadOptions } from '../contract/options.js';
import { summaryOf, summaryOfHold } from '../contract/source.js';
import { fromWorkflowFailure } from './failures.js';
import { HeldFile, HeldFileLease, throwFailure, watchHold, type HoldWorkflow } from './held-file.js';

/** The upload options without the file, the options of the hold, and which hold is meant. */
export type HoldClientSettings = Omit<UploadOptions, keyof FileOrigin> & HoldSettings & HoldTarget;

/** Called with each run that is waited for: the one that identifies the content, and the hold. */
export type OnRun = (workflow: WorkflowHandle, what: 'identification' | 'hold') => void;

/** How often a lease is acquired anew if the hold ends before its file could be seen. */
const MAX_TRIES = 5;

/** Bounds the release of a lease that the caller does not get, if Temporal does not answer. */
const RELEASE_MS = 5000;

/**
 * If this fails, it releases the lease that it has made: the caller does not get the lease's id. A lease that the caller has named stays.
 *
 * @param taskQueue - of the workflows
 * @throws the contract's errors, under their class names, and Temporal's `ServiceError`, which names the lease if it could not be released
 */
export async function acquireHold(
  client: Client,
  taskQueue: string,
  given: HoldOptions & HoldTarget,
  onRun: OnRun = () => undefined,
): Promise<HeldFile> {
  const request = resolveHoldRequest(given);
  const holdId = await findHoldId(client, taskQueue, request, onRun);
  const { leaseId } = request.input;
  if (leaseId !== undefined)
    return acquireLease(client, taskQueue, holdId, { ...request.input, leaseId }, onRun);
  const input = { ...request.input, leaseId: randomUUID() };
  let sent = false;
  try {
    return await acquireLease(client, taskQueue, holdId, input, (...run) => {
      sent = true;
      onRun(...run);
    });
  } catch (error) {
    // Nothing was started if the first call was refused. Without an answer to it, that is not known.
    if (!sent && isRefusal(error)) throw error;
    throw await afterRelease(client, new HeldFileLease(client, holdId, input.leaseId), error);
  }
}

async function acquireLease(
  client: Client,
  taskQueue: string,
  holdId: string,
  input: HoldOptions & { readonly leaseId: string },
  onRun: OnRun,
): Promise<HeldFile> {
  const { leaseId } = input;
  let ended = false;
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const hold = await client.workflow.signalWithStart<HoldWorkflow, [AcquireHold]>(WORKFLOW.holdActiveFile, {
      taskQueue,
      workflowId: holdId,
      args: [input],
      signal: ACQUIRE_HOLD_SIGNAL,
      signalArgs: [{ leaseId, for: input.for }],
      staticSummary: summaryOfHold(input),
    });
    onRun(hold, 'hold');
    const found = await waitForFile(client, holdId, leaseId);
    if (found.file) return new HeldFile(client, holdId, leaseId, found.file);
    ended = found.ended;
  }
  throw new UploadFailedError(
    ended
      ? `The hold ${holdId} ended ${MAX_TRIES} times before its file could be used`
      : `The hold ${holdId} did not keep the lease ${leaseId}: it has no room for another one, or something releases it`,
  );
}

/**
 * Releases a lease that the caller does not get.
 *
 * @param error - why
 * @returns the error to throw
 */
async function afterRelease(client: Client, lease: HeldFileLease, error: unknown): Promise<unknown> {
  try {
    await answerBy(Date.now() + RELEASE_MS, client.connection, () => lease.release());
    return error;
  } catch {
    // The hold has failed, and its leases with it.
    if (isGeminiFilesError(error)) return error;
    const { holdId, leaseId } = lease;
    return new ServiceError(
      `${errorMessage(error)}. The lease ${leaseId} of the hold ${holdId} may be there: release it, or it lasts for its whole time`,
      error instanceof Error ? { cause: error } : undefined,
    );
  }
}

/** gRPC codes with which a server refuses what it is asked for, for good. */
const REFUSALS: ReadonlySet<number> = new Set([
  GRPC_CODE.INVALID_ARGUMENT,
  GRPC_CODE.PERMISSION_DENIED,
  GRPC_CODE.UNIMPLEMENTED,
  GRPC_CODE.UNAUTHENTICATED,
]);

function isRefusal(error: unknown): boolean {
  const { cause } = error as { cause?: unknown };
  return isGrpcServiceError(cause) && REFUSALS.has(cause.code);
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
        staticSummary: summaryOf(request.input),
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

/** @returns no file if the hold has ended in a way that the lease was not part of, or has no such lease: it is to be acquired again */
async function waitForFile(
  client: Client,
  holdId: string,
  leaseId: string,
): Promise<{ file?: ActiveFile; ended: boolean }> {
  const { file, failed, over } = await watchHold(
    client,
    holdId,
    leaseId,
    ({ runId, status, lease, ended }) => {
      if (ended === 'FAILED') return { failed: runId };
      // A lease that waited for the first upload was cancelled with it; any other one came while the hold ended.
      if (ended === 'CANCELLED' && lease?.until === null) return { failed: runId };
      if (ended) return { over: true };
      if (!status || status.phase === 'ending' || status.phase === 'done') return undefined;
      if (!lease) return {};
      return status.file && lease.until !== null ? { file: status.file } : undefined;
    },
  );
  if (failed !== undefined) await throwFailure(client, holdId, failed);
  return { ...(file && { file }), ended: over ?? false };
}
