/** Runs that leave a file behind, and the sweep that looks for them. */

import { randomUUID } from 'node:crypto';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { expect } from 'vitest';
import {
  WORKFLOW,
  type SweepOptions,
  type SweepResult,
  type UploadHandle,
  type UploadSettings,
} from '../../src/client/index.js';
import { runsOf } from './replay.js';
import { resetRun } from './reset.js';
import { asleep, type Scenario } from './scenario.js';

/** A list filter for the runs of this test alone. */
export const runsOfTest = ({ taskQueue }: Pick<Scenario, 'taskQueue'>) => `TaskQueue = '${taskQueue}'`;

/** Sweeps the runs of this test, also those that have just ended. Call it while the worker runs. */
export async function sweep(
  env: Pick<TestWorkflowEnvironment, 'client'>,
  at: Pick<Scenario, 'taskQueue'>,
  options: SweepOptions = {},
): Promise<SweepResult> {
  return env.client.workflow.execute<(input: SweepOptions) => Promise<SweepResult>>(
    WORKFLOW.sweepAbandonedFiles,
    {
      taskQueue: at.taskQueue,
      workflowId: `sweep-${randomUUID()}`,
      args: [{ olderThan: 0, query: runsOfTest(at), ...options }],
    },
  );
}

export interface WaitingRun {
  readonly handle: UploadHandle;
  readonly workflowId: string;
  readonly runId: string;
  /** `files/<id>` */
  readonly name: string;
}

/**
 * Starts an upload, and returns once the run has checked its file. It checks next after ten
 * seconds, or on `handle.checkNow()`. Call it while the worker runs.
 */
export async function startWaiting(
  at: Pick<Scenario, 'client' | 'emulator'>,
  path: string,
  workflowId: string = randomUUID(),
): Promise<WaitingRun> {
  const settings: UploadSettings = {
    timeout: '24h',
    pollInterval: '100ms',
    backoffCoefficient: 100,
    maxPollInterval: '1h',
    jitter: 0,
  };
  const handle = await at.client.start(path, settings, { workflowId });
  const { id: name } = await handle.status();
  await at.emulator.waitFor((requests) =>
    requests.some(({ operation, file }) => operation === 'get' && file === name),
  );
  const { runId } = await handle.workflow.describe();
  return { handle, workflowId, runId, name };
}

/** Resets a waiting run, and lets its successor complete with the same file. */
export async function completeAfterReset(
  env: Pick<TestWorkflowEnvironment, 'client'>,
  at: Pick<Scenario, 'client' | 'emulator'>,
  { workflowId, name }: WaitingRun,
): Promise<void> {
  await resetRun(env.client, workflowId);
  at.emulator.activate(name);
  const resumed = at.client.attach(workflowId);
  await resumed.checkNow();
  await resumed.result();
}

/** Only `checkNow` ends such a sleep within the time of a test. */
export const HOURLY = { pollInterval: '1h', maxPollInterval: '1h', timeout: '24h', jitter: 0 } as const;

/**
 * Makes a run that is `HOURLY` check its file until it continues as new, and returns while the next run sleeps before its
 * first check. The server has to suggest it early: `limit.historyCount.suggestContinueAsNew`.
 */
export async function continueAsNew(env: TestWorkflowEnvironment, handle: UploadHandle): Promise<void> {
  let { nextCheckAt } = await asleep(env, handle);
  while ((await runsOf(env.client, handle.workflowId)).length === 1) {
    await handle.checkNow();
    const before = nextCheckAt;
    const sleepsAgain = async () => {
      ({ nextCheckAt } = await handle.status());
      return nextCheckAt !== null && nextCheckAt !== before;
    };
    await expect.poll(sleepsAgain, { interval: 20 }).toBe(true);
  }
}

/** Terminates the latest run of the workflow id, and waits until the list of runs has it as terminated. */
export async function terminate(env: TestWorkflowEnvironment, workflowId: string): Promise<void> {
  const handle = env.client.workflow.getHandle(workflowId);
  const { runId } = await handle.describe();
  await handle.terminate('lost');
  await untilListed(env, `RunId = '${runId}' AND ExecutionStatus = 'Terminated'`);
}

/** Waits until the list of runs, which is eventually consistent, has `count` runs that match. */
export async function untilListed(env: TestWorkflowEnvironment, query: string, count = 1): Promise<void> {
  const listed = async () => (await env.client.workflow.count(query)).count;
  await expect.poll(listed, { interval: 20 }).toBe(count);
}
