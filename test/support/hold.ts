/** A provider of stubs for holds, on the clock of Temporal's time-skipping server: its files expire after 48 hours. */

import { randomUUID } from 'node:crypto';
import { Context } from '@temporalio/activity';
import {
  Client,
  WorkflowNotFoundError,
  type SignalDefinition,
  type WorkflowHandle,
} from '@temporalio/client';
import type { ApplicationFailure } from '@temporalio/common';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { WorkerOptions } from '@temporalio/worker';
import { onTestFinished } from 'vitest';
import type {
  AcquireHold,
  HeldFileReady,
  HoldOptions,
  HoldResult,
  HoldStatus,
} from '../../src/contract/hold.js';
import type { FileState } from '../../src/contract/file.js';
import type { HistoryEvent } from './replay.js';
import { stubFile, stubWorker, type StubCalls } from './stub-worker.js';
import { unlockTime } from './temporal.js';

export const HOUR = 3_600_000;
export const DAY = 24 * HOUR;

const QUERY_MS = 30_000;

interface StoredFile {
  readonly expiresAt: number;
  state: FileState;
  deleted: boolean;
  denied: boolean;
}

export interface HeldProvider {
  readonly taskQueue: string;
  /**
   * Runs the worker while `test` runs. A hold that is still open then, or when the time of the test is over, is terminated while the
   * worker lives: on the time-skipping server, a workflow task that no worker takes stops the time for all later tests.
   */
  run<T>(test: () => Promise<T>): Promise<T>;
  start(input: HoldInput): Promise<Hold>;
  readonly calls: StubCalls;
  readonly files: ReadonlyMap<string, StoredFile>;
  /** What the next uploads meet in place of success; `undefined` ends it. */
  failWith: ApplicationFailure | undefined;
  sha256: string;
  /** State in the answer to an upload. */
  uploaded: FileState;
  /** After this time, milliseconds, a PROCESSING file is ACTIVE. */
  processing: number;
  stateOf(file: StoredFile, now: number): FileState;
  /** Names of the files that exist. */
  existing(now: number): string[];
}

export async function heldProvider(
  env: TestWorkflowEnvironment,
  options: Partial<WorkerOptions> = {},
  before: { upload?: () => Promise<void>; check?: () => Promise<void>; delete?: () => Promise<void> } = {},
): Promise<HeldProvider> {
  const files = new Map<string, StoredFile>();
  // The server's clock, not this machine's.
  const now = () => Context.current().info.currentAttemptScheduledTimestampMs;
  const describe = (name: string, file: StoredFile) =>
    stubFile(name, {
      state: provider.stateOf(file, now()),
      sha256: provider.sha256,
      expirationTime: new Date(file.expiresAt).toISOString(),
    });
  const stubs = await stubWorker(
    env,
    {
      geminiFilesUpload: async ({ name }) => {
        await before.upload?.();
        if (provider.failWith) throw provider.failWith;
        const file = { expiresAt: now() + 2 * DAY, state: provider.uploaded, deleted: false, denied: false };
        files.set(name, file);
        return describe(name, file);
      },
      geminiFilesCheck: async ({ name }) => {
        await before.check?.();
        const file = files.get(name);
        if (!file || file.deleted || file.denied || file.expiresAt <= now())
          return { found: false, status: 403, message: 'no', otherKey: true };
        return { found: true, file: describe(name, file) };
      },
      geminiFilesDelete: async ({ name }) => {
        await before.delete?.();
        const file = files.get(name);
        if (file) file.deleted = true;
      },
    },
    options,
  );
  const started: Hold[] = [];
  const provider: HeldProvider = {
    calls: stubs.calls,
    taskQueue: stubs.taskQueue,
    run: (test) => {
      const endHolds = () => Promise.all(started.map(terminateIfOpen));
      const done = stubs.worker.runUntil(() => test().finally(endHolds));
      onTestFinished(async () => {
        // What a test that took too long still waits for ends by this.
        await endHolds();
        await unlockTime(env);
        await done.catch(() => {});
        // A sleep that the test waited for has hidden one lock.
        await unlockTime(env);
      });
      return done;
    },
    start: async (input) => {
      const hold = await startHold(env, stubs.taskQueue, input);
      started.push(hold);
      return hold;
    },
    files,
    failWith: undefined,
    sha256: 'ab'.repeat(32),
    uploaded: 'ACTIVE',
    processing: Infinity,
    stateOf: ({ state, expiresAt }, now) =>
      state === 'PROCESSING' && now >= expiresAt - 2 * DAY + provider.processing ? 'ACTIVE' : state,
    existing: (at) =>
      [...files].filter(([, file]) => !file.deleted && file.expiresAt > at).map(([name]) => name),
  };
  return provider;
}

