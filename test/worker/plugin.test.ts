/** GeminiFilesPlugin in a user's own worker, beside their workflows and activities; and whole workers of ours. */

import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { SimplePlugin } from '@temporalio/plugin';
import {
  DefaultLogger,
  type Logger,
  Worker,
  type BundleOptions,
  type BundlerPlugin,
} from '@temporalio/worker';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { GeminiFilesClient } from '../../src/client/index.js';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { packagedWorkflows } from '../../src/worker/bundle.js';
import { createGeminiFilesWorker, GeminiFilesPlugin } from '../../src/worker/index.js';
import { PackagedBundle } from '../../src/worker/packaged-bundle.js';
import { testFolder, type TestFolder } from '../support/files.js';
import { sharedDevServer } from '../support/temporal.js';

let temporal: TestWorkflowEnvironment;
let emulator: GeminiFilesEmulator;
let folder: TestFolder;
let options: { apiKey: string; baseUrl: string; allowedRoots: string[] };
beforeAll(async () => {
  [temporal, emulator, folder] = await Promise.all([
    sharedDevServer(),
    GeminiFilesEmulator.start(),
    testFolder(),
  ]);
  options = { apiKey: 'test-key', baseUrl: emulator.url, allowedRoots: [folder.path] };
});
afterAll(async () => {
  await emulator.close();
  await temporal.teardown();
  await folder[Symbol.asyncDispose]();
});

it('works beside the user’s workflowsPath and activities', async () => {
  await folder.file('mine.txt', 100);
  const taskQueue = `test-${randomUUID()}`;
  const worker = await Worker.create({
    connection: temporal.nativeConnection,
    taskQueue,
    workflowsPath: fileURLToPath(new URL('./fixtures/user-workflows.ts', import.meta.url)),
    activities: { summarise: (uri: string) => Promise.resolve(`summary of ${uri}`) },
    plugins: [new GeminiFilesPlugin(options)],
  });
  const results = await worker.runUntil(() =>
    Promise.all(
      ['summariseInline', 'summariseByChild'].map((type) =>
        temporal.client.workflow.execute<(path: string) => Promise<string>>(type, {
          taskQueue,
          workflowId: randomUUID(),
          args: ['mine.txt'],
        }),
      ),
    ),
  );
  const uris = [...emulator.files.values()].map(({ uri }) => `summary of ${uri}`);
  expect(results.sort()).toEqual(uris.sort());
});

it('adds nothing but activities, and a throttle for quick cancellation that the user may change', () => {
  const plugin = new GeminiFilesPlugin(options);
  const mine = () => Promise.resolve(1);
  const worker = plugin.configureWorker({
    taskQueue: 'q',
    workflowsPath: '/mine.ts',
    activities: { mine },
    maxHeartbeatThrottleInterval: '5s',
  });
  expect(worker).toMatchObject({ workflowsPath: '/mine.ts', maxHeartbeatThrottleInterval: '5s' });
  expect(worker.workflowBundle).toBeUndefined();
  expect(Object.keys(worker.activities ?? {}).sort()).toEqual(
    expect.arrayContaining(['geminiFilesCheck', 'geminiFilesDelete', 'geminiFilesUpload', 'mine']),
  );
  expect(plugin.configureWorker({ taskQueue: 'q' }).maxHeartbeatThrottleInterval).toBe('1s');
});

describe('packagedWorkflows', () => {
  it('is the bundle of the build for the SDK that is installed', () => {
    expect(packagedWorkflows()).toEqual({
      workflowBundle: { codePath: expect.stringMatching(/dist\/workflow-bundle\.js$/) as string },
    });
  });

  it('is the sources for another SDK, which a worker bundles itself', async () => {
    const sources = packagedWorkflows('0.0.1');
    expect(sources).toEqual({ workflowsPath: expect.stringMatching(/dist\/workflow\/index\.js$/) as string });
    await folder.file('sources.txt', 100);
    const taskQueue = `test-${randomUUID()}`;
    const worker = await Worker.create({
      ...sources,
      connection: temporal.nativeConnection,
      taskQueue,
      plugins: [new GeminiFilesPlugin(options)],
    });
    const client = new GeminiFilesClient(temporal.client, { taskQueue });
    const file = await worker.runUntil(() => client.uploadAndWaitActive('sources.txt'));
    expect(file).toMatchObject({ state: 'ACTIVE', displayName: 'sources.txt' });
  });
});

