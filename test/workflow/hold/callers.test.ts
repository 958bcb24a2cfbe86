/** Programs and workflows that share holds, on Temporal's dev server, with an emulator. */

import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { NativeConnection, Worker } from '@temporalio/worker';
import { Client, Connection, ServiceError } from '@temporalio/client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { throwFailure } from '../../../src/client/held-file.js';
import { GeminiFilesClient, type Duration, type HoldStatus } from '../../../src/client/index.js';
import { GeminiFilesEmulator, type EmulatorOptions } from '../../../src/testing/index.js';
import { GeminiFilesPlugin } from '../../../src/worker/index.js';
import { testFolder, type TestFolder } from '../../support/files.js';
import { replayed } from '../../support/replay.js';
import { sweep, terminate, untilListed } from '../../support/sweep.js';
import { useDevServer } from '../../support/temporal.js';
import { bundleFixture } from '../../support/user-worker.js';

const env = await useDevServer();
const workflowBundle = await bundleFixture('holding.ts');
let folder: TestFolder;
beforeAll(async () => {
  folder = await testFolder();
  await folder.file('a.mp4', 10_000);
});
afterAll(() => folder[Symbol.asyncDispose]());

interface World extends AsyncDisposable {
  readonly emulator: GeminiFilesEmulator;
  readonly taskQueue: string;
  readonly files: GeminiFilesClient;
  /** Starts a worker; resolves to what stops it. */
  readonly work: (apiKey?: string) => Promise<() => Promise<void>>;
}

async function world(options: EmulatorOptions = {}): Promise<World> {
  const emulator = await GeminiFilesEmulator.start({ processing: 0, ...options });
  const taskQueue = `hold-${randomUUID()}`;
  const stops: (() => Promise<void>)[] = [];
  const work = async (apiKey = 'test-key') => {
    const connection = await NativeConnection.connect({ address: env.address });
    const plugin = new GeminiFilesPlugin({ baseUrl: emulator.url, apiKey, allowedRoots: [folder.path] });
    const worker = await Worker.create({ connection, taskQueue, workflowBundle, plugins: [plugin] });
    const done = worker.run();
    let stopped: Promise<void> | undefined;
    const stop = () =>
      (stopped ??= (async () => {
        worker.shutdown();
        await done;
        await connection.close();
      })());
    stops.push(stop);
    return stop;
  };
  return {
    emulator,
    taskQueue,
    files: new GeminiFilesClient(env.client, { taskQueue }),
    work,
    [Symbol.asyncDispose]: async () => {
      await Promise.all(stops.map((stop) => stop()));
      await emulator.close();
    },
  };
}

const uploads = ({ emulator }: World) =>
  emulator.requests.filter(({ command }) => command.includes('finalize')).length;

const start = (at: World, type: string, ...args: unknown[]) =>
  env.client.workflow.start(type, { taskQueue: at.taskQueue, workflowId: randomUUID(), args });

