/** What Temporal tells of the activities that are under way: bytes from the upload's heartbeat, and why an attempt failed. */

import type { WorkflowExecutionDescription, WorkflowHandle } from '@temporalio/client';
import type { LoadedDataConverter, Payload } from '@temporalio/common';
import type { UploadHeartbeat } from '../contract/activities.js';
import { ACTIVITY } from '../contract/names.js';

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

export async function readPending(
  { client }: Pick<WorkflowHandle, 'client'>,
  { raw }: WorkflowExecutionDescription,
): Promise<PendingProgress> {
  const converter = client.options.loadedDataConverter;
  const pending = raw.pendingActivities ?? [];
  const upload = pending.find(({ activityType }) => activityType?.name === ACTIVITY.upload);
  const failed = pending.find(({ lastFailure }) => lastFailure);
  return {
    ...(await bytesOf(upload, converter)),
    lastFailure: failed ? await failureOf(failed, converter) : undefined,
  };
}

async function bytesOf(
  upload: Pending | undefined,
  converter: LoadedDataConverter,
): Promise<{ bytesSent: number; sizeBytes: number } | undefined> {
  const beat = (await decodePayload(upload?.heartbeatDetails?.payloads?.[0], converter)) as
    Partial<UploadHeartbeat> | null | undefined;
  const { bytesSent, sizeBytes } = beat ?? {};
  // A size of 0 is not known yet: empty files are refused.
  return typeof bytesSent === 'number' && typeof sizeBytes === 'number' && sizeBytes > 0
    ? { bytesSent, sizeBytes }
    : undefined;
}

async function failureOf(pending: Pending, converter: LoadedDataConverter): Promise<AttemptFailure> {
  const { attempt, lastFailure, nextAttemptScheduleTime, scheduledTime } = pending;
  // Temporal counts the attempt that runs, or that is due next.
  const next = isScheduled(pending) ? (nextAttemptScheduleTime ?? scheduledTime) : undefined;
  const encoded = lastFailure?.encodedAttributes;
  const attributes = encoded ? await decodePayload(encoded, converter) : lastFailure;
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

/** Undefined if it cannot be read: by this client's codecs or at all. */
export async function decodePayload(
  payload: Payload | null | undefined,
  { payloadCodecs, payloadConverter }: LoadedDataConverter,
): Promise<unknown> {
  if (!payload) return undefined;
  try {
    let payloads = [payload];
    for (const codec of payloadCodecs.toReversed()) payloads = await codec.decode(payloads);
    return payloads[0] && payloadConverter.fromPayload(payloads[0]);
  } catch {
    return undefined;
  }
}
