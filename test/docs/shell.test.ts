/** The shell blocks of the documentation, and of docstrings, run as they are written: in a folder of their own, on the build, with a worker and the emulator. */

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { createGeminiFilesWorker } from '../../src/worker/index.js';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { useDevServer } from '../support/temporal.js';
import { codeBlocks, docExamples, PAGES, type CodeBlock } from './pages.js';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));

const ESBUILD = fileURLToPath(new URL('../../node_modules/.bin/esbuild', import.meta.url));
/** A user's worker, for the bundler. */
const WORKER = `import { createGeminiFilesWorker } from 'temporal-gemini-files/worker';
await (await createGeminiFilesWorker()).run();
`;

/** Where a block stands: its page, and a text that only it has. */
type Place = readonly [page: string, contains: string];

/** What is run, and what its output has at the end, or from a server before it is stopped. */
const RUN: readonly { readonly at: Place; readonly says: RegExp; readonly serves?: true }[] = [
  { at: ['README.md', '--workflow-id clip'], says: /"state":\s*"ACTIVE"/ },
  { at: ['examples/README.md', 'nexus endpoint create'], says: /gemini-files/ },
  { at: ['docs/changing-workflows.md', 'workflow show'], says: /^$/ },
  { at: ['docs/emulator.md', 'emulator --port'], says: /http:\/\/127\.0\.0\.1:\d+/, serves: true },
  { at: ['docs/getting-started.md', 'emulator --port'], says: /http:\/\/127\.0\.0\.1:\d+/, serves: true },
  { at: ['docs/holds.md', 'release talk-of-monday'], says: /talk-of-monday/ },
  { at: ['docs/installation.md', 'esbuild'], says: /worker\.mjs/ },
  { at: ['docs/observability.md', '--metrics'], says: /9464/, serves: true },
  { at: ['docs/storage.md', 'usage'], says: /^files +\d+$/m },
  { at: ['docs/wait-active.md', 'workflow execute'], says: /"state":\s*"ACTIVE"/ },
  { at: ['docs/wait-active.md', 'wait files/abc123'], says: /ACTIVE/ },
  { at: ['src/workflow/hold-active-file.ts', 'workflow start'], says: /talk-of-the-week/ },
];

const DOCKER = 'needs Docker Compose and its images; npm run topology runs the deployment without them';
const WALK = 'test/docs/first-hour.test.ts runs it with the packed package';

const NOT_RUN: readonly { readonly at: Place; readonly why: string }[] = [
  { at: ['README.md', 'npm ci && npm start'], why: 'CI runs each of its commands (.ci/run)' },
  { at: ['README.md', 'npm install temporal-gemini-files'], why: WALK },
  {
    at: ['README.md', 'npm pkg set'],
    why: 'docs/getting-started.md has the same two lines, which test/docs/first-hour.test.ts runs',
  },
  { at: ['temporal/README.md', '.env.example'], why: DOCKER },
  {
    at: ['temporal/README.md', 'cp clip.mp4'],
    why: `${DOCKER}; test/e2e/any-language.test.ts runs its commands`,
  },
  { at: ['temporal/README.md', 'temporal-namespace temporal'], why: DOCKER },
  { at: ['temporal/README.md', '--scale worker=5'], why: DOCKER },
  { at: ['temporal/README.md', '--profile observability up'], why: DOCKER },
  { at: ['temporal/README.md', 'promtool'], why: `${DOCKER}; test/temporal evaluates the rules` },
  { at: ['temporal/README.md', 'pg_dumpall'], why: DOCKER },
  { at: ['docs/getting-started.md', 'npm init'], why: WALK },
  {
    at: ['docs/getting-started.md', 'temporal server start-dev'],
    why: 'test/docs/first-hour.test.ts starts this server, on its default port',
  },
  { at: ['docs/getting-started.md', 'GEMINI_API_KEY=…'], why: 'needs a real key' },
  { at: ['docs/getting-started.md', 'node dist/client.js'], why: WALK },
  { at: ['docs/getting-started.md', 'GOOGLE_GEMINI_BASE_URL'], why: WALK },
  {
    at: ['docs/installation.md', 'npm install temporal-gemini-files'],
    why: 'the same line as in docs/getting-started.md, by test/docs/tables.test.ts',
  },
  {
    at: ['docs/installation.md', 'brew install temporal'],
    why: 'each line is for another machine, and downloads',
  },
  { at: ['docs/installation.md', 'npx -p'], why: 'needs the package on npm; npm run test:consumer tries it' },
  { at: ['docs/installation.md', 'jest.js'], why: 'npm run test:consumer tries Jest' },
  {
    at: ['docs/observability.md', 'npm install'],
    why: 'npm run test:consumer installs and compiles it',
  },
  { at: ['docs/operating.md', 'tmprl.cloud'], why: 'needs an account of Temporal Cloud' },
  { at: ['docs/testing.md', 'tsx --test'], why: WALK },
  {
    at: ['docs/sources.md', 'media.example.com'],
    why: 'reads from a server of yours; test/cli/sources.test.ts runs its commands',
  },
];