describe('a program', () => {
  it('holds a file, extends its lease and releases it', async () => {
    await using at = await world();
    await at.work();
    const held = await at.files.hold('a.mp4', { for: '1h' });
    expect(held.file).toMatchObject({ state: 'ACTIVE', displayName: 'a.mp4' });
    expect(await held.current()).toEqual(held.file);
    await held.extend('5d');
    const attached = at.files.attachHold(held.holdId, held.leaseId);
    expect(await attached.current()).toEqual(held.file);
    const { leases } = await held.workflow.query<{ leases: { until: string }[] }>('heldFile');
    expect(Date.parse(leases[0]?.until ?? '') - Date.now()).toBeGreaterThan(4.9 * 24 * 3_600_000);
    await attached.release();
    expect(await held.workflow.result()).toEqual({ renewals: 0, leases: 1, cleanup: 'deleted' });
    expect(at.emulator.files.size).toBe(0);
    await expect(held.current()).rejects.toMatchObject({ name: 'UploadFailedError' });
    await expect(held.extend('1h')).rejects.toMatchObject({ name: 'UploadFailedError' });
    await held.release();
    await expect(at.files.attachHold('nothing', 'x').current()).rejects.toThrow('There is no hold nothing');
  });

  it('gets the failure of the first upload, and options that are wrong are refused before anything starts', async () => {
    await using at = await world();
    await at.work();
    await expect(at.files.hold('none.mp4', { for: '1h' })).rejects.toMatchObject({
      name: 'FileNotFoundError',
    });
    for (const [wrong, field] of [
      [{ for: '31d' }, 'for'],
      [{ for: '1h', holdId: 'a', reuse: 'content' }, 'holdId and reuse'],
      [{ for: '1h', reuse: 'name' }, 'reuse'],
    ] as [never, string][])
      await expect(at.files.hold('a.mp4', wrong)).rejects.toThrow(
        `Invalid option${field.includes(' ') ? 's' : ''} ${field}: `,
      );
  });

  it('whose acquire comes while the hold is cancelled or terminated gets a new hold', async () => {
    await using at = await world();
    await at.work();
    for (const end of ['cancel', 'terminate'] as const) {
      const holdId = randomUUID();
      const first = await at.files.hold('a.mp4', { for: '1h', holdId });
      const [second] = await Promise.all([
        delay(Math.random() * 40).then(() => at.files.hold('a.mp4', { for: '1h', holdId })),
        first.workflow[end](),
      ]);
      // It may have been acquired before the end; then it ended with it.
      const again = await at.files.hold('a.mp4', { for: '1h', holdId, leaseId: second.leaseId });
      expect(at.emulator.files.has(again.file.id)).toBe(true);
      expect(await again.current()).toEqual(again.file);
    }
  });

  // Not on the time-skipping server: there, a workflow whose timer fires while one of its tasks cancels it never gets a task again.
  it('whose acquire comes at the moment when the last lease ends extends it, or gets a new hold', async () => {
    await using at = await world();
    await at.work();
    const acquireAt = async (ms: number) => {
      const holdId = randomUUID();
      const first = await at.files.hold('a.mp4', { for: '1s', holdId });
      const { leases } = await first.workflow.query<HoldStatus>('heldFile');
      await delay(Date.parse(leases[0]?.until ?? '') + ms - Date.now());
      const second = await at.files.hold('a.mp4', { for: '1h', holdId });
      expect(at.emulator.files.has(second.file.id)).toBe(true);
      const isNew = second.file.id !== first.file.id;
      expect(at.emulator.files.has(first.file.id)).toBe(!isNew);
      expect(await second.current()).toEqual(second.file);
      await second.release();
      const result = await second.workflow.result();
      expect(result).toEqual({ renewals: 0, leases: isNew ? 1 : 2, cleanup: 'deleted' });
    };
    await Promise.all(Array.from({ length: 15 }, (_, n) => acquireAt(10 * n - 100)));
    expect(at.emulator.files.size).toBe(0);
  });
});

describe('a lease', () => {
  it('of a hold that failed has the failure of its own run, also while another run holds a file', async () => {
    await using at = await world();
    await at.work();
    const failed = await start(at, 'holdActiveFile', { path: 'none.mp4', for: '1h' });
    await failed.result().catch(() => undefined);
    const again = await at.files.hold('a.mp4', { for: '1h', holdId: failed.workflowId });
    expect((await again.workflow.describe()).runId).not.toBe(failed.firstExecutionRunId);
    await expect(
      throwFailure(env.client, failed.workflowId, failed.firstExecutionRunId),
    ).rejects.toMatchObject({ name: 'FileNotFoundError' });
    await again.release();
  });

  it('is extended by what the hold accepts, and anything else is refused at once', async () => {
    await using at = await world();
    await at.work();
    const held = await at.files.hold('a.mp4', { for: '1h' });
    const { leases: before } = await held.workflow.query<HoldStatus>('heldFile');
    for (const time of ['31d', '0s', 'soon', -1])
      await expect(held.extend(time as Duration)).rejects.toMatchObject({
        name: 'InvalidOptionsError',
        message: expect.stringContaining('Invalid option for: ') as string,
      });
    expect((await held.workflow.query<HoldStatus>('heldFile')).leases).toEqual(before);
    await held.release();
  });

  it('of a hold that refuses its options has that failure, also if it is asked before', async () => {
    await using at = await world();
    const newer = await start(at, 'holdActiveFile', { path: 'a.mp4', for: '1h', leaseId: 'x', unknown: 1 });
    const lease = at.files.attachHold(newer.workflowId, 'x');
    const early = lease.current();
    await at.work();
    const failure = { name: 'InvalidOptionsError' };
    await expect(early).rejects.toMatchObject(failure);
    await expect(lease.current()).rejects.toMatchObject(failure);
  });

  it('without a worker is waited for as long as the deadline of the connection allows', async () => {
    await using at = await world();
    const hold = await start(at, 'holdActiveFile', { path: 'a.mp4', for: '1h', leaseId: 'x' });
    const begin = Date.now();
    const current = env.connection.withDeadline(begin + 1000, () =>
      at.files.attachHold(hold.workflowId, 'x').current(),
    );
    await expect(current).rejects.toThrow(ServiceError);
    expect(Date.now() - begin).toBeLessThan(10_000);
    await hold.terminate();
  });

  it('of a workflow that is no hold is refused, by a program and by that workflow itself', async () => {
    await using at = await world();
    await at.work();
    const other = await start(at, 'heldLong', { path: 'a.mp4', for: '1h' });
    await expect(at.files.hold('a.mp4', { for: '1h', holdId: other.workflowId })).rejects.toThrow(
      `The workflow ${other.workflowId} does not answer as a hold`,
    );
    await other.signal('end');
    await other.result();
    const workflowId = randomUUID();
    const itself = await env.client.workflow.start('heldBlock', {
      taskQueue: at.taskQueue,
      workflowId,
      args: [{ path: 'a.mp4', for: '1h', holdId: workflowId }],
    });
    await expect(itself.result()).rejects.toMatchObject({ cause: { type: 'InvalidOptionsError' } });
  });
});

