/** Which Temporal servers are asked before a file is deleted. */

import { mkdtempSync, rmSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, it, vi } from 'vitest';
import { newDatabase, stateDirectory } from '../../src/cli/dev-server/state-folder.js';
import { serversToAsk } from '../../src/cli/file-uses.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'gemini-files-uses-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

beforeEach(() => {
  for (const name of Object.keys(process.env).filter((each) => each.startsWith('TEMPORAL_')))
    vi.stubEnv(name, undefined);
  vi.stubEnv('TEMPORAL_CONFIG_FILE', join(folder, 'none.toml'));
  vi.stubEnv('XDG_STATE_HOME', join(folder, 'none'));
});

const addressesOf = async (listensAt: (address: string) => Promise<boolean>, flags = {}) =>
  (await serversToAsk(flags, listensAt)).map((target) => target?.address ?? 'embedded');
const always = () => Promise.resolve(true);
const never = () => Promise.resolve(false);

it('the configured one alone', async () => {
  const listensAt = vi.fn(always);
  expect(await addressesOf(listensAt, { address: 'mine:7233' })).toEqual(['mine:7233']);
  expect(listensAt).not.toHaveBeenCalled();
});

it('without a configuration that at localhost:7233 too, where programs and `worker` have their runs', async () => {
  expect(await addressesOf(always)).toEqual(['localhost:7233']);
  expect(await addressesOf(never)).toEqual([]);
});

it('the embedded one if it has ever had a run', async () => {
  vi.stubEnv('XDG_STATE_HOME', join(folder, 'state'));
  await mkdir(stateDirectory(), { recursive: true });
  await writeFile(newDatabase(stateDirectory()), '');
  expect(await addressesOf(never)).toEqual(['embedded']);
  expect(await addressesOf(always)).toEqual(['embedded', 'localhost:7233']);
});
