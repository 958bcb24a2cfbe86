/** Trees of packages as package managers leave them. */

import { mkdir, mkdtemp, realpath, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { findPackage, findTemporalVersions, versionsProblem } from '../../src/cli/temporal-packages.js';

let root: string;
beforeEach(async () => void (root = await realpath(await mkdtemp(join(tmpdir(), 'gemini-files-tree-')))));
afterEach(() => rm(root, { recursive: true }));

/** Writes a manifest; the dependencies have any range. */
async function install(folder: string, name: string, version: string, ...dependencies: string[]) {
  const file = join(root, folder, 'package.json');
  await mkdir(dirname(file), { recursive: true });
  const ranges = Object.fromEntries(dependencies.map((dependency) => [`@temporalio/${dependency}`, '*']));
  await writeFile(file, JSON.stringify({ name, version, dependencies: ranges }));
}

const temporal = (folder: string, version: string, ...dependencies: string[]) =>
  install(folder, `@temporalio/${folder.split('/').at(-1)}`, version, ...dependencies);
const problem = (...folders: string[]) =>
  versionsProblem(findTemporalVersions(folders.map((one) => join(root, one))));

it('finds one version of all', async () => {
  await install('.', 'project', '1.0.0', 'worker', 'client');
  await temporal('node_modules/@temporalio/worker', '1.24.0', 'common');
  await temporal('node_modules/@temporalio/client', '1.24.0', 'common', 'not-installed');
  await temporal('node_modules/@temporalio/common', '1.24.0');
  expect(problem('.')).toBeUndefined();
});

it('finds a second version that only one package has beside it', async () => {
  await install('.', 'project', '1.0.0', 'worker', 'client');
  await temporal('node_modules/@temporalio/worker', '1.24.0', 'common');
  await temporal('node_modules/@temporalio/worker/node_modules/@temporalio/common', '1.24.0');
  await temporal('node_modules/@temporalio/client', '1.24.0', 'common');
  await temporal('node_modules/@temporalio/common', '1.23.1');
  expect(problem('.')).toBe(
    '@temporalio/client 1.24.0, @temporalio/common 1.23.1 and 1.24.0, @temporalio/worker 1.24.0',
  );
});

it('names a package of two versions, whichever was found first', () => {
  const both = (...versions: string[]) =>
    versionsProblem(new Map([['@temporalio/common', new Set(versions)]]));
  expect(both('1.24.0', '1.23.0')).toBe('@temporalio/common 1.23.0 and 1.24.0');
  expect(both('1.23.0', '1.24.0')).toBe('@temporalio/common 1.23.0 and 1.24.0');
});

it('finds one that only the project has, and one of another project that is named', async () => {
  await install('.', 'project', '1.0.0', 'workflow');
  await temporal('node_modules/@temporalio/workflow', '1.23.0');
  await install('node_modules/temporal-gemini-files', 'temporal-gemini-files', '0.2.0', 'worker');
  await temporal('node_modules/@temporalio/worker', '1.24.0');
  const own = 'node_modules/temporal-gemini-files';
  expect(problem(own)).toBeUndefined();
  expect(problem(own, '.')).toBe('@temporalio/worker 1.24.0, @temporalio/workflow 1.23.0');
});

it('follows links to where the package finds its own dependencies', async () => {
  await install('.', 'project', '1.0.0', 'client');
  await temporal('store/client/node_modules/@temporalio/client', '1.24.0', 'common');
  await temporal('store/client/node_modules/@temporalio/common', '1.23.0');
  await mkdir(join(root, 'node_modules/@temporalio'), { recursive: true });
  await symlink(
    join(root, 'store/client/node_modules/@temporalio/client'),
    join(root, 'node_modules/@temporalio/client'),
  );
  expect(problem('.')).toBe('@temporalio/client 1.24.0, @temporalio/common 1.23.0');
});

it('leaves out packages of that scope with versions of their own, circles, and folders without a manifest', async () => {
  await install('.', 'project', '1.0.0', 'worker', 'eslint-plugin');
  await temporal('node_modules/@temporalio/worker', '1.24.0', 'client');
  await temporal('node_modules/@temporalio/client', '1.24.0', 'worker');
  await temporal('node_modules/@temporalio/eslint-plugin', '0.3.0');
  expect(problem('.', 'nothing-here')).toBeUndefined();
});

it('finds a package that does not export its manifest', async () => {
  await install('.', 'project', '1.0.0');
  const folder = join(root, 'node_modules/hidden');
  await mkdir(join(folder, 'lib'), { recursive: true });
  await writeFile(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'hidden', version: '2.0.0', exports: './lib/index.js' }),
  );
  await writeFile(join(folder, 'lib/index.js'), '');
  expect(findPackage('hidden', root)).toEqual({
    folder,
    manifest: expect.objectContaining({ version: '2.0.0' }) as unknown,
  });
  expect(findPackage('missing', root)).toBeUndefined();
});

it('finds one version in this repository', () => {
  expect(versionsProblem(findTemporalVersions())).toBeUndefined();
  expect([...findTemporalVersions().keys()]).toContain('@temporalio/core-bridge');
});
