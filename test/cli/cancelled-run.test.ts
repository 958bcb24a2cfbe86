/** `upload` and `status` report the file of a cancelled run, although the cancellation has no details. */

import { randomBytes, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GeminiFilesClient } from '../../src/client/index.js';
import { reportOfCancelled } from '../../src/cli/upload/cancelled-run.js';
import { faults, GeminiFilesEmulator } from '../../src/testing/index.js';
import { parseHistory } from '../../src/testing/replay/history-json.js';
import { cliHome, type CliEnd, type CliHome } from '../support/cli.js';
import { relayedTemporal } from '../support/relayed-temporal.js';
import { asleep } from '../support/scenario.js';
import { useDevServer } from '../support/temporal.js';

const MIB = 1024 * 1024;
/** No check before the run is cancelled. */
const POLLS = ['--poll-interval', '1h', '--max-poll-interval', '1h'];
const temporal = await useDevServer();
let home: CliHome;
beforeAll(async () => {
  home = await cliHome({ TEMPORAL_ADDRESS: temporal.address, GEMINI_API_KEY: 'sk-test-0123456789abcdef' });
});
afterAll(() => home[Symbol.asyncDispose]());

interface Cancelled {
  readonly workflowId: string;
  /** `files/…`. */
  readonly id: string;
  readonly upload: CliEnd;
  /** Of `status`, when no worker can answer any more. */
  readonly status: CliEnd;
  readonly statusText: CliEnd;
}

/** Interrupts an `upload` when `until` resolves. */
async function cancelledRun(
  emulator: GeminiFilesEmulator,
  flags: readonly string[],
  sizeBytes: number,
  until: (workflowId: string) => Promise<unknown>,
): Promise<Cancelled> {
  const env = { GOOGLE_GEMINI_BASE_URL: emulator.url };
  const video = await home.file(`${randomUUID()}.mp4`, randomBytes(sizeBytes));
  const process = home.start(['upload', video, '--json', ...POLLS, ...flags], { env });
  const [, workflowId = ''] = await process.stderr(/^Run: (\S+)/m);
  await until(workflowId);
  process.child.kill('SIGINT');
  const upload = await process.ended;
  const status = await home.run(['status', workflowId, '--json'], { env });
  const statusText = await home.run(['status', workflowId], { env });
  return { workflowId, id: emulator.sessions[0]?.name ?? '', upload, status, statusText };
}

const waiting = (workflowId: string) =>
  asleep(temporal, new GeminiFilesClient(temporal.client).attach(workflowId));
const sending = (emulator: GeminiFilesEmulator) => () =>
  emulator.waitFor((requests) => requests.some(({ bytes }) => bytes > MIB));

function expectReport({ workflowId, upload, status }: Cancelled, file: object): void {
  const error = { type: 'CancelledFailure', message: 'The run was cancelled', ...file };
  expect(upload.code).toBe(130);
  const run = { workflowId, runId: expect.any(String) as string, webUrl: null };
  expect(upload.json()).toEqual({ error: { ...error, ...run } });
  expect(status.code).toBe(0);
  expect(status.json()).toMatchObject({ status: 'CANCELLED', progress: null, result: null });
  expect(status.json().error).toEqual(error);
}

it('that it is deleted', async () => {
  await using emulator = await GeminiFilesEmulator.start({ outcome: 'NEVER' });
  const run = await cancelledRun(emulator, [], 2000, waiting);
  expect(emulator.files.size).toBe(0);
  expectReport(run, { id: run.id, cleanup: 'deleted' });
  expect(run.upload.stderr).toMatch(/\nclean-up: files\/\S+ is deleted\nCancelled\.\n$/);
  expect(run.statusText.stdout).toMatch(/\nfile +files\/\S+\nclean-up +deleted\n$/);
});

it('that it could not be deleted', async () => {
  await using emulator = await GeminiFilesEmulator.start({
    outcome: 'NEVER',
    faults: [faults.unavailable('delete', { times: 'always' })],
  });
  const run = await cancelledRun(emulator, ['--cleanup-timeout', '2s'], 2000, waiting);
  expect(emulator.files.size).toBe(1);
  expectReport(run, { id: run.id, cleanup: 'failed' });
  expect(run.upload.stderr).toMatch(
    /\nclean-up: files\/\S+ could not be deleted; it stays at the provider until it expires\nCancelled\.\n$/,
  );
  expect(run.statusText.stdout).toMatch(/\nclean-up +failed\n$/);
});

