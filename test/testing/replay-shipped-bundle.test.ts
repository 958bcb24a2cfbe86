/** The recorded histories replay on the workflow bundle that the package ships, and not only on its sources. */

import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { replayHistories } from '../../src/testing/index.js';

const path = (relative: string) => fileURLToPath(new URL(relative, import.meta.url));
const recorded = path('../histories/');

it('replays them on the bundle that the package ships', async () => {
  const own = readdirSync(join(recorded, '0.1.0')).filter((file) => !/^(child|inline)/.test(file));
  const sources = own.map((file) => join(recorded, '0.1.0', file));
  const { replayed } = await replayHistories(sources, {
    workflowBundle: { codePath: path('../../dist/workflow-bundle.js') },
  });
  expect(replayed).toEqual(sources);
});
