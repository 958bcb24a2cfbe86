/** GeminiFilesClient against a real server and the emulator. */

import { randomUUID } from 'node:crypto';
import { Client, WorkflowFailedError } from '@temporalio/client';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import {
  GeminiFilesClient,
  InvalidOptionsError,
  UnsupportedProviderError,
  UploadInactiveError,
  type UploadHandle,
  type UploadProgress,
} from '../../src/client/index.js';
import { followProgress } from '../../src/client/progress.js';
import { useTestFolder } from '../support/files.js';
import { activateOnceUploaded, asleep, QUICK, scenario, uploadedName } from '../support/scenario.js';
import { useSharedDevServer } from '../support/temporal.js';

const env = await useSharedDevServer();
const folder = await useTestFolder();
const video = await folder.file('clip.mp4', 3_000_000);

const LONG = { pollInterval: '1h', maxPollInterval: '1h', timeout: '2h' } as const;

describe('start and attach', () => {
  it('starts under an id that is given, and attaches from elsewhere', async () => {
    await using at = await scenario(env, folder);
    await at.run(async () => {
      const workflowId = randomUUID();
      const handle = await at.client.start(video.path, LONG, { workflowId, memo: { who: 'me' } });
      expect(handle.workflowId).toBe(workflowId);
      const other = new GeminiFilesClient(env.client).attach(workflowId);
      await asleep(env, other);
      expect(await other.status()).toMatchObject({ phase: 'processing', state: 'PROCESSING' });
      at.emulator.activate(await uploadedName(at.emulator));
      await other.checkNow();
      const [here, there] = await Promise.all([handle.result(), other.result()]);
      expect(there).toEqual(here);
      expect(here).toMatchObject({ state: 'ACTIVE', polls: 1, sha256: video.sha256 });
      const described = await handle.workflow.describe();
      expect(described.memo).toEqual({ who: 'me' });
      expect(await described.staticSummary()).toBe('clip.mp4');
    });
  });

  it('makes an id, also if undefined is given, and preuploadAndWaitActive returns the uri', async () => {
    await using at = await scenario(env, folder, { processing: 0, outcome: 'ACTIVE' });
    await at.run(async () => {
      const start = JSON.parse('{}') as object;
      const handle = await at.client.start(video.path, {}, { ...start, workflowId: undefined } as object);
      expect(handle.workflowId).toMatch(/^gemini-files-[\w.]+-[0-9a-f-]{36}$/);
      await handle.result();
      const uri = await at.client.preuploadAndWaitActive(video.path);
      expect(at.emulator.files.get(uri.slice(uri.indexOf('files/')))?.uri).toBe(uri);
    });
  });
});

