/** Brings what the tests run against: Temporal's CLI (dev server) and its time-skipping test server, both pinned by hash. */

import { existsSync } from 'node:fs';
import type { TestProject } from 'vitest/node';
import { findTemporalCli } from '../../src/cli/temporal-cli/index.js';

declare module 'vitest' {
  interface ProvidedContext {
    temporalCli: string;
    testServer: string;
  }
}

export default async function setup(project: TestProject): Promise<void> {
  if (!existsSync(new URL('../../dist/workflow-bundle.js', import.meta.url))) {
    throw new Error('The tests run against the build: npm run build');
  }
  const { path } = await findTemporalCli({ onProgress: (line) => console.log(line) });
  project.provide('temporalCli', path);
  // Part of the build, which is only now known to be there.
  const { installTestServer } = await import('../../scripts/test-server.js');
  project.provide('testServer', await installTestServer());
}
