/** What Temporal tells of the activities that are under way: bytes from the upload's heartbeat, and why an attempt failed. */

import type { WorkflowExecutionDescription, WorkflowHandle } from '@temporalio/client';
import type { LoadedDataConverter, Payload } from '@temporalio/common';
import type { UploadHeartbeat } from '../contract/activities.js';
import { ACTIVITY } from '../contract/names.js';
import { ofActivity } from '../contract/payload-context.js';

/** An attempt that failed and that Temporal repeats. */
export interface AttemptFailure {
  /** The attempt that failed, counted from 1. */
  readonly attempt: number;
  /** In words; null if it is behind a payload codec that this client does not have. */
  readonly message: string | null;
  /** RFC 3339; null while the next attempt runs. */
  readonly nextAttemptAt: string | null;
}

type Pending = NonNullable<WorkflowExecutionDescription['raw']['pendingActivities']>[number];

export interface PendingProgress {
  readonly bytesSent?: number;
  readonly sizeBytes?: number;
  readonly lastFailure: AttemptFailure | undefined;
}

/** Decodes payloads of a run's pending activities. */
export type DecodePending = (
  pending: Pick<Pending, 'activityId'>,
  payload: Payload | null | undefined,
) => Promise<unknown>;

export async function readPending(
  { client }: Pick<WorkflowHandle, 'client'>,
  { raw, workflowId }: WorkflowExecutionDescription,
): Promise<PendingProgress> {
  const decode = decoderOf(client.options, workflowId);
  const pending = raw.pendingActivities ?? [];
  const upload = pending.find(({ activityType }) => activityType?.name === ACTIVITY.upload);
  const failed = pending.find(({ lastFailure }) => lastFailure);
  return {
    ...(upload && (await bytesOf(upload, decode))),
    lastFailure: failed ? await failureOf(failed, decode) : undefined,
  };
}

async function bytesOf(
  upload: Pending,
  decode: DecodePending,
): Promise<{ bytesSent: number; sizeBytes: number } | undefined> {
  const beat = (await decode(upload, upload.heartbeatDetails?.payloads?.[0])) as
    Partial<UploadHeartbeat> | null | undefined;
  const { bytesSent, sizeBytes } = beat ?? {};
  // A size of 0 is not known yet: empty files are refused.
  return typeof bytesSent === 'number' && typeof sizeBytes === 'number' && sizeBytes > 0
    ? { bytesSent, sizeBytes }
    : undefined;
}

async function failureOf(pending: Pending, decode: DecodePending): Promise<AttemptFailure> {
  const { attempt, lastFailure, nextAttemptScheduleTime, scheduledTime } = pending;
  // Temporal counts the attempt that runs, or that is due next.
  const next = isScheduled(pending) ? (nextAttemptScheduleTime ?? scheduledTime) : undefined;
  const encoded = lastFailure?.encodedAttributes;
  const attributes = encoded ? await decode(pending, encoded) : lastFailure;
  const message = (attributes as { message?: unknown } | null | undefined)?.message;
  return {
    attempt: Math.max(1, (attempt ?? 1) - 1),
    message: typeof message === 'string' ? message : null,
    nextAttemptAt: next
      ? new Date(Number(next.seconds ?? 0) * 1000 + (next.nanos ?? 0) / 1e6).toISOString()
      : null,
  };
}

/** Whether the next attempt waits for its time, or for a worker: `PENDING_ACTIVITY_STATE_SCHEDULED`. */
export function isScheduled({ state }: Pick<Pending, 'state'>): boolean {
  return Number(state) === 1;
}

/** It returns undefined for what cannot be read: by this client's codecs or at all. */
export function decoderOf(
  { loadedDataConverter, namespace }: { loadedDataConverter: LoadedDataConverter; namespace: string },
  workflowId: string,
): DecodePending {
  const { payloadCodecs, payloadConverter } = loadedDataConverter;
  return async ({ activityId }, payload) => {
    if (!payload) return undefined;
    const context = ofActivity(namespace, workflowId, activityId);
    try {
      let payloads = [payload];
      for (const codec of payloadCodecs.toReversed()) payloads = await codec.decode(payloads, context);
      return payloads[0] && payloadConverter.fromPayload(payloads[0], context);
    } catch {
      return undefined;
    }
  };
}