// In JSON, the details of the failure say it; people need it too.
it('that it could not be deleted, as it is said of a run that failed', async () => {
  await using emulator = await GeminiFilesEmulator.start({
    outcome: 'NEVER',
    faults: [faults.unavailable('delete', { times: 'always' })],
  });
  const video = await home.file(`${randomUUID()}.mp4`, randomBytes(2000));
  const flags = ['--timeout', '100ms', '--poll-interval', '100ms', '--cleanup-timeout', '1s'];
  const env = { GOOGLE_GEMINI_BASE_URL: emulator.url };
  const { code, stderr } = await home.run(['upload', video, ...flags], { env });
  expect(code).toBe(3);
  expect(stderr).toMatch(
    /\nclean-up: files\/\S+ could not be deleted; .*\nUploadInactiveError: .*\nLong videos .*\n$/,
  );
});

describe('with --no-cleanup-on-timeout', () => {
  it('that it is kept', async () => {
    await using emulator = await GeminiFilesEmulator.start({ outcome: 'NEVER' });
    const run = await cancelledRun(emulator, ['--no-cleanup-on-timeout'], 2000, waiting);
    expect(emulator.files.size).toBe(1);
    expectReport(run, { id: run.id, cleanup: 'kept' });
    expect(run.upload.stderr).toMatch(/\nclean-up: files\/\S+ is kept\nCancelled\.\n$/);
  });

  it('that what was sent of it is deleted, not kept, if the upload had not ended', async () => {
    const pace = { on: 'upload', do: 'pace', bytesPerSecond: 2 * MIB } as const;
    await using emulator = await GeminiFilesEmulator.start({ outcome: 'NEVER', faults: [pace] });
    const run = await cancelledRun(emulator, ['--no-cleanup-on-timeout'], 32 * MIB, sending(emulator));
    expect(emulator.files.size).toBe(0);
    expect(emulator.sessions).toMatchObject([{ state: 'cancelled' }]);
    expectReport(run, { id: run.id, cleanup: 'deleted' });
  });
});

it('of a run that was interrupted while it was being started, without a worker: it is ended', async () => {
  await using emulator = await GeminiFilesEmulator.start({ outcome: 'NEVER' });
  await using relay = await relayedTemporal(temporal.address, (call) => {
    // The command is interrupted before it learns that the run exists.
    if (call === 'StartWorkflowExecution') upload.child.kill('SIGINT');
    return Promise.resolve();
  });
  const video = await home.file(`${randomUUID()}.mp4`, randomBytes(2000));
  const upload = home.start(['upload', video, '--json', '--no-worker'], {
    env: { TEMPORAL_ADDRESS: relay.address, GOOGLE_GEMINI_BASE_URL: emulator.url },
  });
  const end = await upload.ended;
  expect(end).toMatchObject({ code: 130, signal: null });
  expect(end.stderr).toMatch(/\nRun: .*\nCancelling; .*\nCancelled\.\n$/);
  const { workflowId } = end.json<{ error: { workflowId: string } }>().error;
  const { status } = await temporal.client.workflow.getHandle(workflowId).describe();
  expect(status.name).toBe('TERMINATED');
  expect(emulator.requests).toEqual([]);
});

describe('from the history', () => {
  type Json = { events: { [field: string]: unknown }[] };
  const recorded = async (name: string): Promise<Json> =>
    JSON.parse(await readFile(new URL(`../histories/0.1.0/${name}.json`, import.meta.url), 'utf8')) as Json;
  const report = async (history: Json) =>
    reportOfCancelled(new Error('cancelled'), {
      fetchHistory: () => Promise.resolve(parseHistory(history)),
    });

  it('of 0.1.0', async () => {
    expect(await report(await recorded('cancelled-in-upload'))).toMatchObject({ cleanup: 'deleted' });
  });

  it('of a run that continues the wait of another run, and has no upload itself', async () => {
    const { events } = await recorded('continued-as-new-2');
    const [begun, ...tasks] = events.slice(0, 4);
    expect(await report({ events: [begun ?? {}, ...tasks] })).toMatchObject({ cleanup: 'kept' });
  });

  it('of a run that was cancelled before its upload: there is nothing to say', async () => {
    const { events } = await recorded('cancelled-in-upload');
    expect(await report({ events: events.slice(0, 4) })).toEqual({ type: 'Error', message: 'cancelled' });
  });

  it('that cannot be read: the cancellation is certain all the same', async () => {
    const gone = { fetchHistory: () => Promise.reject(new Error('unavailable')) };
    expect(await reportOfCancelled(new Error('cancelled'), gone)).toEqual({
      type: 'Error',
      message: 'cancelled',
    });
  });
});
