/** Workflows with activities that send nothing, so that a test can skip time. */

import type { TestWorkflowEnvironment } from '@temporalio/testing';
import type { GeminiFilesActivities } from '../../src/contract/activities.js';
import type { GeminiFile } from '../../src/contract/file.js';
import { ACTIVITY } from '../../src/contract/names.js';
import { testWorker, type TestWorker, type TestWorkerOptions } from './worker.js';

/** As an upload's answer has it, still PROCESSING. */
export function stubFile(name: string, more: Partial<GeminiFile> = {}): GeminiFile {
  return {
    name,
    uri: `https://example.invalid/v1beta/${name}`,
    state: 'PROCESSING',
    mimeType: 'video/mp4',
    sizeBytes: 5,
    sha256: 'ab'.repeat(32),
    displayName: 'clip.mp4',
    createTime: '2026-01-01T00:00:00Z',
    updateTime: '2026-01-01T00:00:00Z',
    expirationTime: '2026-01-03T00:00:00Z',
    ...more,
  };
}

export interface StubCalls {
  readonly uploads: string[];
  readonly checks: string[];
  readonly deletes: string[];
}

/** Records the names in the calls. `activities` replace the stubs, which leave a file PROCESSING. */
export async function stubWorker(
  env: TestWorkflowEnvironment,
  activities: Partial<GeminiFilesActivities> = {},
  options: TestWorkerOptions = {},
): Promise<TestWorker & { readonly calls: StubCalls }> {
  const calls: StubCalls = { uploads: [], checks: [], deletes: [] };
  const stubs: GeminiFilesActivities = {
    geminiFilesUpload: ({ name }) => Promise.resolve(stubFile(name)),
    geminiFilesCheck: ({ name }) => Promise.resolve({ found: true, file: stubFile(name) }),
    geminiFilesDelete: () => Promise.resolve(),
    ...activities,
  };
  const recording: GeminiFilesActivities = {
    [ACTIVITY.upload]: (input) => (calls.uploads.push(input.name), stubs.geminiFilesUpload(input)),
    [ACTIVITY.check]: (input) => (calls.checks.push(input.name), stubs.geminiFilesCheck(input)),
    [ACTIVITY.delete]: (input) => (calls.deletes.push(input.name), stubs.geminiFilesDelete(input)),
  };
  return { ...(await testWorker(env, { activities: recording, ...options })), calls };
}