describe('failures', () => {
  it("come back as the contract's classes with their fields, from both functions", async () => {
    await using at = await scenario(env, folder);
    const settings = { ...QUICK, timeout: 0 };
    const errors = await at.run(() =>
      Promise.all([
        at.client.uploadAndWaitActive(video.path, settings).catch((error: unknown) => error),
        at.client.preuploadAndWaitActive(video.path, settings).catch((error: unknown) => error),
      ]),
    );
    for (const error of errors) {
      expect(error).toBeInstanceOf(UploadInactiveError);
      const id = expect.stringMatching(/^files\//) as string;
      expect(error).toMatchObject({
        provider: 'google',
        id,
        state: 'PROCESSING',
        polls: 1,
        cleanup: 'deleted',
      });
      expect(error).toHaveProperty('cause.type', 'UploadInactiveError');
    }
  });

  it("leaves a cancellation and a termination as Temporal's client threw them", async () => {
    await using at = await scenario(env, folder);
    const handles = [await at.client.start(video.path), await at.client.start(video.path)] as const;
    await handles[0].cancel();
    await handles[1].workflow.terminate();
    await at.run(async () => {
      await expect(handles[0].result()).rejects.toThrow(WorkflowFailedError);
      await expect(handles[1].result()).rejects.toThrow(WorkflowFailedError);
    });
  });

  it('come before anything is started if the options are invalid', async () => {
    const broken = new Proxy({} as typeof env.client, {
      get: () => {
        throw new Error('the client was used');
      },
    });
    const client = new GeminiFilesClient(broken);
    await expect(client.start('')).rejects.toThrow(InvalidOptionsError);
    await expect(client.uploadAndWaitActive('a', { timeout: -1 })).rejects.toThrow('Invalid option timeout');
    await expect(client.start(Buffer.from('abc') as unknown as string)).rejects.toThrow('not bytes');
    await expect(client.preuploadAndWaitActive('a', { jitter: 'x' as '1s' })).rejects.toThrow(
      InvalidOptionsError,
    );
    await expect(client.start('a', { provider: 'openai' as 'google' })).rejects.toThrow(
      UnsupportedProviderError,
    );
  });
});

describe('progress', () => {
  it('yields each phase in order, with the bytes that were sent', async () => {
    const pace = { on: 'upload', do: 'pace', bytesPerSecond: 6_000_000 } as const;
    await using at = await scenario(env, folder, { faults: [pace, { on: 'get', do: 'delay', ms: 300 }] });
    // More than the sockets between here and there hold.
    const video = await folder.file('long.mp4', 20_000_000);
    const seen: UploadProgress[] = await at.run(async () => {
      const handle = await at.client.start(video.path, {
        ...QUICK,
        pollInterval: '1s',
        maxPollInterval: '1s',
      });
      const items: UploadProgress[] = [];
      void activateOnceUploaded(at);
      for await (const item of at.client.progress(handle, { intervalMs: 50 })) items.push(item);
      return items;
    });
    expect(seen.map(({ phase }) => phase).filter((phase, at, all) => phase !== all[at - 1])).toEqual([
      'uploading',
      'processing',
      'done',
    ]);
    const sent = seen.map(({ bytesSent }) => bytesSent ?? 0);
    expect(sent).toEqual([...sent].sort((a, b) => a - b));
    expect(sent.some((bytes) => bytes > 0 && bytes < video.sizeBytes)).toBe(true);
    expect(new Set(seen.map(({ id }) => id).filter(Boolean)).size).toBe(1);
    expect(seen.at(-1)).toEqual({
      phase: 'done',
      id: await uploadedName(at.emulator),
      bytesSent: video.sizeBytes,
      sizeBytes: video.sizeBytes,
      state: 'ACTIVE',
      polls: 1,
      nextCheckAt: null,
      deadline: seen.at(-2)?.deadline,
    });
  });

  it('ends with done if the run was terminated, and repeats nothing', async () => {
    await using at = await scenario(env, folder);
    const items = await at.run(async () => {
      const handle = await at.client.start(video.path, LONG);
      await asleep(env, handle);
      const items: UploadProgress[] = [];
      for await (const item of at.client.progress(handle, { intervalMs: 50 })) {
        items.push(item);
        if (items.length === 1) await handle.workflow.terminate();
      }
      return items;
    });
    expect(items.map(({ phase }) => phase)).toEqual(['processing', 'done']);
  });

  it.each([
    ['leaves the loop', (handle: UploadHandle) => asleep(env, handle)],
    [
      'does not ask for the next item',
      async (handle: UploadHandle) => {
        const items = followProgress(handle.workflow, { intervalMs: 50 });
        // Of which the first comes before a pause, and the last after one.
        for (let item; !item?.nextCheckAt;) item = (await items.next()).value as UploadProgress;
      },
    ],
  ])('leaves no call open if its reader %s', async (_, read) => {
    await using at = await scenario(env, folder);
    await at.run(async () => {
      const handle = await at.client.start(video.path, LONG);
      let open = 0;
      const { workflow } = handle;
      const followed = Object.assign(Object.create(handle) as typeof handle, {
        workflow: {
          ...workflow,
          workflowId: workflow.workflowId,
          client: workflow.client,
          describe: () => workflow.describe(),
          query: workflow.query.bind(workflow),
          result: async () => {
            open += 1;
            return workflow.result().finally(() => (open -= 1));
          },
        },
      });
      await read(followed);
      // The end of the call is only a turn of the event loop away.
      await expect.poll(() => open, { interval: 10 }).toBe(0);
      await handle.cancel();
      await expect(handle.result()).rejects.toThrow(WorkflowFailedError);
    });
  });

  it("leaves no call open on a worker's connection, which could not end it", async () => {
    const { workflowService } = env.nativeConnection;
    const poll = workflowService.getWorkflowExecutionHistory.bind(workflowService);
    let open = 0;
    let most = 0;
    const spy = vi
      .spyOn(workflowService, 'getWorkflowExecutionHistory')
      .mockImplementation(async (request: Parameters<typeof poll>[0]) => {
        most = Math.max(most, (open += 1));
        return poll(request).finally(() => (open -= 1));
      });
    onTestFinished(() => spy.mockRestore());
    await using at = await scenario(env, folder);
    await at.run(async () => {
      const { taskQueue } = at;
      const client = new GeminiFilesClient(new Client({ connection: env.nativeConnection }), { taskQueue });
      const handle = await client.start(video.path, LONG);
      const phases: string[] = [];
      for await (const { phase, nextCheckAt, polls } of client.progress(handle, { intervalMs: 20 })) {
        phases.push(phase);
        if (!nextCheckAt) continue;
        if (polls < 5) await handle.checkNow();
        else await handle.workflow.terminate();
      }
      expect(phases.at(-1)).toBe('done');
      expect(phases.length).toBeGreaterThan(5);
      expect(most).toBe(0);
    });
  });
});
