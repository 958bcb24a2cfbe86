/** Tools between a user's code and Node.js: bundlers, loaders, test runners. */
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { cleanEnv } from '../run-bounded.js';
import { expectText, locked, README_LINE } from '../project.js';
import { TYPES } from './types.js';

const WORKER = `
  import { GeminiFilesPlugin, createGeminiFilesWorker } from 'temporal-gemini-files/worker';
  import { GeminiFilesClient } from 'temporal-gemini-files';
  import { GeminiFilesEmulator } from 'temporal-gemini-files/testing';
  (async () => {
    new GeminiFilesPlugin({ apiKey: 'a-key' });
    const emulator = await GeminiFilesEmulator.start();
    const answer = await fetch(emulator.url + '/v1beta/files', { headers: { 'x-goog-api-key': 'any' } });
    await emulator.close();
    const refusal = await createGeminiFilesWorker({ apiKey: 'a-key', connection: {} }).catch((error) => error);
    console.log('status', answer.status, typeof GeminiFilesClient, refusal.name, refusal.message);
  })();`;

const TEST = `
  async function load() {
    const { GeminiFilesEmulator } = await import('temporal-gemini-files/testing');
    const { GeminiFilesClient } = await import('temporal-gemini-files');
    return { GeminiFilesEmulator, GeminiFilesClient };
  }
  test('the emulator starts', async () => {
    const { GeminiFilesEmulator, GeminiFilesClient } = await load();
    const emulator = await GeminiFilesEmulator.start();
    expect(emulator.url).toMatch(/^http/);
    expect(typeof GeminiFilesClient).toBe('function');
    await emulator.close();
  });`;

/** An ES module has no \`require\`, which some packages in the bundle call. */
const REQUIRE =
  "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);";

const bundle = (format) => ({
  name: `esbuild to one file, ${format === 'esm' ? 'ESM' : 'CommonJS'}`,
  fast: true,
  async run({ shared }) {
    const project = await shared();
    await project.write('src/bundled.mjs', WORKER);
    const file = `bundled.${format === 'esm' ? 'mjs' : 'cjs'}`;
    const options = [
      '--bundle',
      '--platform=node',
      `--format=${format}`,
      `--outfile=${file}`,
      '--log-level=error',
    ];
    const native = ['--external:@temporalio/*', '--external:@google/genai'];
    const banner = format === 'esm' ? [`--banner:js=${REQUIRE}`] : [];
    // esbuild's own file is a program, not a script of Node.js.
    await project.run(['node_modules/.bin/esbuild', 'src/bundled.mjs', ...options, ...native, ...banner]);
    const said = await project.nodeRun([file]);
    expectText(said, 'status 200 function MissingDependencyError', '--external:temporal-gemini-files');
    return 'client, plugin and emulator work; `createGeminiFilesWorker` says what it needs';
  },
});

const jest = (version, esm) => ({
  name: `Jest ${version}, ${esm ? 'ESM' : 'CommonJS'}`,
  async run({ newProject, tarball }) {
    const project = await newProject(esm ? { type: 'module' } : {});
    await project.npmInstall(tarball, ...README_LINE, `jest@${version}`);
    await project.write('files.test.js', TEST);
    await project.nodeRun(['--experimental-vm-modules', 'node_modules/jest/bin/jest.js']);
    return '`--experimental-vm-modules`';
  },
});

