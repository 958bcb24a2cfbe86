// npm run test:installs: packs the package, installs the tarball by the README's line with each package manager, and tries what
// people try first. Prints a table; exits 1 if a row fails. Needs npm's registry. Arguments name the rows to run.
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The README's line, in the versions that run on Node.js 20. */
const PACKAGES = ['@google/genai@2', '@temporalio/client', '@temporalio/worker', '@temporalio/workflow'];
const TYPES = ['typescript@5.9', '@types/node@20'];

/** npm, when it runs this script, tells its children of this repository's folder. */
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !/^npm_/i.test(name)));
const run = async (cwd, command, ...args) =>
  (await promisify(execFile)(command, args, { cwd, env, maxBuffer: 64 * 1024 * 1024 })).stdout;

const LOAD = `
  await import('temporal-gemini-files');
  await import('temporal-gemini-files/worker');
  await import('temporal-gemini-files/testing');
  await import('temporal-gemini-files/gemini');
  console.log('loaded');`;
const node = (folder, ...args) => run(folder, process.execPath, ...args);
const loads = (folder) => node(folder, '--input-type=module', '-e', LOAD);
const cli = (folder, ...args) => node(folder, 'node_modules/temporal-gemini-files/dist/cli/main.js', ...args);

async function installed(folder, command, ...args) {
  await run(folder, command, ...args);
  await loads(folder);
  await cli(folder, '--version');
}

/** What each row does in a folder of its own; a throw is a failure. */
const ROWS = {
  npm: (folder, tarball) => installed(folder, 'npm', 'install', tarball, ...PACKAGES),
  'npm --legacy-peer-deps': (folder, tarball) =>
    installed(folder, 'npm', 'install', '--legacy-peer-deps', tarball, ...PACKAGES),
  pnpm: (folder, tarball) => installed(folder, 'npx', '-y', 'pnpm@10', 'add', tarball, ...PACKAGES),
  yarn: async (folder, tarball) => {
    await writeFile(
      join(folder, '.yarnrc.yml'),
      'nodeLinker: node-modules\nenableImmutableInstalls: false\n',
    );
    await writeFile(join(folder, 'yarn.lock'), '');
    const packages = [`temporal-gemini-files@file:${tarball}`, ...PACKAGES];
    await installed(folder, 'npx', '-y', '@yarnpkg/cli-dist@4', 'add', ...packages);
  },
  'no Gemini SDK': async (folder, tarball) => {
    await run(folder, 'npm', 'install', tarball, ...PACKAGES.slice(1));
    await writeFile(join(folder, 'notes.txt'), 'words');
    const said = await cli(folder, 'upload', 'notes.txt').catch((error) => error.stderr);
    if (!said.includes('npx -p temporal-gemini-files -p @google/genai')) throw new Error(said);
  },
  'types, moduleResolution node': async (folder, tarball) => {
    await run(folder, 'npm', 'install', tarball, ...PACKAGES, ...TYPES);
    await writeFile(
      join(folder, 'main.ts'),
      `import { GeminiFilesClient } from 'temporal-gemini-files';
       import { GeminiFilesPlugin } from 'temporal-gemini-files/worker';
       import { waitActive } from 'temporal-gemini-files/workflow';
       import { GeminiFilesEmulator } from 'temporal-gemini-files/testing';
       import { uploadFile } from 'temporal-gemini-files/gemini';
       export const all = [GeminiFilesClient, GeminiFilesPlugin, waitActive, GeminiFilesEmulator, uploadFile];`,
    );
    const options = ['--module', 'commonjs', '--moduleResolution', 'node', '--target', 'es2022', '--strict'];
    await node(folder, 'node_modules/typescript/bin/tsc', ...options, '--skipLibCheck', 'main.ts');
    await node(folder, 'main.js');
  },
  jest: async (folder, tarball) => {
    await run(folder, 'npm', 'install', tarball, ...PACKAGES, 'jest@29');
    await writeFile(
      join(folder, 'files.test.js'),
      `test('the emulator starts', async () => {
         const { GeminiFilesEmulator } = await import('temporal-gemini-files/testing');
         const { GeminiFilesClient } = await import('temporal-gemini-files');
         const emulator = await GeminiFilesEmulator.start();
         expect(emulator.url).toMatch(/^http/);
         expect(typeof GeminiFilesClient).toBe('function');
         await emulator.close();
       });`,
    );
    await node(folder, '--experimental-vm-modules', 'node_modules/jest/bin/jest.js');
  },
};

const wanted = process.argv.slice(2);
const parent = await mkdtemp(join(tmpdir(), 'gemini-files-installs-'));
try {
  const packed = await run(root, 'npm', 'pack', '--json', '--ignore-scripts', '--pack-destination', parent);
  const tarball = join(parent, JSON.parse(packed)[0].filename);
  for (const [index, [name, work]] of Object.entries(ROWS).entries()) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    const folder = join(parent, `row-${index}`);
    await mkdir(folder);
    await writeFile(join(folder, 'package.json'), JSON.stringify({ name: 'consumer', private: true }));
    const outcome = await work(folder, tarball).then(
      () => 'works',
      (error) => `FAILS\n${error.stdout ?? ''}${error.stderr ?? error.message}`,
    );
    process.stdout.write(`${name.padEnd(30)}${outcome}\n`);
    if (outcome !== 'works') process.exitCode = 1;
  }
} finally {
  await rm(parent, { recursive: true, force: true });
}
