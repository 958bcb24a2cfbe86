/** The blocks of the documentation that are not shell run as they are written, on the build, with a dev server, a worker and the emulator. */

import { execFile } from 'node:child_process';
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Connection } from '@temporalio/client';
import { Worker } from '@temporalio/worker';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { GeminiFilesClient } from '../../src/client/index.js';
import { storageUsage } from '../../src/gemini/index.js';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { GeminiFilesPlugin } from '../../src/worker/index.js';
import { useTestFolder } from '../support/files.js';
import { downloadedTestServer, useDevServer } from '../support/temporal.js';
import { blockAt, blocks, clearModules, isAt, load, writeModule, type Place } from './modules.js';
import { PROGRAMS, type Exports } from './run-programs.js';
import { ALONE, ANSWER, JSON_BLOCKS, NOT_RUN, TEST_FILE, WORKFLOWS } from './run-lists.js';

const env = await useDevServer();
const folder = await useTestFolder();
const home = process.cwd();
const root = fileURLToPath(new URL('../../', import.meta.url));
const workers: Worker[] = [];
let emulator: GeminiFilesEmulator;
let gemini: GeminiFilesClient;
let stopWorker: () => Promise<void>;

beforeAll(async () => {
  emulator = await GeminiFilesEmulator.start({ processing: '300ms', answer: ANSWER });
  gemini = new GeminiFilesClient(env.client);
  process.chdir(folder.path);
  vi.stubEnv('GEMINI_API_KEY', 'any');
  vi.stubEnv('GOOGLE_API_KEY', undefined);
  vi.stubEnv('GOOGLE_GEMINI_BASE_URL', emulator.url);
  vi.stubEnv('XDG_CONFIG_HOME', join(folder.path, 'config'));
  await mkdir('talks');
  for (const path of ['clip.mp4', 'talks/monday.mp4']) await writeFile(path, Buffer.alloc(1000, path.length));
  for (const name of ['active-at-once', 'timed-out'])
    await cp(join(root, `test/histories/0.1.0/${name}.json`), join('histories', `${name}.json`));
  emulator.addFile({ name: 'files/abc123', content: 'film', mimeType: 'video/mp4', apiKey: 'any' });
  clearModules();
  const worker = await createWorker();
  const running = worker.run();
  stopWorker = () => {
    worker.shutdown();
    return running;
  };
});
afterAll(async () => {
  await stopWorker();
  process.chdir(home);
  await emulator.close();
});
afterEach(() => vi.restoreAllMocks());

/** The configuration file of the documentation, with what only the reader has. */
function configFile(): Record<string, unknown> {
  const config = JSON.parse(blockAt(JSON_BLOCKS.config).text) as Record<string, unknown>;
  const { profiles } = config as { profiles: Record<string, object> };
  const named = Object.keys(profiles).map((name) => [name, { apiKey: `key-of-${name}` }]);
  return {
    ...config,
    ...{ apiKey: 'any', baseUrl: emulator.url, allowedRoots: [folder.path] },
    profiles: Object.fromEntries(named) as object,
  };
}

/** A worker with the workflows of the pages, under the numbers of their blocks, and with the README's activity. */
async function createWorker(): Promise<Worker> {
  const lines = WORKFLOWS.map(({ at, type }, index) => {
    writeModule(`workflow-${index}`, blockAt(at).text);
    return `export { ${type} as workflow${index} } from './workflow-${index}.js';`;
  });
  const all = ["export * from 'temporal-gemini-files/workflow';", ...lines].join('\n');
  const activities = writeModule('activities', blockAt(['README.md', 'generateContent']).text);
  await writeFile('config.json', JSON.stringify(configFile()));
  return Worker.create({
    connection: env.nativeConnection,
    taskQueue: 'gemini-files',
    workflowsPath: writeModule('all-workflows', all),
    activities: await load(activities),
    plugins: [new GeminiFilesPlugin({ configFile: 'config.json' })],
  });
}

/** The programs of the pages connect to the default address: here, to this test's server. */
function connectToServer(): void {
  const address = env.address;
  const [connect, lazy] = [Connection.connect.bind(Connection), Connection.lazy.bind(Connection)];
  vi.spyOn(Connection, 'connect').mockImplementation((options) => connect({ address, ...options }));
  vi.spyOn(Connection, 'lazy').mockImplementation((options) => lazy({ address, ...options }));
  const create = Worker.create.bind(Worker);
  vi.spyOn(Worker, 'create').mockImplementation(async (options) => {
    const worker = await create({
      ...options,
      // The worker of the workflows has the package's own queue.
      taskQueue: 'programs',
      connection: env.nativeConnection,
    });
    workers.push(worker);
    return worker;
  });
}

describe('the blocks of the documentation that are not shell', () => {
  it('are each run, or listed with the reason why not', () => {
    const places = [
      ...[...WORKFLOWS, ...PROGRAMS, ...NOT_RUN].map(({ at }) => at),
      ...ALONE,
      ...Object.values(JSON_BLOCKS),
      ...Object.values(TEST_FILE),
    ];
    expect(places.filter((place) => blocks.filter(isAt(place)).length !== 1)).toEqual([]);
    expect(blocks.filter((block) => places.filter((place) => isAt(place)(block)).length !== 1)).toEqual([]);
  });

  it.concurrent.each(WORKFLOWS.map((one, index) => [one.at.join(': '), one, index] as const))(
    '%s',
    async (_name, { args, returns }, index) => {
      const options = { taskQueue: 'gemini-files', workflowId: `workflow-${index}`, args };
      expect(await env.client.workflow.execute(`workflow${index}`, options)).toEqual(returns);
    },
  );

  it.each(PROGRAMS.map((one, index) => [one.at.join(': '), one, index] as const))(
    '%s',
    async (_name, { at, run }, index) => {
      connectToServer();
      const printed = vi.spyOn(console, 'log').mockReturnValue(undefined);
      const file = writeModule(`program-${index}`, blockAt(at).text);
      await run(async () => (await load(file)) as Exports, { env, emulator, gemini, workers, printed });
    },
  );

  it.each(ALONE.map((at, index) => [at.join(': '), at, index] as const))('%s', async (_name, at, index) => {
    const file = writeModule(`alone-${index}`, blockAt(at).text.replace(':9464', ':0'));
    await promisify(execFile)(process.execPath, [file]);
  });

  it('a test file with its workflows', async () => {
    const file = writeModule('upload.test', blockAt(TEST_FILE.test).text);
    await writeFile(join(dirname(file), 'workflows.ts'), blockAt(TEST_FILE.workflows).text);
    const { stdout } = await promisify(execFile)(process.execPath, ['--test', '--test-reporter=tap', file], {
      env: { ...process.env, TMPDIR: await downloadedTestServer(folder.path) },
    });
    expect(stdout).toMatch(/^ok 1 - a video becomes ACTIVE/m);
  });

  it('in JSON are what the package takes and gives', async () => {
    const sources = JSON.parse(blockAt(JSON_BLOCKS.sources).text) as { sources: object };
    await writeFile('sources.json', JSON.stringify(sources));
    expect(() => new GeminiFilesPlugin({ configFile: 'sources.json' })).not.toThrow();
    const keys = (at: Place) => Object.keys(JSON.parse(blockAt(at).text) as object);
    expect(Object.keys(await gemini.uploadAndWaitActive('clip.mp4'))).toEqual(keys(JSON_BLOCKS.result));
    const usage = await storageUsage({ baseUrl: new URL(emulator.url), apiKey: 'any' });
    expect(Object.keys(usage).toSorted()).toEqual(keys(JSON_BLOCKS.usage).toSorted());
  });
});
