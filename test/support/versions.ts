/** Workers of the last recorded version and of the current code, for tests of a rolling deployment. */

import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { NativeConnection } from '@temporalio/worker';
import type { TestFolder } from './files.js';
import { testWorker, type TestWorkerOptions } from './worker.js';

export type Version = 'recorded' | 'current';

export interface Versions {
  /** Paths of the workflow bundles. */
  readonly bundles: Readonly<Record<Version, string>>;
  /**
   * Starts a worker without a cache, so that each workflow task replays the whole history. Its identity is the version.
   *
   * @param options - `activities` in place of the package's, as they are now
   * @returns what stops it
   */
  readonly start: (
    version: Version,
    taskQueue: string,
    baseUrl: string,
    options?: Pick<TestWorkerOptions, 'activities'>,
  ) => Promise<() => Promise<void>>;
}

/** @param folder - where the recorded bundle is unpacked, and what workers may read */
export async function versions(env: TestWorkflowEnvironment, folder: TestFolder): Promise<Versions> {
  const archive = fileURLToPath(new URL('../e2e/bundles/', import.meta.url));
  const byVersion = new Intl.Collator('en', { numeric: true });
  const [last = ''] = readdirSync(archive).sort((a, b) => byVersion.compare(b, a));
  const bundles = {
    recorded: join(folder.path, 'recorded-bundle.js'),
    current: fileURLToPath(new URL('../../dist/workflow-bundle.js', import.meta.url)),
  };
  await writeFile(bundles.recorded, gunzipSync(readFileSync(join(archive, last))));
  return {
    bundles,
    start: async (version, taskQueue, baseUrl, options) => {
      // Temporal's SDK takes one worker a task queue on a connection.
      const connection = await NativeConnection.connect({ address: env.address });
      const { worker } = await testWorker(env, {
        connection,
        taskQueue,
        identity: version,
        maxCachedWorkflows: 0,
        workflowBundle: { codePath: bundles[version] },
        baseUrl,
        allowedRoots: [folder.path],
        ...options,
      });
      const done = worker.run();
      return async () => {
        worker.shutdown();
        await done;
        await connection.close();
      };
    },
  };
}
