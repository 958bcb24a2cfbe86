/** Tools between a user's code and Node.js: loaders and frameworks. */
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import { cleanEnv } from '../run-bounded.js';
import { expectText, locked, README_LINE } from '../project.js';
import { TYPES } from './types.js';

export const tools = [
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
