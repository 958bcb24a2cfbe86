/** The contract without any SDK: Temporal's CLI, JSON in and JSON out, checked with the schemas of the package. */

import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, inject, it } from 'vitest';
import type { GeminiFilesEmulator } from '../../src/testing/index.js';
import { useTestFolder } from '../support/files.js';
import { scenario, uploadedName } from '../support/scenario.js';
import { useSharedDevServer } from '../support/temporal.js';

const env = await useSharedDevServer();
const folder = await useTestFolder();
await folder.file('clip.mp4', 1000);

interface Schema {
  readonly required: readonly string[];
  readonly properties: Record<string, object>;
}

/** Required and possible fields, by the schema. */
function schema(name: string): Schema {
  const file = new URL(`../../schemas/${name}.schema.json`, import.meta.url);
  return JSON.parse(readFileSync(file, 'utf8')) as Schema;
}

/** What `temporal workflow COMMAND` prints, read as JSON; commands of a failed workflow exit with 1. */
async function temporal(command: string, ...args: string[]): Promise<unknown> {
  const connection = ['--address', env.address, '--namespace', 'default', '--output', 'json'];
  const call = promisify(execFile)(inject('temporalCli'), ['workflow', command, ...connection, ...args]);
  const { stdout } = await call.catch((error: unknown) => error as { stdout: string });
  return stdout ? (JSON.parse(stdout) as unknown) : undefined;
}

interface Run {
  readonly id: string;
  readonly emulator: GeminiFilesEmulator;
  query(): Promise<Record<string, unknown>>;
  result(): Promise<Record<string, unknown>>;
}

/** Starts by type name and JSON, while a worker runs. */
async function started(
  input: object,
  work: (run: Run) => Promise<void>,
  { type, query } = { type: 'uploadAndWaitActive', query: 'uploadStatus' },
): Promise<void> {
  await using world = await scenario(env, folder);
  const id = randomUUID();
  const run: Run = {
    id,
    emulator: world.emulator,
    query: async () => {
      const answer = await temporal('query', '--workflow-id', id, '--name', query);
      return (answer as { queryResult: Record<string, unknown>[] }).queryResult[0] ?? {};
    },
    result: async () => (await temporal('result', '--workflow-id', id)) as Record<string, unknown>,
  };
  await world.run(async () => {
    const how = ['--task-queue', world.taskQueue, '--type', type, '--workflow-id', id];
    await temporal('start', ...how, '--input', JSON.stringify(input));
    await work(run);
  });
}

/** The run sleeps; its next check is an hour away. */
async function asleep(run: Run): Promise<string> {
  const name = await uploadedName(run.emulator);
  await expect.poll(async () => (await run.query()).phase).toBe('processing');
  return name;
}

const HOURLY = { path: 'clip.mp4', pollInterval: '1h', maxPollInterval: null, jitter: 0, timeout: '2h' };

describe("by Temporal's CLI", () => {
  it('starts, is queried, is signalled, and gives its result', async () => {
    await started(HOURLY, async (run) => {
      const id = await asleep(run);
      const status = await run.query();
      expect(Object.keys(status).sort()).toEqual([...schema('upload-status').required].sort());
      expect(status).toMatchObject({ phase: 'processing', id, state: 'PROCESSING', polls: 0 });
      run.emulator.activate(id);
      await temporal('signal', '--workflow-id', run.id, '--name', 'checkNow');
      const { status: end, result } = (await run.result()) as { status: string; result: object };
      expect(end).toBe('COMPLETED');
      expect(Object.keys(result).sort()).toEqual([...schema('active-file').required].sort());
      const sizes = { sizeBytes: 1000, polls: 1 };
      expect(result).toMatchObject({ provider: 'google', id, state: 'ACTIVE', ...sizes });
    });
  });

  it('holds a file, whose leases come and go by signals', async () => {
    const signal = async (run: Run, name: string, fields: object) => {
      const known = schema(name === 'acquireHold' ? 'acquire-hold' : 'release-hold');
      expect(Object.keys(known.properties)).toEqual(expect.arrayContaining(Object.keys(fields)));
      expect(Object.keys(fields)).toEqual(expect.arrayContaining([...known.required]));
      const input = ['--name', name, '--input', JSON.stringify(fields)];
      await temporal('signal', '--workflow-id', run.id, ...input);
    };
    const input = { path: 'clip.mp4', for: '1h', leaseId: 'mine', pollInterval: '100ms' };
    expect(Object.keys(schema('hold-options').properties)).toEqual(
      expect.arrayContaining(Object.keys(input)),
    );
    await started(
      input,
      async (run) => {
        run.emulator.activate(await uploadedName(run.emulator));
        await expect.poll(async () => (await run.query()).phase).toBe('active');
        await signal(run, 'acquireHold', { leaseId: 'other', for: '2h' });
        const status = await run.query();
        expect(Object.keys(status).sort()).toEqual([...schema('hold-status').required].sort());
        expect(status).toMatchObject({ leases: [{ id: 'mine' }, { id: 'other' }], renewals: 0 });
        for (const leaseId of ['mine', 'other']) await signal(run, 'releaseHold', { leaseId });
        const { result } = (await run.result()) as { result: object };
        expect(Object.keys(result).sort()).toEqual([...schema('hold-result').required].sort());
        expect(result).toEqual({ renewals: 0, leases: 2, cleanup: 'deleted' });
      },
      { type: 'holdActiveFile', query: 'heldFile' },
    );
  });

  it('is cancelled, and deletes the file before it ends', async () => {
    await started(HOURLY, async (run) => {
      await asleep(run);
      await temporal('cancel', '--workflow-id', run.id);
      expect(await run.result()).toMatchObject({ status: 'CANCELED' });
      expect(run.emulator.files.size).toBe(0);
    });
  });

  it('fails by the type and the details of the contract', async () => {
    await started({ path: 'nothing.mp4' }, async (run) => {
      const { type, details } = failureOf(await run.result());
      expect(type).toBe('FileNotFoundError');
      expect(details).toEqual([{ provider: 'google', polls: 0 }]);
      const { required, properties } = schema('failure-details');
      expect(required).toEqual(['provider']);
      expect(Object.keys(properties)).toContain('polls');
    });
  });

  it('refuses an unknown field, and names it', async () => {
    await started({ path: 'clip.mp4', timout: '90s' }, async (run) => {
      expect(failureOf(await run.result())).toEqual({
        type: 'InvalidOptionsError',
        message: 'Invalid option timout: unknown field, got "90s"',
        details: [{ provider: 'google' }],
      });
      expect(run.emulator.requests).toEqual([]);
    });
  });
});

interface FailedEvent {
  readonly failure: {
    readonly message: string;
    readonly applicationFailureInfo: { readonly type: string; readonly details: readonly unknown[] };
  };
}

function failureOf(result: Record<string, unknown>): { type: string; message: string; details: unknown } {
  const { closeEvent } = result as { closeEvent: Record<string, FailedEvent> };
  const event = closeEvent['workflowExecutionFailedEventAttributes'] as FailedEvent;
  const { message, applicationFailureInfo } = event.failure;
  const { type, details } = applicationFailureInfo;
  return { type, message, details };
}