export const tools = [
  bundle('cjs'),
  bundle('esm'),
  jest(29, false),
  jest(30, false),
  jest(30, true),
  {
    name: 'ts-jest',
    async run({ project, tarball }) {
      await project.npmInstall(
        tarball,
        ...README_LINE,
        'jest@29',
        'ts-jest@29',
        '@types/jest@29',
        locked('typescript'),
        ...TYPES,
      );
      await project.write('files.test.ts', TEST);
      await project.write('jest.config.js', "module.exports = { preset: 'ts-jest' };");
      await project.write(
        'tsconfig.json',
        JSON.stringify({
          compilerOptions: {
            module: 'nodenext',
            isolatedModules: true,
            target: 'es2022',
            strict: true,
            skipLibCheck: true,
          },
        }),
      );
      await project.nodeRun(['--experimental-vm-modules', 'node_modules/jest/bin/jest.js']);
      return '`module: nodenext`, `isolatedModules: true`, `--experimental-vm-modules`';
    },
  },
  {
    name: 'ts-node, CommonJS',
    async run({ project, tarball }) {
      await project.npmInstall(tarball, ...README_LINE, 'ts-node@10', locked('typescript'), ...TYPES);
      await project.write(
        'tsconfig.json',
        JSON.stringify({
          compilerOptions: { module: 'nodenext', target: 'es2022', strict: true, skipLibCheck: true },
        }),
      );
      await project.write('main.ts', TS_PROGRAM);
      expectText(await project.bin('ts-node', ['main.ts']), 'emulator http');
    },
  },
  {
    name: 'tsx',
    async run({ project, tarball }) {
      await project.npmInstall(tarball, ...README_LINE, 'tsx@4');
      await project.write('main.ts', TS_PROGRAM);
      expectText(await project.bin('tsx', ['main.ts']), 'emulator http');
    },
  },
  {
    name: 'Next.js route',
    async run({ project, tarball }) {
      await project.npmInstall(tarball, ...README_LINE, 'next@15', 'react@19', 'react-dom@19');
      await project.write(
        'app/layout.js',
        'export default ({ children }) => <html><body>{children}</body></html>;',
      );
      await project.write('app/page.js', 'export default () => null;');
      await project.write(
        'app/files/route.js',
        `${ROUTE_IMPORTS}
        export const dynamic = 'force-dynamic';
        export const GET = () => Response.json(names);`,
      );
      const external = ['temporal-gemini-files', '@temporalio/client', '@temporalio/worker'];
      await project.write(
        'next.config.mjs',
        `export default { serverExternalPackages: ${JSON.stringify(external)} };`,
      );
      const env = { NEXT_TELEMETRY_DISABLED: '1' };
      await project.nodeRun(['node_modules/next/dist/bin/next', 'build'], { env });
      expectText(
        await serve(project, ['node_modules/next/dist/bin/next', 'start', '-H', '127.0.0.1'], '/files'),
        'GeminiFilesClient',
      );
      return `Next.js ${await project.versionOf('next')}, \`serverExternalPackages\``;
    },
  },
  {
    name: 'Nitro route',
    async run({ project, tarball }) {
      await project.npmInstall(tarball, ...README_LINE, 'nitropack@2');
      await project.write(
        'nitro.config.ts',
        "export default { compatibilityDate: '2026-01-01', preset: 'node-server', srcDir: '.' };",
      );
      await project.write(
        'routes/files.js',
        `${ROUTE_IMPORTS}
        export default defineEventHandler(() => names);`,
      );
      await project.nodeRun(['node_modules/nitropack/dist/cli/index.mjs', 'build']);
      expectText(await serve(project, ['.output/server/index.mjs'], '/files'), 'GeminiFilesClient');
      return `Nitro ${await project.versionOf('nitropack')}`;
    },
  },
  {
    name: 'Vitest',
    async run({ newProject, tarball }) {
      const project = await newProject({ type: 'module' });
      await project.npmInstall(tarball, ...README_LINE, locked('vitest'));
      await project.write('files.test.js', `import { expect, test } from 'vitest';\n${TEST}`);
      await project.nodeRun(['node_modules/vitest/vitest.mjs', 'run']);
    },
  },
];

const ROUTE_IMPORTS = `
  import { GeminiFilesClient } from 'temporal-gemini-files';
  import { getFile } from 'temporal-gemini-files/gemini';
  import { GeminiFilesPlugin } from 'temporal-gemini-files/worker';
  new GeminiFilesPlugin({ apiKey: 'a-key' });
  const names = [GeminiFilesClient.name, getFile.name];`;

const TS_PROGRAM = `
  import { GeminiFilesClient } from 'temporal-gemini-files';
  import { GeminiFilesPlugin } from 'temporal-gemini-files/worker';
  import { GeminiFilesEmulator } from 'temporal-gemini-files/testing';

  async function main(): Promise<void> {
    new GeminiFilesPlugin({ apiKey: 'a-key' });
    const emulator = await GeminiFilesEmulator.start();
    console.log('emulator', emulator.url, typeof GeminiFilesClient);
    await emulator.close();
  }
  void main();`;

/** Starts a server of the project, and returns what it answers to the path; the server ends before this returns. */
async function serve(project, args, path) {
  const port = await freePort();
  const env = { ...cleanEnv, PORT: String(port), HOST: '127.0.0.1', NEXT_TELEMETRY_DISABLED: '1' };
  const server = spawn(project.node, args, { cwd: project.folder, env, detached: true, stdio: 'ignore' });
  const ended = once(server, 'exit');
  try {
    for (let attempt = 1; ; attempt++) {
      try {
        return await (await fetch(`http://127.0.0.1:${port}${path}`)).text();
      } catch (error) {
        if (attempt === 100 || server.exitCode !== null) throw error;
        await delay(200);
      }
    }
  } finally {
    if (server.exitCode === null) process.kill(-server.pid, 'SIGKILL');
    await ended;
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}
