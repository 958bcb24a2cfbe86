/** The programs and functions of the documentation that are no workflows, with what each does on a server and the emulator. */

import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { expect, vi, type Mock } from 'vitest';
import { GeminiFilesClient } from '../../src/client/index.js';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import type { LocateFile } from '../../src/worker/index.js';
import { writeModule, type Place } from './modules.js';
import { uri } from './run-lists.js';
import { eventually } from '../support/eventually.js';

export interface World {
  readonly env: TestWorkflowEnvironment;
  readonly emulator: GeminiFilesEmulator;
  readonly gemini: GeminiFilesClient;
  /** Those that the programs have created. */
  readonly workers: Worker[];
  /** `console.log`. */
  readonly printed: unknown;
}

export type Exports = Record<string, (...args: unknown[]) => unknown>;

/** The other programs and functions. `load` runs the block, and returns what it exports. */
export const PROGRAMS: readonly {
  at: Place;
  run: (load: () => Promise<Exports>, world: World) => Promise<void>;
}[] = [
  {
    at: ['README.md', "uploadAndWaitActive('clip.mp4'"],
    run: async (load, world) => {
      await load();
      expect(world.printed).toHaveBeenCalledWith(uri, expect.any(String));
    },
  },
  { at: ['README.md', 'or GOOGLE_GEMINI_BASE_URL'], run: async (load) => void (await load()) },
  { at: ['docs/changing-workflows.md', 'createGeminiFilesWorker'], run: runsWorker },
  { at: ['docs/workflows.md', 'new GeminiFilesPlugin'], run: runsWorker },
  {
    at: ['docs/changing-workflows.md', 'replayOpenRuns'],
    run: async (load, world) =>
      expect(await (await load()).replayOpenRuns?.(world.env.client)).toBeUndefined(),
  },
  {
    at: ['docs/configuration.md', 'uploadForTeamA'],
    run: async (load, world) => {
      expect(await (await load()).uploadForTeamA?.(world.gemini)).toMatchObject({ uri, state: 'ACTIVE' });
      expect(world.emulator.filesOf('key-of-team-a').size).toBe(1);
    },
  },
  {
    at: ['docs/failures.md', 'error.cleanup'],
    run: async (load, world) => expect(await (await load()).upload?.(world.gemini)).toEqual(uri),
  },
  {
    at: ['docs/holds.md', 'held.extend'],
    run: async (load, world) => {
      const before = world.emulator.files.size;
      await load();
      await world.env.client.workflow.getHandle('talk-of-monday').result();
      expect(world.emulator.files.size).toBe(before);
    },
  },
  {
    at: ['docs/nexus.md', 'findFilesWithoutOwner'],
    run: async (load, world) =>
      expect(await (await load()).findFilesWithoutOwner?.(world.env.client)).toBeUndefined(),
  },
  {
    at: ['docs/operating.md', 'sweepEveryHour'],
    run: async (load, world) => {
      await (await load()).sweepEveryHour?.(world.env.client);
      const { schedule } = world.env.client;
      let ids: string[] = [];
      // The list is eventually consistent.
      await eventually(async () => {
        ids = [];
        for await (const { scheduleId } of schedule.list()) ids.push(scheduleId);
        expect(ids).toHaveLength(1);
      });
      for (const id of ids) await schedule.getHandle(id).delete();
    },
  },
  {
    at: ['docs/sources.md', 'createGeminiFilesWorker'],
    run: async (load, world) => {
      await load();
      const [worker] = world.workers.splice(0);
      const running = worker?.run();
      worker?.shutdown();
      await running;
    },
  },
  {
    at: ['docs/sources.md', 'app.example.com'],
    run: async (load) => {
      const answer = { url: 'https://cdn.example.com/a', name: 'a.mp4', mimeType: 'video/mp4' };
      const fetched = vi.spyOn(globalThis, 'fetch').mockResolvedValue(Response.json(answer));
      const { signal } = new AbortController();
      expect(await (await load()).fromMyApplication?.('talks/a', { signal })).toEqual(answer);
      expect(fetched).toHaveBeenCalledWith('https://app.example.com/files/talks%2Fa/url', { signal });
    },
  },
  {
    at: ['docs/workflows.md', 'gemini.attach('],
    run: async (load, world) => {
      await load();
      // The bytes of a small file may not be seen.
      expect((world.printed as Mock).mock.calls.map(([phase]) => phase as unknown)).toContain('done');
      expect(world.printed).toHaveBeenLastCalledWith(uri, expect.any(String));
    },
  },
  {
    at: ['docs/testing.md', 'geminiFilesCheck'],
    run: async (load, world) => {
      const { activities } = (await load()) as unknown as { activities: object };
      const workflowsPath = writeModule(
        'mocked-workflows',
        "export * from 'temporal-gemini-files/workflow';",
      );
      const worker = await Worker.create({ workflowsPath, activities, taskQueue: 'programs' });
      world.workers.splice(0);
      const mocked = new GeminiFilesClient(world.env.client, { taskQueue: 'programs' });
      const file = worker.runUntil(mocked.uploadAndWaitActive('clip.mp4', { pollInterval: '100ms' }));
      expect(await file).toMatchObject({
        state: 'ACTIVE',
        uri: expect.stringContaining('example.com') as string,
      });
    },
  },
  { at: ['docs/testing.md', "replayHistories('./histories'"], run: async (load) => void (await load()) },
  {
    // Nothing runs beside it here, so its faults meet no request: it says so.
    at: ['docs/emulator.md', 'faults.rateLimited'],
    run: async (load) => expect(load()).rejects.toThrow('Faults'),
  },
  {
    at: ['docs/emulator.md', 'makeFinalizeSlow'],
    run: async (load) => {
      const own = await GeminiFilesEmulator.start();
      (await load()).makeFinalizeSlow?.(own);
      expect(() => own.assertFaultsConsumed()).toThrow('slowFinalize');
      await own.close();
    },
  },
  {
    at: ['docs/wait-active.md', "waitActive('files/abc123'"],
    run: async (load, world) => {
      await load();
      expect(world.printed).toHaveBeenCalledWith(uri, 'video/mp4', 4);
    },
  },
  {
    at: ['docs/wait-active.md', 'uploadBuffer'],
    run: async (load) => {
      const uploaded = (await load()).uploadBuffer?.(Buffer.from('words'), 'video/mp4');
      expect(await uploaded).toMatchObject({ uri, sizeBytes: 5 });
    },
  },
  {
    at: ['docs/sources.md', 'fromGoogleCloud'],
    run: async (load) => {
      const file = (key: string) => ({ getSignedUrl: () => Promise.resolve([`https://signed/${key}`]) });
      const locate = (await load()).fromGoogleCloud?.({ file }) as LocateFile;
      expect(await locate('a', never)).toEqual({ url: 'https://signed/a' });
    },
  },
  {
    at: ['docs/sources.md', 'fromAzure'],
    run: async (load) => {
      const getBlobClient = (key: string) => ({
        generateSasUrl: ({ permissions }: { permissions: string }) =>
          Promise.resolve(`https://signed/${key}?sp=${permissions}`),
      });
      const locate = (await load()).fromAzure?.({ getBlobClient }, 'r') as LocateFile;
      expect(await locate('a', never)).toEqual({ url: 'https://signed/a?sp=r' });
    },
  },
  {
    at: ['docs/sources.md', 'fromS3'],
    run: async (load) => {
      const keys = () => Promise.resolve({ accessKeyId: 'AKID', secretAccessKey: 'secret' });
      const locate = (await load()).fromS3?.(
        'https://bucket.example.com',
        'eu-central-1',
        keys,
      ) as LocateFile;
      const { url } = (await locate('talks/a b', never)) as { url: string };
      expect(url).toMatch(/^https:\/\/bucket\.example\.com\/talks\/a%20b\?.*X-Amz-Signature=[0-9a-f]{64}/);
    },
  },
];

const never = { signal: new AbortController().signal } as Parameters<LocateFile>[1];

/** A program that runs a worker until the test stops it. */
async function runsWorker(load: () => Promise<Exports>, { workers }: World): Promise<void> {
  const done = load();
  await eventually(() => expect(workers[0]?.getState()).toBe('RUNNING'));
  workers.splice(0)[0]?.shutdown();
  await done;
}
