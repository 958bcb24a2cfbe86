/** A user's own worker: their workflows, and the package's activities by its plugin. */

import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundle } from '@temporalio/worker';
import type { EmulatorOptions, GeminiFilesEmulator } from '../../src/testing/index.js';
import type { TestFolder } from './files.js';
import { replayed, scheduled } from './replay.js';
import { scenario } from './scenario.js';
import type { TestWorkerOptions } from './worker.js';

/** Workflows of users, in a file of `test/workflow/fixtures`. */
export function fixturePath(name: string): string {
  return fileURLToPath(new URL(`../workflow/fixtures/${name}`, import.meta.url));
}

export function bundleFixture(name: string): Promise<WorkflowBundle> {
  return bundleWorkflowCode({ workflowsPath: fixturePath(name), logger: new DefaultLogger('WARN') });
}

export const bundleEmbedding = () => bundleFixture('embedding.ts');

export interface UserRun {
  readonly workflowId: string;
  readonly value: unknown;
  readonly error: unknown;
  readonly status: string;
  /** Activities that the history has, which was replayed. */
  readonly activities: string[];
}

export interface UserWorker extends AsyncDisposable {
  readonly emulator: GeminiFilesEmulator;
  readonly taskQueue: string;
  /** Runs the workflow to its end while the worker runs; `meanwhile` gets its id. */
  run(type: string, args: unknown[], meanwhile?: (workflowId: string) => Promise<void>): Promise<UserRun>;
}

export async function userWorker(
  env: TestWorkflowEnvironment,
  folder: TestFolder,
  workflowBundle: WorkflowBundle,
  emulated: EmulatorOptions = {},
  options: TestWorkerOptions = {},
): Promise<UserWorker> {
  const at = await scenario(env, folder, emulated, { workflowBundle, ...options });
  const { taskQueue } = at;
  const run: UserWorker['run'] = (type, args, meanwhile) =>
    at.run(async () => {
      const workflowId = randomUUID();
      const handle = await env.client.workflow.start(type, { taskQueue, workflowId, args });
      await meanwhile?.(workflowId);
      const { value, error } = await handle.result().then(
        (value: unknown) => ({ value, error: undefined }),
        (error: unknown) => ({ value: undefined, error }),
      );
      const { status } = await handle.describe();
      const events = await replayed(env.client, workflowId, undefined, { workflowBundle });
      return { workflowId, value, error, status: status.name, activities: scheduled(events) };
    });
  return { ...at, run };
}
