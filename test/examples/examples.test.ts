/** Each example, compiled as a user compiles it and run against a dev server and the emulator. */

import { execFile } from 'node:child_process';
import { mkdir, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { Client } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { World } from '../../examples/world.js';
import type * as generate from '../../examples/generate/activities.js';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { testFolder, type TestFolder } from '../support/files.js';
import { devServer } from '../support/temporal.js';
import { testWorker } from '../support/worker.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
type Main = (world: World, ...args: string[]) => Promise<unknown>;
type Generate = typeof generate;

let env: TestWorkflowEnvironment;
let folder: TestFolder;
let emulator: GeminiFilesEmulator;
let world: World;

beforeAll(async () => {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const compiled = promisify(execFile)(process.execPath, [
    tsc,
    '-p',
    join(root, 'examples/tsconfig.build.json'),
  ]);
  env = await devServer();
  folder = await testFolder();
  emulator = await GeminiFilesEmulator.start({ processing: '1s', answer: 'A film.' });
  const gemini = { baseUrl: emulator.url, apiKey: 'test-key', allowedRoots: [folder.path] };
  world = { client: env.client, connection: env.nativeConnection, gemini };
  await compiled;
});
afterAll(async () => {
  await env.teardown();
  await emulator.close();
  await folder[Symbol.asyncDispose]();
});

/** Runs the example's `main`, from its compiled code. */
async function run(example: string, ...args: string[]): Promise<unknown> {
  const { main } = await load<{ main: Main }>(example);
  return main(world, ...args);
}

async function load<T>(module: string): Promise<T> {
  const file = pathToFileURL(join(root, '.cache/examples', `${module}.js`)).href;
  return (await import(/* @vite-ignore */ file)) as T;
}

/** `name` at the provider, as the file with this display name has it now. */
const uriOf = (displayName: string) =>
  [...emulator.files.values()].filter((file) => file.displayName === displayName).map(({ uri }) => uri);

describe('examples', () => {
  it('client', async () => {
    await folder.file('client.mp4', 1000);
    const file = await run('client', 'client.mp4');
    expect(file).toMatchObject({ state: 'ACTIVE', uri: uriOf('client.mp4')[0] });
  });

  it('generate: the file is deleted once the prompt is answered', async () => {
    await folder.file('generate.mp4', 1000);
    expect(await run('generate/main', 'generate.mp4')).toBe('A film.');
    expect(uriOf('generate.mp4')).toEqual([]);
    expect(emulator.requests.filter(({ operation }) => operation === 'generateContent')).toHaveLength(1);
  });

  it('the emulator refuses a prompt with a file that is not ACTIVE, as the provider does', async () => {
    const { generateActivities } = await load<Generate>('generate/activities');
    await using stuck = await GeminiFilesEmulator.start({ outcome: 'NEVER' });
    const name = stuck.addFile({ content: 'film', mimeType: 'video/mp4', apiKey: 'test-key' });
    const uri = stuck.files.get(name)?.uri ?? '';
    const activities = generateActivities({ apiKey: 'test-key', httpOptions: { baseUrl: stuck.url } });
    const fileData = { fileUri: uri, mimeType: 'video/mp4' };
    await expect(activities.describe({ fileData }, 'What?')).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining(
        `The File ${name.slice('files/'.length)} is not in an ACTIVE state and usage is not allowed.`,
      ) as string,
    });
  });

  it('ai-sdk: the prompt names the file, which is deleted once it is answered', async () => {
    await folder.file('ai-sdk.mp4', 1000);
    expect(await run('ai-sdk/main', 'ai-sdk.mp4')).toBe('A film.');
    const prompt = emulator.requests.findLast(({ operation }) => operation === 'generateContent');
    expect(JSON.stringify(prompt?.json)).toMatch(/"fileUri":"http[^"]*\/v1beta\/files\//);
    expect(uriOf('ai-sdk.mp4')).toEqual([]);
  });

  it('ai-sdk: the key is the first of GEMINI_API_KEY and GOOGLE_API_KEY that is set, as for the upload', async () => {
    await folder.file('by-environment.mp4', 1000);
    const gemini = { baseUrl: emulator.url, allowedRoots: [folder.path] };
    const { main } = await load<{ main: Main }>('ai-sdk/main');
    for (const [GEMINI_API_KEY, GOOGLE_API_KEY] of [
      ['', 'key-of-google'],
      ['key-of-gemini', 'key-of-google'],
    ]) {
      vi.stubEnv('GEMINI_API_KEY', GEMINI_API_KEY);
      vi.stubEnv('GOOGLE_API_KEY', GOOGLE_API_KEY);
      // The emulator refuses a prompt with the file of another key.
      expect(await main({ ...world, gemini }, 'by-environment.mp4')).toBe('A film.');
    }
    vi.unstubAllEnvs();
  }, 60_000);

  it('batch', async () => {
    const inner = join(folder.path, 'batch');
    await mkdir(inner);
    for (const name of ['b.mp4', 'a.mp4', 'c.txt'])
      await rename((await folder.file(name, 1000)).path, join(inner, name));
    const uris = await run('batch/main', inner);
    expect(uris).toEqual(['a.mp4', 'b.mp4', 'c.txt'].flatMap(uriOf));
  });

  it('child', async () => {
    await folder.file('child.mp4', 1000);
    const uri = await run('child/main', 'child.mp4');
    expect(uri).toBe(uriOf('child.mp4')[0]);
  });

  it('hold: two workflows ask with one upload, and the file is deleted after them', async () => {
    const { sha256 } = await folder.file('hold.mp4', 1234);
    expect(await run('hold/main', 'hold.mp4', '300')).toEqual(['A film.', 'A film.', 'A film.']);
    const starts = emulator.requests.filter(
      ({ operation, json }) => operation === 'start' && JSON.stringify(json).includes('hold.mp4'),
    );
    expect(starts).toHaveLength(1);
    // The example's worker ends with the answers, maybe before the hold has deleted its file: the next worker goes on.
    const next = await testWorker(env, { taskQueue: 'example-hold', ...world.gemini });
    await next.run(() => expect.poll(() => uriOf('hold.mp4')).toEqual([]));
    const query = `WorkflowType = 'holdActiveFile'`;
    await expect.poll(async () => (await env.client.workflow.count(query)).count).toBeGreaterThan(0);
    for await (const { workflowId } of env.client.workflow.list({ query }))
      expect(workflowId).toContain(sha256);
  });

  it('hosts: each uploads the file on its own disk', async () => {
    await using other = await testFolder();
    const here = await folder.file('same-name.mp4', 1000);
    const there = await other.file('same-name.mp4', 2000);
    expect(await run('hosts/main', folder.path, other.path, 'same-name.mp4')).toMatchObject([
      { sizeBytes: 1000, sha256: here.sha256, state: 'ACTIVE' },
      { sizeBytes: 2000, sha256: there.sha256, state: 'ACTIVE' },
    ]);
  });

  it('nexus without its endpoint says how to make it', async () => {
    await expect(run('nexus/main', 'nexus.mp4', 'missing')).rejects.toThrow(
      /temporal operator nexus endpoint create --name missing/,
    );
  });

  it('nexus in another namespace says so of its endpoint: how to make it, and how to correct it', async () => {
    const namespace = 'videos';
    const { connection } = env;
    await connection.workflowService.registerNamespace({
      namespace,
      workflowExecutionRetentionPeriod: msToTs('1 day'),
    });
    const { main } = await load<{ main: Main }>('nexus/main');
    const videos = { ...world, client: new Client({ connection, namespace }) };
    const target = '--target-namespace videos --target-task-queue gemini-files';
    await expect(main(videos, 'nexus.mp4', 'missing')).rejects.toThrow(
      `temporal operator nexus endpoint create --name missing ${target}`,
    );
    await env.createNexusEndpoint('of-default', 'gemini-files');
    await expect(main(videos, 'nexus.mp4', 'of-default')).rejects.toThrow(
      'The Nexus endpoint of-default leads to gemini-files in the namespace default. ' +
        `Correct it: temporal operator nexus endpoint update --name of-default ${target}`,
    );
  });

  it('nexus', async () => {
    await folder.file('nexus.mp4', 1000);
    await env.createNexusEndpoint('example', 'gemini-files');
    const uri = await run('nexus/main', 'nexus.mp4', 'example');
    expect(uri).toBe(uriOf('nexus.mp4')[0]);
  });
});
