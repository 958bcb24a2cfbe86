/** A run followed from outside: bytes from the upload's heartbeats, the rest from the query. */

import {
  type WorkflowExecutionDescription,
  WorkflowNotFoundError,
  type WorkflowHandle,
} from '@temporalio/client';
import type { UploadHeartbeat } from '../contract/activities.js';
import type { UploadPhase, UploadStatus } from '../contract/file.js';
import { ACTIVITY, STATUS_QUERY } from '../contract/names.js';

export interface UploadProgress {
  readonly phase: UploadPhase;
  /** `files/<id>`; null until a worker has answered. */
  readonly id: string | null;
  /** Bytes sent so far; null until the upload has begun, or where it is not under way any more and was never seen. */
  readonly bytesSent: number | null;
  readonly sizeBytes: number | null;
  readonly state: UploadStatus['state'];
  readonly polls: number;
  /** RFC 3339; null when no check is due. */
  readonly nextCheckAt: string | null;
  readonly deadline: string | null;
}

export interface ProgressOptions {
  /** How often to look, in milliseconds. @default 500 */
  readonly intervalMs?: number;
}

/** How long one look may take: without a worker, a query waits. */
const LOOK_MS = 2000;

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

/** Yields each change until the run has ended; the last has the phase `done`. */
export async function* followProgress(
  handle: Pick<WorkflowHandle, 'describe' | 'query' | 'client' | 'result'>,
  { intervalMs = 500 }: ProgressOptions = {},
): AsyncGenerator<UploadProgress, void, undefined> {
  let last = UNKNOWN;
  let shown = '';
  // The end of the run cuts the pause between two looks short.
  const ended = handle.result().then(
    () => undefined,
    () => undefined,
  );
  for (;;) {
    const description = await handle.describe();
    last = { ...last, ...sent(description), ...(await status(handle, description)) };
    const text = JSON.stringify(last);
    if (text !== shown) yield last;
    shown = text;
    if (description.status.name !== 'RUNNING') break;
    await pause(intervalMs, ended);
  }
  if (last.phase !== 'done') yield { ...last, phase: 'done', nextCheckAt: null };
}

async function pause(ms: number, ended: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  await Promise.race([new Promise<void>((resolve) => (timer = setTimeout(resolve, ms))), ended]);
  clearTimeout(timer);
}

async function status(
  handle: Pick<WorkflowHandle, 'query' | 'client'>,
  description: WorkflowExecutionDescription,
): Promise<Partial<UploadProgress>> {
  try {
    return await handle.client.connection.withDeadline(Date.now() + LOOK_MS, () =>
      handle.query<UploadStatus>(STATUS_QUERY),
    );
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) throw error;
    // No worker answers: what the description says is all there is.
    return description.status.name === 'RUNNING' ? {} : { phase: 'done', nextCheckAt: null };
  }
}

function sent({ raw }: WorkflowExecutionDescription): Partial<UploadProgress> {
  const upload = raw.pendingActivities?.find((activity) => activity.activityType?.name === ACTIVITY.upload);
  const [payload] = upload?.heartbeatDetails?.payloads ?? [];
  if (!payload?.data) return {};
  try {
    const { bytesSent, sizeBytes } = JSON.parse(
      Buffer.from(payload.data).toString('utf8'),
    ) as UploadHeartbeat;
    return { bytesSent, sizeBytes };
  } catch {
    // Behind a payload codec, bytes are not shown.
    return {};
  }
}