describe('createGeminiFilesWorker', () => {
  const create = (more: Parameters<typeof createGeminiFilesWorker>[0]) =>
    createGeminiFilesWorker({ ...options, connection: temporal.nativeConnection, ...more });

  it.each([
    ['holds the tier’s limits', {}, 10],
    ['lets Temporal’s own options override them', { maxTaskQueueActivitiesPerSecond: 7 }, 7],
    [
      'takes a tuner beside a tier',
      { tuner: { tunerOptions: { targetMemoryUsage: 0.8, targetCpuUsage: 0.9 } } },
      10,
    ],
  ])('%s', async (_, more, rate) => {
    const worker = await create({ tier: 'tier1', ...more });
    const held = worker.options;
    await worker.runUntil(() => Promise.resolve());
    expect(held).toMatchObject({ taskQueue: 'gemini-files', maxTaskQueueActivitiesPerSecond: rate });
    expect(held.tuner.workflowTaskSlotSupplier).toMatchObject(
      'tuner' in more ? { type: 'resource-based' } : { type: 'fixed-size', numSlots: 120 },
    );
  });

  it('takes options that an object inherits, Temporal’s and the package’s', async () => {
    const inherited = { ...options, tier: 'tier1', connection: temporal.nativeConnection, identity: 'mine' };
    const worker = await createGeminiFilesWorker(Object.create(inherited) as object);
    const held = worker.options;
    await worker.runUntil(() => Promise.resolve());
    expect(held).toMatchObject({ identity: 'mine', maxTaskQueueActivitiesPerSecond: 10 });
  });

  it('warns of an option that neither the package nor Temporal knows', async () => {
    const warned: Error[] = [];
    const note = (warning: Error) => void warned.push(warning);
    process.on('warning', note);
    onTestFinished(() => void process.off('warning', note));
    const worker = await create({ taskQueue: `test-${randomUUID()}`, ...{ allowedRoot: folder.path } });
    await worker.runUntil(() => Promise.resolve());
    const { message } = warned.find(({ name }) => name === 'GeminiFilesWarning') ?? {};
    expect(message).toMatch(/does not know the option allowedRoot/);
  });

  it('loads the package’s bundle, and bundles if a converter has to be in it', async () => {
    const payloadConverterPath = fileURLToPath(new URL('./fixtures/payload-converter.ts', import.meta.url));
    const held: Worker['options'][] = [];
    for (const more of [{}, { dataConverter: { payloadConverterPath } }]) {
      const worker = await create({ ...more, taskQueue: `test-${randomUUID()}` });
      held.push(worker.options);
      await worker.runUntil(() => Promise.resolve());
    }
    expect(held.map(({ workflowBundle, workflowsPath }) => [workflowBundle, workflowsPath])).toEqual([
      [{ codePath: expect.stringMatching(/workflow-bundle\.js$/) as string }, undefined],
      [undefined, expect.stringMatching(/workflow\/index\.js$/) as string],
    ]);
  });

  it('bundles if a plugin adds code by configureBundler alone, and the code runs', async () => {
    await folder.file('intercepted.txt', 100);
    const taskQueue = `test-${randomUUID()}`;
    const adds: BundlerPlugin = {
      name: 'adds-interceptors',
      configureBundler: (bundle) => ({
        ...bundle,
        workflowInterceptorModules: [
          ...(bundle.workflowInterceptorModules ?? []),
          fileURLToPath(new URL('./fixtures/interceptors.ts', import.meta.url)),
        ],
      }),
    };
    const worker = await create({ taskQueue, plugins: [adds] });
    const client = new GeminiFilesClient(temporal.client, { taskQueue });
    const { workflow } = await worker.runUntil(async () => {
      const handle = await client.start('intercepted.txt');
      await handle.result();
      return handle;
    });
    expect((await workflow.describe()).memo).toEqual({ intercepted: true });
  });

  it.each<[string, Partial<BundleOptions> | undefined]>([
    ['an interceptor', { workflowInterceptorModules: ['/interceptors.js'] }],
    ['a hook', { webpackConfigHook: (config) => config }],
    ['a module to ignore', { ignoreModules: ['fs'] }],
    ['a converter', { payloadConverterPath: '/converter.js' }],
    ['other workflows', { workflowsPath: '/others.js' }],
    ['nothing', undefined],
    ['an empty list', { ignoreModules: [] }],
    ['a logger', { logger: new DefaultLogger('ERROR') }],
  ])('looks at what the plugins add to a bundle: %s', (_, added) => {
    class Adds extends SimplePlugin {
      override configureBundler(bundle: BundleOptions): BundleOptions {
        return { ...super.configureBundler(bundle), ...added };
      }
    }
    const changesInPlace: BundlerPlugin = {
      name: 'changes-in-place',
      configureBundler: (bundle) => Object.assign(bundle, added),
    };
    const neither = { name: 'neither' };
    const isCode = added !== undefined && !('logger' in added) && added.ignoreModules?.length !== 0;
    for (const plugin of [new Adds({ name: 'adds' }), changesInPlace]) {
      const worker = new PackagedBundle().configureWorker({
        taskQueue: 'any',
        workflowsPath: '/ours.js',
        plugins: [neither, plugin, new GeminiFilesPlugin(options), new PackagedBundle()],
      });
      expect(worker.workflowsPath).toBe(isCode ? '/ours.js' : undefined);
      expect(worker.workflowBundle !== undefined).toBe(!isCode);
    }
  });

  it('leaves it to the bundler if a plugin fails, and gives each a logger', () => {
    const configured = (configureBundler: BundlerPlugin['configureBundler']) =>
      new PackagedBundle().configureWorker({
        taskQueue: 'any',
        workflowsPath: '/ours.js',
        plugins: [{ name: 'one', configureBundler } as BundlerPlugin],
      });
    const fails = () => {
      throw new Error('no such folder');
    };
    expect(configured(fails).workflowsPath).toBe('/ours.js');
    const logs: BundlerPlugin['configureBundler'] = (bundle) => {
      (bundle.logger as Logger).info('configured');
      return bundle;
    };
    expect(configured(logs).workflowBundle).toBeDefined();
  });

  it('with a key that no provider knows fails the run at once, as InvalidCredentialsError', async () => {
    await using strict = await GeminiFilesEmulator.start({ apiKeys: ['right'] });
    await folder.file('wrong.txt', 100);
    const taskQueue = `test-${randomUUID()}`;
    const worker = await create({ baseUrl: strict.url, taskQueue });
    const client = new GeminiFilesClient(temporal.client, { taskQueue });
    await worker.runUntil(() =>
      expect(client.uploadAndWaitActive('wrong.txt')).rejects.toMatchObject({
        name: 'InvalidCredentialsError',
      }),
    );
    expect(strict.requests.filter(({ operation }) => operation === 'start')).toHaveLength(1);
  });
});
