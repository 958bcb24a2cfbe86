/** The Nexus service between two namespaces of a dev server. */

import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { replayed, scheduled } from '../support/replay.js';
import type { callsHold, callsRelease, callsUpload, callsWait, seesFailure } from './callers.js';
import { useNexusWorld } from './world.js';

const { env, callers, workflowBundle, between, runBehind } = await useNexusWorld();

describe('geminiFiles', () => {
  it('uploads for a caller in another namespace, as one run of the workflow', async () => {
    await between({ processing: '500ms' }, async ({ endpoint, taskQueue, emulator }) => {
      const workflowId = randomUUID();
      const input = { path: 'clip.mp4', pollInterval: '1s', jitter: 0 } as const;
      const result = await callers.workflow.execute<typeof callsUpload>('callsUpload', {
        taskQueue,
        workflowId,
        args: [endpoint, input],
      });
      const [file] = emulator.files.values();
      expect(result).toMatchObject({ id: file?.name, uri: file?.uri, state: 'ACTIVE', polls: 1 });
      const run = await runBehind(workflowId);
      expect(await (await env.client.workflow.getHandle(run).describe()).staticSummary()).toBe('clip.mp4');
      const events = await replayed(env.client, run);
      expect(scheduled(events)).toEqual(['geminiFilesUpload', 'geminiFilesCheck']);
      await replayed(callers, workflowId, undefined, { workflowBundle });
    });
  });

  it('waits for a caller in another namespace, and keeps the file if the caller is cancelled', async () => {
    await between({ outcome: 'NEVER' }, async ({ endpoint, taskQueue, emulator }) => {
      const id = emulator.addFile({ content: 'clip', mimeType: 'video/mp4', apiKey: 'test-key' });
      const start = () =>
        callers.workflow.start<typeof callsWait>('callsWait', {
          taskQueue,
          workflowId: randomUUID(),
          args: [endpoint, { id, timeout: '1h', pollInterval: '100ms', maxPollInterval: '100ms', jitter: 0 }],
        });
      const cancelled = await start();
      await emulator.waitFor((requests) => requests.some(({ operation }) => operation === 'get'));
      await cancelled.cancel();
      await expect(cancelled.result()).rejects.toThrow('Workflow execution cancelled');
      emulator.activate(id);
      expect(await (await start()).result()).toMatchObject({ id, state: 'ACTIVE' });
    });
  });

  it('holds a file for a caller in another namespace, until it is released', async () => {
    await between({ processing: 0 }, async ({ endpoint, taskQueue, emulator }) => {
      const [held, again] = await callers.workflow.execute<typeof callsHold>('callsHold', {
        taskQueue,
        workflowId: randomUUID(),
        args: [endpoint, { path: 'clip.mp4', for: '1h' }],
      });
      expect(held?.file).toMatchObject({ state: 'ACTIVE', displayName: 'clip.mp4' });
      expect(again).toEqual(held);
      const hold = env.client.workflow.getHandle(held?.holdId ?? '');
      expect(await hold.result()).toEqual({ renewals: 0, leases: 1, cleanup: 'deleted' });
      expect(emulator.files.size).toBe(0);
    });
  });

  it('refuses a release that does not say which lease, and ignores what else it says', async () => {
    await between({}, async ({ endpoint, taskQueue }) => {
      const release = (input: unknown) =>
        callers.workflow.execute<typeof callsRelease>('callsRelease', {
          ...{ taskQueue, workflowId: randomUUID() },
          args: [endpoint, input],
        });
      const refused = (message: string) => ['BAD_REQUEST', message];
      expect(
        await Promise.all([
          release({ holdId: 'hold' }),
          release({ holdId: 'hold', leaseID: 'mine' }),
          release({ leaseId: 'mine' }),
          release({ holdId: 'hold', leaseId: 7 }),
          release(null),
          release('hold'),
          release({ holdId: 'nothing', leaseId: 'mine', file: {} }),
        ]),
      ).toEqual([
        refused('Invalid option leaseId: required, got undefined'),
        refused('Invalid option leaseId: required, got undefined'),
        refused('Invalid option holdId: required, got undefined'),
        refused('Invalid option leaseId: expected a string, got 7'),
        refused('Invalid options: expected one object with holdId and leaseId, got null'),
        refused('Invalid options: expected one object with holdId and leaseId, got "hold"'),
        'released',
      ]);
    });
  });

  it("gives the caller's workflow a failure with the type and details of the contract", async () => {
    await between({}, async ({ endpoint, taskQueue }) => {
      const seen = await callers.workflow.execute<typeof seesFailure>('seesFailure', {
        taskQueue,
        workflowId: randomUUID(),
        args: [endpoint, { path: 'nothing.mp4' }],
      });
      expect(seen).toEqual(['FileNotFoundError', [{ provider: 'google', polls: 0 }]]);
    });
  });

  it("is cancelled with the caller's workflow, and deletes the file before it ends", async () => {
    await between({ outcome: 'NEVER' }, async ({ endpoint, taskQueue, emulator }) => {
      const workflowId = randomUUID();
      const handle = await callers.workflow.start<typeof callsUpload>('callsUpload', {
        taskQueue,
        workflowId,
        args: [endpoint, { path: 'clip.mp4', pollInterval: '100ms', timeout: '1h' }],
      });
      await emulator.waitFor((requests) => requests.some(({ operation }) => operation === 'get'));
      await handle.cancel();
      await expect(handle.result()).rejects.toThrow('Workflow execution cancelled');
      expect(emulator.files.size).toBe(0);
      const behind = env.client.workflow.getHandle(await runBehind(workflowId));
      expect((await behind.describe()).status.name).toBe('CANCELLED');
    });
  });
});