it('200 acquires of one hold over two workers and three clients: one upload, 200 equal ids', async () => {
  await using at = await world({ processing: '500ms' });
  await Promise.all([at.work(), at.work()]);
  const connections = await Promise.all([1, 2, 3].map(() => Connection.connect({ address: env.address })));
  const clients = connections.map(
    (connection) => new GeminiFilesClient(new Client({ connection }), { taskQueue: at.taskQueue }),
  );
  const holdId = randomUUID();
  const held = await Promise.all(
    Array.from({ length: 200 }, (_, n) =>
      (clients[n % 3] as GeminiFilesClient).hold('a.mp4', { for: '1h', holdId, pollInterval: '200ms' }),
    ),
  );
  expect(new Set(held.map(({ file }) => file.id)).size).toBe(1);
  expect(new Set(held.map(({ leaseId }) => leaseId)).size).toBe(200);
  expect(uploads(at)).toBe(1);
  expect(at.emulator.files.size).toBe(1);
  await Promise.all(held.map((one) => one.release()));
  expect(await held[0]?.workflow.result()).toMatchObject({ leases: 200, cleanup: 'deleted' });
  expect(at.emulator.files.size).toBe(0);
  await Promise.all(connections.map((connection) => connection.close()));
});

it('the same bytes under two paths with reuse: content are uploaded once', async () => {
  await using at = await world();
  await at.work();
  await folder.file('copy.mp4', 10_000);
  const held = await Promise.all(
    ['a.mp4', 'copy.mp4', 'a.mp4'].map((path) => at.files.hold(path, { for: '1h', reuse: 'content' })),
  );
  const inWorkflow = await start(at, 'heldBlock', { path: 'copy.mp4', for: '1h', reuse: 'content' });
  const seen = (await inWorkflow.result()) as string[];
  expect(new Set([...held.map(({ file }) => file.id), ...seen]).size).toBe(1);
  expect(uploads(at)).toBe(1);
  expect(held[0]?.holdId).toMatch(/^gemini-files-content:[0-9a-f]{64}:[0-9a-f]{16}:video\/mp4:$/);
  const other = await at.files.hold('a.mp4', { for: '1h', reuse: 'content', mimeType: 'audio/mpeg' });
  expect(other.holdId).not.toBe(held[0]?.holdId);
  for (const one of [...held, other]) await one.release();
});

it('a key of another project: the next acquire finds that the file is denied, and one new upload serves all', async () => {
  await using at = await world({ apiKeys: ['one', 'two'] });
  const stop = await at.work('one');
  const holdId = randomUUID();
  const before = await at.files.hold('a.mp4', { for: '1h', holdId });
  await stop();
  await at.work('two');
  // The file counts as checked for five seconds: `checkNow` has it checked at once.
  await before.workflow.signal('checkNow');
  const leaseIds = [undefined, undefined, before.leaseId];
  const held = await Promise.all(
    leaseIds.map((leaseId) => at.files.hold('a.mp4', { for: '1h', holdId, ...(leaseId && { leaseId }) })),
  );
  expect(new Set(held.map(({ file }) => file.id)).size).toBe(1);
  expect(held[0]?.file.id).not.toBe(before.file.id);
  expect(await before.current()).toEqual(held[0]?.file);
  expect(uploads(at)).toBe(2);
  await before.workflow.terminate();
});

