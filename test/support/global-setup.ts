/** Installs what the tests run against, pinned by hash: Temporal's CLI and its time-skipping test server. Starts the dev server that tests share. */

import { existsSync } from 'node:fs';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { DefaultLogger, Runtime } from '@temporalio/worker';
import type { TestProject } from 'vitest/node';
import { findTemporalCli } from '../../src/cli/temporal-cli/index.js';

declare module 'vitest' {
  interface ProvidedContext {
    temporalCli: string;
    testServer: string;
    /** `host:port` of the dev server that tests share. */
    devServer: string;
  }
}

interface Shared {
  readonly temporalCli: string;
  readonly testServer: string;
  readonly devServer: TestWorkflowEnvironment;
}

// Vitest runs this file once for each project, each time as a module of its own.
const here = globalThis as { temporalForTests?: Promise<Shared> };

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  if (!existsSync(new URL('../../dist/workflow-bundle.js', import.meta.url))) {
    throw new Error('The tests run against the build: npm run build');
  }
  const isFirst = here.temporalForTests === undefined;
  const { temporalCli, testServer, devServer } = await (here.temporalForTests ??= start());
  project.provide('temporalCli', temporalCli);
  project.provide('testServer', testServer);
  project.provide('devServer', devServer.address);
  return async () => {
    if (isFirst) await devServer.teardown();
  };
}

async function start(): Promise<Shared> {
  const { path } = await findTemporalCli({ onProgress: (line) => console.log(line) });
  // Part of the build, which is only now known to be there.
  const { installTestServer } = await import('../../scripts/test-server.js');
  const testServer = await installTestServer();
  Runtime.install({ logger: new DefaultLogger('ERROR'), shutdownSignals: [] });
  const executable = { type: 'existing-path', path } as const;
  const devServer = await TestWorkflowEnvironment.createLocal({ server: { executable } });
  return { temporalCli: path, testServer, devServer };
}
