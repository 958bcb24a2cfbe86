/** One emulator and one worker for a test, and the outcome of a run. */

import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { GeminiFilesEmulator, type EmulatorOptions } from '../../src/testing/index.js';
import {
  GeminiFilesClient,
  type ActiveFile,
  type UploadHandle,
  type UploadProgress,
  type UploadSettings,
} from '../../src/client/index.js';
import type { TestFolder } from './files.js';
import { replayed, scheduled, type HistoryEvent } from './replay.js';
import { testWorker, type TestWorker, type TestWorkerOptions } from './worker.js';

export interface Scenario extends TestWorker, AsyncDisposable {
  readonly emulator: GeminiFilesEmulator;
}

/** Files stay PROCESSING until the test changes them, unless `emulated` has another outcome. */
export async function scenario(
  env: TestWorkflowEnvironment,
  folder: TestFolder,
  emulated: EmulatorOptions = {},
  options: TestWorkerOptions = {},
): Promise<Scenario> {
  const emulator = await GeminiFilesEmulator.start({ outcome: 'NEVER', ...emulated });
  const worker = await testWorker(env, {
    baseUrl: emulator.url,
    allowedRoots: [folder.path],
    ...options,
  });
  return { ...worker, emulator, [Symbol.asyncDispose]: () => emulator.close() };
}

/** Makes the file ACTIVE as soon as the answer to its upload has said PROCESSING. */
export async function activateOnceUploaded({ emulator }: Scenario): Promise<void> {
  await emulator.waitFor((requests) =>
    requests.some(({ operation, status }) => operation === 'upload' && status === 200),
  );
  emulator.activate(await uploadedName(emulator));
}

/** Quick checks, for files that are about to change. */
export const QUICK: UploadSettings = { pollInterval: '100ms', maxPollInterval: '100ms', jitter: 0 };

export interface Ended {
  readonly result: ActiveFile | undefined;
  readonly error: unknown;
  readonly status: string;
  /** The history, which was replayed. */
  readonly events: HistoryEvent[];
  readonly activities: string[];
}

/** Waits for the run's end; its history is replayed. Call it while the worker runs. */
export async function ended(env: TestWorkflowEnvironment, handle: UploadHandle): Promise<Ended> {
  const { result, error } = await handle.result().then(
    (result) => ({ result, error: undefined }),
    (error: unknown) => ({ result: undefined, error }),
  );
  const { status } = await handle.workflow.describe();
  const events = await replayed(env.client, handle.workflowId);
  return { result, error, status: status.name, events, activities: scheduled(events) };
}

/** Operations that the emulator has seen, in order. */
export function operations(emulator: GeminiFilesEmulator): string[] {
  return emulator.requests.map(({ operation }) => operation);
}

/** The run's progress once it sleeps before a check. */
export async function asleep(env: TestWorkflowEnvironment, handle: UploadHandle): Promise<UploadProgress> {
  for await (const at of new GeminiFilesClient(env.client).progress(handle, { intervalMs: 50 })) {
    if (at.nextCheckAt) return at;
  }
  throw new Error('it ended without a sleep');
}

/** The details of the run in the Web UI. */
export async function details({ workflow }: UploadHandle): Promise<string> {
  const metadata = await workflow.query<{ currentDetails: string }>('__temporal_workflow_metadata');
  return metadata.currentDetails;
}

/** The name of the one file there is, once its upload has ended. */
export async function uploadedName(emulator: GeminiFilesEmulator): Promise<string> {
  return emulator.waitFor(() => [...emulator.files.keys()][0]);
}

export const MODES: [string, TestWorkerOptions][] = [
  ['with a cache', {}],
  ['with maxCachedWorkflows: 0', { maxCachedWorkflows: 0 }],
];