const isAt =
  ([page, contains]: Place) =>
  (block: CodeBlock) =>
    block.page === page && block.text.includes(contains);
const blocks = [...PAGES.flatMap(codeBlocks), ...docExamples()].filter(({ language }) => language === 'sh');

const env = await useDevServer();
let emulator: GeminiFilesEmulator;
let folder: string;
let stopWorker: () => Promise<unknown>;

beforeAll(async () => {
  emulator = await GeminiFilesEmulator.start({ processing: '200ms' });
  folder = await mkdtemp(join(tmpdir(), 'gemini-files-docs-'));
  await Promise.all(['talks', 'bin', 'src'].map((name) => mkdir(join(folder, name))));
  await writeFile(join(folder, 'clip.mp4'), Buffer.alloc(1000));
  await writeFile(join(folder, 'talks/monday.mp4'), Buffer.alloc(1000, 1));
  const tool = `#!/bin/sh\nexec '${process.execPath}' '${MAIN}' "$@"\n`;
  await command('temporal-gemini-files', tool);
  await command('npx', '#!/bin/sh\nexec "$@"\n');
  await command('temporal', `#!/bin/sh\nexec '${inject('temporalCli')}' "$@"\n`);
  await command('esbuild', `#!/bin/sh\nexec '${ESBUILD}' "$@"\n`);
  await writeFile(join(folder, 'src/worker.ts'), WORKER);
  emulator.addFile({ name: 'files/abc123', content: 'film', mimeType: 'video/mp4', apiKey: 'any' });
  const worker = await createGeminiFilesWorker({
    connection: env.nativeConnection,
    apiKey: 'any',
    baseUrl: emulator.url,
    allowedRoots: [folder],
  });
  const running = worker.run();
  stopWorker = () => {
    worker.shutdown();
    return running;
  };
  const args = [{ path: 'clip.mp4' }];
  await env.client.workflow.execute('uploadAndWaitActive', {
    taskQueue: 'gemini-files',
    workflowId: 'describe-clip',
    args,
  });
});
afterAll(async () => {
  await stopWorker();
  await emulator.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

async function command(name: string, text: string): Promise<void> {
  await writeFile(join(folder, 'bin', name), text);
  await chmod(join(folder, 'bin', name), 0o755);
}

function start(text: string): ChildProcess {
  const clean = Object.entries(process.env).filter(([name]) => !/^(TEMPORAL_|GEMINI_|GOOGLE_)/.test(name));
  return spawn('bash', ['-euo', 'pipefail', '-c', text], {
    cwd: folder,
    env: {
      ...Object.fromEntries(clean),
      PATH: `${join(folder, 'bin')}:${process.env.PATH}`,
      XDG_STATE_HOME: join(folder, 'state'),
      XDG_CONFIG_HOME: join(folder, 'config'),
      TEMPORAL_ADDRESS: env.address,
      GEMINI_API_KEY: 'any',
      GOOGLE_GEMINI_BASE_URL: emulator.url,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

describe('the shell blocks of the documentation', () => {
  it('are each run, or listed with the reason why not', () => {
    const listed = [...RUN, ...NOT_RUN].map(({ at }) => blocks.filter(isAt(at)).length);
    expect(listed).toEqual([...RUN, ...NOT_RUN].map(() => 1));
    const places = [...RUN, ...NOT_RUN].map(({ at }) => isAt(at));
    expect(blocks.filter((block) => places.filter((is) => is(block)).length !== 1)).toEqual([]);
  });

  it.each(RUN.map((one) => [one.at.join(': '), one] as const))('%s', async (_name, { at, says, serves }) => {
    const text = blocks.find(isAt(at))?.text ?? '';
    // The page's port may be in use here.
    const child = start(serves ? `exec ${text.replace('--port 8080', '--port 0')}` : text);
    let output = '';
    let ended = false;
    const done = once(child, 'close').then(([code]) => {
      ended = true;
      return code as number | null;
    });
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (more: string) => (output += more));
    if (serves) {
      await expect.poll(() => ended || says.test(output)).toBe(true);
      child.kill('SIGTERM');
      await done;
    } else expect(await done, output).toBe(0);
    expect(output).toMatch(says);
  });

  it('leave the package out of the bundle that docs/installation.md makes', async () => {
    const bundle = await readFile(join(folder, 'worker.mjs'), 'utf8');
    expect(bundle).toContain('from "temporal-gemini-files/worker"');
    expect(bundle.length).toBeLessThan(1000);
  });

  it('leave the history that docs/changing-workflows.md exports', async () => {
    const history = JSON.parse(await readFile(join(folder, 'histories/describe-clip.json'), 'utf8')) as {
      events: unknown[];
    };
    expect(history.events.length).toBeGreaterThan(3);
  });
});