export interface Hold {
  readonly holdId: string;
  readonly handle: WorkflowHandle<(input: HoldOptions) => Promise<HoldResult>>;
  status(): Promise<HoldStatus>;
  acquire(leaseId: string, time: AcquireHold['for'], replyTo?: string): Promise<void>;
  release(leaseId: string): Promise<void>;
  /** Polls the query until the answer is as wanted. Time does not skip meanwhile: what waits for a timer needs `env.sleep` or a signal. */
  until(wanted: (status: HoldStatus) => boolean): Promise<HoldStatus>;
}

const acquireHold: SignalDefinition<[AcquireHold]> = { type: 'signal', name: 'acquireHold' } as never;

type HoldInput = Partial<HoldOptions> & { readonly for: HoldOptions['for'] };

async function startHold(env: TestWorkflowEnvironment, taskQueue: string, input: HoldInput): Promise<Hold> {
  const holdId = `hold-${randomUUID()}`;
  await env.client.workflow.start('holdActiveFile', {
    taskQueue,
    workflowId: holdId,
    args: [{ path: 'clip.mp4', ...input }],
  });
  return attachHold(env, holdId);
}

async function terminateIfOpen({ handle }: Hold): Promise<void> {
  await handle.terminate().catch((error: unknown) => {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  });
}

/**
 * Time passes in `env.sleep` only. The client of a time-skipping environment lets it pass too while it waits for a result, and when the
 * run has ended, up to the end of all runs, which is ten years away.
 */
export function attachHold({ connection }: TestWorkflowEnvironment, holdId: string): Hold {
  const { workflow } = new Client({ connection });
  const handle = workflow.getHandle<(input: HoldOptions) => Promise<HoldResult>>(holdId);
  // A query of a workflow that gets no task any more is never answered.
  const status = () =>
    connection.withDeadline(Date.now() + QUERY_MS, () => handle.query<HoldStatus>('heldFile'));
  return {
    holdId,
    handle,
    status,
    acquire: (leaseId, time, replyTo) =>
      handle.signal(acquireHold, {
        leaseId,
        for: time,
        ...(replyTo !== undefined && { replyTo: { workflowId: replyTo } }),
      }),
    release: (leaseId) => handle.signal('releaseHold', { leaseId }),
    until: async (wanted) => {
      const deadline = Date.now() + 60_000;
      for (;;) {
        const now = await status();
        if (wanted(now)) return now;
        if (Date.now() > deadline) throw new Error(`not as wanted: ${JSON.stringify(now).slice(0, 2000)}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
  };
}

export const isHeld = ({ file }: HoldStatus) => file !== null;

/** The answers that a hold sent, from its history. */
export function sentAnswers(events: readonly HistoryEvent[]): HeldFileReady[] {
  return events.flatMap(({ signalExternalWorkflowExecutionInitiatedEventAttributes: signal }) => {
    const data = signal?.input?.payloads?.[0]?.data;
    return data ? [JSON.parse(Buffer.from(data).toString()) as HeldFileReady] : [];
  });
}

/** Concurrent calls, some at a time. */
export async function inBatches(count: number, call: (n: number) => Promise<void>): Promise<void> {
  for (let done = 0; done < count; done += 20)
    await Promise.all(Array.from({ length: Math.min(20, count - done) }, (_, n) => call(done + n)));
}
