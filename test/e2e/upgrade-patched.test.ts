/** The change of docs/changing-workflows.md: which version of the code replays the histories of which version. */

import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundle } from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  GeminiFilesEmulator,
  ReplayError,
  replayHistories,
  type NamedHistory,
  type ReplayFailure,
} from '../../src/testing/index.js';
import { GeminiFilesPlugin } from '../../src/worker/index.js';
import { testFolder, type TestFolder } from '../support/files.js';
import { scheduled } from '../support/replay.js';
import { sharedDevServer } from '../support/temporal.js';
import { testWorker } from '../support/worker.js';
import type { OwnActivities } from './patched/activities.js';

const VERSIONS = ['v1', 'v2-unpatched', 'v2', 'v3'] as const;
type Version = (typeof VERSIONS)[number];

let env: TestWorkflowEnvironment;
let folder: TestFolder;
let emulator: GeminiFilesEmulator;
const bundles = new Map<Version, WorkflowBundle>();
const histories = new Map<Version, NamedHistory>();

beforeAll(async () => {
  env = await sharedDevServer();
  folder = await testFolder();
  await folder.file('notes.txt', 1000);
  emulator = await GeminiFilesEmulator.start();
  for (const version of VERSIONS) {
    const workflowsPath = fileURLToPath(new URL(`patched/${version}.ts`, import.meta.url));
    bundles.set(version, await bundleWorkflowCode({ workflowsPath, logger: new DefaultLogger('WARN') }));
  }
  for (const version of ['v1', 'v2', 'v3'] as const) histories.set(version, await recorded(version));
});
afterAll(async () => {
  await env.teardown();
  await emulator.close();
  await folder[Symbol.asyncDispose]();
});

const bundle = (version: Version) => bundles.get(version) as WorkflowBundle;
const history = (version: Version) => histories.get(version) as NamedHistory;

/** The history of a run of this version. */
async function recorded(version: Version): Promise<NamedHistory> {
  const taskQueue = `patched-${version}-${randomUUID()}`;
  const activities: OwnActivities = {
    describe: () => Promise.resolve('A text.'),
    announce: () => Promise.resolve(),
  };
  const plugin = new GeminiFilesPlugin({
    baseUrl: emulator.url,
    apiKey: 'test-key',
    allowedRoots: [folder.path],
  });
  const { worker } = await testWorker(env, {
    taskQueue,
    workflowBundle: bundle(version),
    activities: { ...activities },
    plugins: [plugin],
  });
  const options = { taskQueue, workflowId: taskQueue, args: ['notes.txt'] };
  const result: unknown = await worker.runUntil(env.client.workflow.execute('describeVideo', options));
  expect(result).toBe('A text.');
  return { name: version, history: await env.client.workflow.getHandle(taskQueue).fetchHistory() };
}

/** The histories that do not replay on the code of `version`. */
async function failures(version: Version, ...of: Version[]): Promise<readonly ReplayFailure[]> {
  try {
    await replayHistories(of.map(history), { workflowBundle: bundle(version) });
    return [];
  } catch (error) {
    if (error instanceof ReplayError) return error.failures;
    throw error;
  }
}

describe('a change of workflow code under open runs', () => {
  it('announces in new runs alone', () => {
    const activities = (version: Version) => scheduled(history(version).history.events ?? []);
    expect(activities('v1')).toEqual(['geminiFilesUpload', 'describe']);
    expect(activities('v2')).toEqual(['geminiFilesUpload', 'announce', 'describe']);
  });

  it('breaks the open runs if it is made without patched', async () => {
    expect(await failures('v2-unpatched', 'v1')).toMatchObject([{ name: 'v1', nondeterministic: true }]);
  });

  it('replays old and new histories with patched', async () => {
    expect(await failures('v2', 'v1', 'v2')).toEqual([]);
  });

  it('has no way back once new runs have begun', async () => {
    expect(await failures('v1', 'v2')).toMatchObject([{ name: 'v2', nondeterministic: true }]);
  });

  it('drops the old way by deprecatePatch, once no old run is left', async () => {
    expect(await failures('v3', 'v2', 'v3')).toEqual([]);
    expect(await failures('v3', 'v1')).toMatchObject([{ name: 'v1', nondeterministic: true }]);
  });

  it('is plain code in the end, once no run with the mark is left but deprecated ones', async () => {
    expect(await failures('v2-unpatched', 'v3')).toEqual([]);
    expect(await failures('v2-unpatched', 'v2')).toMatchObject([{ name: 'v2', nondeterministic: true }]);
  });
});
