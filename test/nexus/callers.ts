/** Workflows of another namespace, which have only the service's definition and its endpoint. */

import { NexusOperationFailure, type Duration } from '@temporalio/common';
import { ApplicationFailure, createNexusServiceClient } from '@temporalio/workflow';
import { HandlerError } from 'nexus-rpc';
import {
  geminiFilesService,
  type AcquiredHold,
  type ActiveFile,
  type HoldOptions,
  type HoldTarget,
  type UploadOptions,
  type WaitOptions,
} from '../../src/nexus/index.js';

export interface Patience {
  readonly scheduleToCloseTimeout?: Duration;
}

export async function callsUpload(
  endpoint: string,
  input: UploadOptions,
  patience: Patience = {},
): Promise<ActiveFile> {
  const client = createNexusServiceClient({ service: geminiFilesService, endpoint });
  return client.executeOperation('uploadAndWaitActive', input, patience);
}

export async function callsWait(endpoint: string, input: WaitOptions): Promise<ActiveFile> {
  const client = createNexusServiceClient({ service: geminiFilesService, endpoint });
  return client.executeOperation('waitActive', input, {});
}

export async function callsHoldOnce(
  endpoint: string,
  input: HoldOptions & HoldTarget,
): Promise<AcquiredHold> {
  const client = createNexusServiceClient({ service: geminiFilesService, endpoint });
  return client.executeOperation('holdActiveFile', input, {});
}

/** Acquires a lease, asks for the file once more, and releases the lease. */
export async function callsHold(endpoint: string, input: HoldOptions & HoldTarget): Promise<AcquiredHold[]> {
  const client = createNexusServiceClient({ service: geminiFilesService, endpoint });
  const held = await client.executeOperation('holdActiveFile', input, {});
  const { holdId, leaseId } = held;
  const again = await client.executeOperation('holdActiveFile', { ...input, holdId, leaseId }, {});
  await client.executeOperation('releaseHold', { holdId, leaseId }, {});
  await client.executeOperation('releaseHold', { holdId: 'nothing', leaseId }, {});
  return [held, again];
}

/** What `releaseHold` says to an input; a refused one must not be tried again. */
export async function callsRelease(endpoint: string, input: unknown): Promise<unknown> {
  const client = createNexusServiceClient({ service: geminiFilesService, endpoint });
  const given = input as { holdId: string; leaseId: string };
  try {
    await client.executeOperation('releaseHold', given, { scheduleToCloseTimeout: '10s' });
    return 'released';
  } catch (error) {
    if (!(error instanceof NexusOperationFailure)) throw error;
    const { cause } = error;
    return cause instanceof HandlerError ? [cause.type, cause.message] : String(cause);
  }
}

/** The type and details of the failure, as the caller's workflow sees them. */
export async function seesFailure(endpoint: string, input: UploadOptions): Promise<unknown> {
  try {
    return await callsUpload(endpoint, input);
  } catch (error) {
    if (!(error instanceof NexusOperationFailure)) throw error;
    const { cause } = error;
    return cause instanceof ApplicationFailure ? [cause.type, cause.details] : String(cause);
  }
}

/** Returns as soon as the operation has started, without its result. */
export async function returnsAtOnce(endpoint: string, input: UploadOptions): Promise<void> {
  const client = createNexusServiceClient({ service: geminiFilesService, endpoint });
  await client.startOperation('uploadAndWaitActive', input);
}
