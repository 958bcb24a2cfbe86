/** Real Temporal servers for tests: the dev server, and the time-skipping test server. */

import { mkdtemp, readFile, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime, type RuntimeOptions } from '@temporalio/worker';
import { afterAll, inject } from 'vitest';

let installed = false;

/** Quiet, and signals are the test runner's. Once a process. */
function installRuntime(options?: RuntimeOptions): void {
  if (installed && options)
    throw new Error(
      'This process has a runtime already: the test belongs in OWN_PROCESS of vitest.config.ts',
    );
  if (installed) return;
  installed = true;
  Runtime.install({
    logger: new DefaultLogger('ERROR'),
    telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' } } },
    shutdownSignals: [],
    ...options,
  });
}

/**
 * Temporal's dev server, on a port of its own; end it with `teardown`.
 *
 * @param runtime - for tests of what the SDK logs and measures
 * @param dynamicConfig - values for the server, by key
 * @param port - in place of one that is free
 */
export async function devServer(
  runtime?: RuntimeOptions,
  dynamicConfig: Readonly<Record<string, number | string | boolean>> = {},
  port?: number,
): Promise<TestWorkflowEnvironment> {
  installRuntime(runtime);
  const extraArgs = Object.entries(dynamicConfig).flatMap(([key, value]) => [
    '--dynamic-config-value',
    `${key}=${JSON.stringify(value)}`,
  ]);
  return TestWorkflowEnvironment.createLocal({
    server: {
      executable: { type: 'existing-path', path: inject('temporalCli') },
      extraArgs,
      ...(port !== undefined && { port }),
    },
  });
}

/** The same for all tests of a file, which ends it. */
export const useDevServer: typeof devServer = async (...options) => ended(await devServer(...options));

/**
 * The dev server that all test files share: a test of its own queues and workflow ids needs no other one. A test that sweeps all runs,
 * polls the package's default queue, or puts much load on the server starts its own. `teardown` closes the connections.
 */
export async function sharedDevServer(): Promise<TestWorkflowEnvironment> {
  installRuntime();
  return TestWorkflowEnvironment.createFromExistingServer({ address: inject('devServer') });
}

/** The same for all tests of a file. */
export const useSharedDevServer: typeof sharedDevServer = async () => ended(await sharedDevServer());

/** The test server, on which time passes in leaps while nothing runs; end it with `teardown`. */
export async function timeSkippingServer(): Promise<TestWorkflowEnvironment> {
  installRuntime();
  return TestWorkflowEnvironment.createTimeSkipping({
    server: { executable: { type: 'existing-path', path: inject('testServer') } },
  });
}

/** The same for all tests of a file, which ends it. */
export const useTimeSkippingServer: typeof timeSkippingServer = async () => ended(await timeSkippingServer());

/**
 * Makes a folder for temporary files in which the SDK finds the test server as one that it has downloaded before: for programs of users, which
 * name none. @returns the folder's path
 */
export async function downloadedTestServer(parent: string): Promise<string> {
  const folder = await mkdtemp(join(parent, 'tmp-'));
  const manifest = createRequire(import.meta.url).resolve('@temporalio/testing/package.json');
  const { version } = JSON.parse(await readFile(manifest, 'utf8')) as { version: string };
  await symlink(inject('testServer'), join(folder, `temporal-test-server-sdk-typescript-${version}`));
  return folder;
}

/** Time that skips passes in a moment, also under load; time that is locked passes as it does here. */
const PROBE_MS = 5000;

/**
 * Lets time skip again for the next test. Temporal's test server keeps it locked for a task that nobody completes any more: one of a
 * workflow that was terminated, or one whose completion it refused because a timer of the workflow fired meanwhile
 * (temporalio/sdk-java#3088).
 */
export async function unlockTime({
  supportsTimeSkipping,
  connection,
  sleep,
}: TestWorkflowEnvironment): Promise<void> {
  if (!supportsTimeSkipping) return;
  for (;;) {
    const begin = performance.now();
    await sleep(PROBE_MS);
    if (performance.now() - begin < PROBE_MS / 2) return;
    await connection.testService?.unlockTimeSkipping({});
  }
}

function ended(env: TestWorkflowEnvironment): TestWorkflowEnvironment {
  afterAll(() => env.teardown());
  return env;
}
