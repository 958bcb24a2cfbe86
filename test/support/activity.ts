/** The activities without a server: in Temporal's mock environment, against an emulator. */

import type { Info } from '@temporalio/activity';
import { ApplicationFailure } from '@temporalio/common';
import type { Client } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createGeminiFilesActivities, type ActivityDependencies } from '../../src/activities/index.js';
import type { GeminiFilesActivities, UploadHeartbeat } from '../../src/contract/activities.js';
import type { IdentifyActivities } from '../../src/contract/identify.js';
import type { GeminiConnection } from '../../src/gemini/index.js';

type Activities = GeminiFilesActivities & IdentifyActivities;

export interface ActivitySetting {
  /** The worker's one connection; or `deps`. */
  readonly connection?: GeminiConnection;
  readonly roots?: readonly string[];
  readonly deps?: ActivityDependencies;
  readonly info?: Partial<Info>;
  /** Answers the heartbeats that are confirmed. @default none, as in Temporal's mock environment */
  readonly client?: Client;
}

/** A worker's client whose heartbeats `answer` answers. */
export function heartbeatClient(answer: (beat: UploadHeartbeat) => Promise<void>): Client {
  return {
    withAbortSignal: (_: AbortSignal, work: () => Promise<unknown>) => work(),
    withDeadline: (_: number, work: () => Promise<void>) => work(),
    activity: { heartbeat: (_: Uint8Array, beat: UploadHeartbeat) => answer(beat) },
  } as unknown as Client;
}

export interface ActivityRun<T> {
  readonly result: Promise<T>;
  readonly heartbeats: readonly (UploadHeartbeat | undefined)[];
  readonly cancel: MockActivityEnvironment['cancel'];
  /** Resolves with the first heartbeat, past or future, that `wanted` is true for. */
  heartbeat(wanted: (beat: UploadHeartbeat) => boolean): Promise<UploadHeartbeat>;
  /** Resolves once there are so many heartbeats. */
  beats(count: number): Promise<void>;
}

/** Starts one attempt of an activity, with an hour of time left by default. */
export function runActivity<N extends keyof Activities>(
  name: N,
  input: Parameters<Activities[N]>[0],
  { connection, roots = [], deps, info, client }: ActivitySetting,
): ActivityRun<Awaited<ReturnType<Activities[N]>>> {
  const activities = createGeminiFilesActivities(
    deps ?? {
      connect: () =>
        connection ? Promise.resolve(connection) : Promise.reject(new Error('no connection was given')),
      allowedRoots: roots,
    },
  );
  const env = new MockActivityEnvironment(
    {
      scheduledTimestampMs: Date.now(),
      scheduleToCloseTimeoutMs: 3_600_000,
      // Temporal's default; the mock environment's own is a second.
      startToCloseTimeoutMs: 3_600_000,
      ...info,
    },
    { logger: new DefaultLogger('ERROR'), ...(client && { client }) },
  );
  const heartbeats: (UploadHeartbeat | undefined)[] = [];
  env.on('heartbeat', (beat: UploadHeartbeat | undefined) => heartbeats.push(beat));
  type Result = Awaited<ReturnType<Activities[N]>>;
  const activity = activities[name] as (value: typeof input) => Promise<Result>;
  const result = env.run<[typeof input], Result, typeof activity>(activity, input);
  // Looked at later.
  result.catch(() => undefined);
  return {
    result,
    heartbeats,
    cancel: (...args) => env.cancel(...args),
    beats: (count) =>
      new Promise((resolve) => {
        const look = () => {
          if (heartbeats.length >= count) resolve();
        };
        look();
        env.on('heartbeat', look);
      }),
    heartbeat: (wanted) =>
      new Promise((resolve) => {
        const look = (beat: UploadHeartbeat | undefined) => {
          if (beat && wanted(beat)) resolve(beat);
        };
        heartbeats.forEach(look);
        env.on('heartbeat', look);
      }),
  };
}

/** The fields of the failure on the wire that `work` ends with. */
export async function failureOf(work: Promise<unknown>): Promise<{
  type: string | undefined;
  message: string;
  retryable: boolean;
  details: unknown;
  nextRetryDelay?: unknown;
}> {
  const error: unknown = await work.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  );
  if (!(error instanceof ApplicationFailure)) throw error;
  const { type, message, nonRetryable } = error;
  const details: unknown = error.details;
  const nextRetryDelay: unknown = error.nextRetryDelay;
  return {
    type: type ?? undefined,
    message,
    retryable: !nonRetryable,
    details,
    ...(nextRetryDelay !== undefined && nextRetryDelay !== null && { nextRetryDelay }),
  };
}