describe('a workflow', () => {
  it('holds a file for a block, and releases it however the block ends', async () => {
    await using at = await world();
    await at.work();
    for (const end of ['return', 'failure', 'continue'] as const) {
      const holdId = randomUUID();
      const handle = await start(at, 'heldBlock', { path: 'a.mp4', for: '1h', holdId }, end);
      const outcome = await handle.result().then(
        (value: unknown) => value,
        (error: Error) => error.cause?.constructor.name,
      );
      if (end === 'failure') expect(outcome).toBe('ApplicationFailure');
      else expect(new Set(outcome as string[]).size).toBe(1);
      const hold = await env.client.workflow.getHandle(holdId).describe();
      expect(await hold.staticSummary()).toBe('hold a.mp4');
      await at.emulator.waitFor(() => at.emulator.files.size === 0);
      await replayed(env.client, handle.workflowId, undefined, { workflowBundle });
    }
  });

  it('that continues as new in the block keeps the file if the hold lingers, and needs a new upload if not', async () => {
    for (const [linger, expected] of [
      ['1h', 1],
      ['0s', 2],
    ] as const) {
      await using at = await world();
      await at.work();
      const holdId = randomUUID();
      const handle = await start(at, 'heldBlock', { path: 'a.mp4', for: '1h', holdId, linger }, 'continue');
      const runs = new Set([(await handle.describe()).runId]);
      await handle.result();
      runs.add((await env.client.workflow.getHandle(handle.workflowId).describe()).runId);
      expect(runs.size).toBe(2);
      expect(uploads(at)).toBe(expected);
      const hold = env.client.workflow.getHandle(holdId);
      if (linger === '0s') {
        await hold.result();
        expect(at.emulator.files.size).toBe(0);
      } else {
        expect(await hold.query('heldFile')).toMatchObject({ phase: 'active', leases: [], renewals: 0 });
        await hold.terminate();
      }
    }
  });

  it('that is cancelled releases its lease', async () => {
    await using at = await world();
    await at.work();
    const handle = await start(at, 'heldBlock', { path: 'a.mp4', for: '1h' }, 'sleep');
    await at.emulator.waitFor(() => at.emulator.files.size === 1);
    await handle.cancel();
    await expect(handle.result()).rejects.toThrow();
    await at.emulator.waitFor(() => at.emulator.files.size === 0);
  });

  it('shares the hold of a program, and gets a new hold if that one is terminated', async () => {
    await using at = await world();
    await at.work();
    const holdId = randomUUID();
    const held = await at.files.hold('a.mp4', { for: '1h', holdId });
    const handle = await start(at, 'heldLong', { path: 'a.mp4', for: '1h', holdId });
    await expect
      .poll(async () => (await held.workflow.query<{ leases: unknown[] }>('heldFile')).leases.length)
      .toBe(2);
    await held.workflow.terminate();
    await handle.signal('ask');
    await at.emulator.waitFor(() => at.emulator.files.size === 2);
    await handle.signal('end');
    const seen = (await handle.result()) as string[];
    expect(seen[0]).toBe(held.file.id);
    expect(seen[1]).not.toBe(held.file.id);
    expect(uploads(at)).toBe(2);
  });

  it('gets the failure of the first upload', async () => {
    await using at = await world();
    await at.work();
    const handle = await start(at, 'heldBlock', { path: 'none.mp4', for: '1h' });
    await expect(handle.result()).rejects.toMatchObject({ cause: { type: 'FileNotFoundError' } });
  });
});

it('a terminated hold: the sweep finds its file, and the replaced one too', async () => {
  await using at = await world({ retention: '62s' });
  await at.work();
  // Due half a second after the upload.
  const held = await at.files.hold('a.mp4', { for: '1h', renewBefore: '61500ms', grace: '1h' });
  await at.emulator.waitFor(() => at.emulator.files.size >= 2);
  await terminate(env, held.holdId);
  await untilListed(env, `WorkflowId = '${held.holdId}'`);
  const worker = await import('../../support/worker.js').then(({ testWorker }) =>
    testWorker(env, { baseUrl: at.emulator.url, allowedRoots: [folder.path] }),
  );
  const { deleted, failed } = await worker.run(() =>
    sweep(env, worker, { query: `WorkflowId = '${held.holdId}'` }),
  );
  expect(failed).toBe(0);
  expect(deleted).toBeGreaterThanOrEqual(2);
  expect(at.emulator.files.size).toBe(0);
});
