/**
 * Workers of several versions can share a task queue. So an activity takes what a workflow of 0.1.0 sends (here: what its
 * recorded histories hold), and ignores a field that only a newer workflow sends.
 *
 * Only workflow code of 0.1.0 was recorded, so its activities do not run here. Its upload activity refuses unknown fields;
 * test/e2e/upgrade.test.ts requires that the workflow sends it none.
 */

import { readdirSync, readFileSync } from 'node:fs';
import type { Client } from '@temporalio/client';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createGeminiFilesActivities } from '../../src/activities/index.js';
import { ACTIVITY } from '../../src/contract/names.js';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { connectionTo, KEY, NAME } from '../support/connection.js';
import { testFolder, type TestFolder } from '../support/files.js';

type Fields = Record<string, unknown>;
interface Payload {
  readonly data: string;
}
interface Event {
  readonly activityTaskScheduledEventAttributes?: {
    readonly activityType: { readonly name: string };
    readonly input: { readonly payloads: readonly Payload[] };
  };
}

const histories = new URL('../histories/0.1.0/', import.meta.url);

/** One input of each activity for each set of fields that occurs in the histories of 0.1.0. */
const recorded = [
  ...new Map(
    readdirSync(histories).flatMap((file) => {
      const { events } = JSON.parse(readFileSync(new URL(file, histories), 'utf8')) as { events: Event[] };
      return events.flatMap(({ activityTaskScheduledEventAttributes: scheduled }) => {
        const [payload] = scheduled?.input.payloads ?? [];
        if (!scheduled || !payload) return [];
        const input = JSON.parse(Buffer.from(payload.data, 'base64').toString()) as Fields;
        const { name } = scheduled.activityType;
        return [[`${name} ${Object.keys(input).join()}`, { name, input }] as const];
      });
    }),
  ).values(),
];

/** Today's inputs, with everything that today's workflow can send. */
const current: { name: string; input: Fields }[] = [
  {
    name: ACTIVITY.upload,
    input: { name: NAME, path: 'clip.mp4', displayName: 'Clip', mimeType: 'video/mp4', credentials: 'team' },
  },
  {
    name: ACTIVITY.check,
    input: {
      name: NAME,
      credentials: 'team',
      deadlineMs: Date.now() + 60_000,
      keyFingerprint: 'a'.repeat(16),
    },
  },
  {
    name: ACTIVITY.delete,
    input: { name: NAME, credentials: 'team', session: 'v1.x', keyFingerprint: 'a'.repeat(16), settleMs: 0 },
  },
  { name: ACTIVITY.findAbandoned, input: { query: "WorkflowId = 'a'", olderThanMs: 1000 } },
  {
    name: ACTIVITY.deleteAbandoned,
    input: { name: NAME, workflowId: 'a', runId: 'b', credentials: 'team', keyFingerprint: 'a'.repeat(16) },
  },
];

let folder: TestFolder;
let emulator: GeminiFilesEmulator;
beforeEach(async () => {
  folder = await testFolder();
  emulator = await GeminiFilesEmulator.start({ processing: 0 });
});
afterEach(async () => {
  await emulator.close();
  await folder[Symbol.asyncDispose]();
});

/** A namespace without workflows. */
const emptyNamespace = {
  options: { namespace: 'default' },
  workflowService: {
    listWorkflowExecutions: () => Promise.resolve({ executions: [] }),
    describeWorkflowExecution: () => Promise.resolve({}),
  },
  withAbortSignal: (_signal: AbortSignal, call: () => Promise<unknown>) => call(),
  withDeadline: (_deadline: number, call: () => Promise<unknown>) => call(),
  activity: { heartbeat: () => Promise.resolve() },
} as unknown as Client;

async function call(activity: string, input: Fields): Promise<unknown> {
  const { name, path } = input;
  if (typeof path === 'string') await folder.file(path, 100);
  else if (typeof name === 'string') emulator.addFile({ name, content: 'x', apiKey: KEY });
  const activities = createGeminiFilesActivities({
    connect: () => Promise.resolve(connectionTo(emulator.url)),
    allowedRoots: [folder.path],
  }) as unknown as Record<string, (value: Fields) => Promise<unknown>>;
  const env = new MockActivityEnvironment(
    { scheduledTimestampMs: Date.now(), scheduleToCloseTimeoutMs: 60_000 },
    { client: emptyNamespace, logger: new DefaultLogger('ERROR') },
  );
  return env.run(activities[activity] as (value: Fields) => Promise<unknown>, input);
}

/** What each activity returns and which files are left if it took its input. */
const DONE: Readonly<Record<string, (input: Fields) => { result: unknown; files: unknown[] }>> = {
  [ACTIVITY.upload]: ({ name }) => ({
    result: expect.objectContaining({ name, sizeBytes: 100 }),
    files: [name],
  }),
  [ACTIVITY.check]: ({ name, keyFingerprint }) => ({
    result: {
      found: true,
      file: expect.objectContaining({ name }) as unknown,
      ...(keyFingerprint === undefined && { keyFingerprint: expect.any(String) as unknown }),
    },
    files: [name],
  }),
  [ACTIVITY.delete]: () => ({ result: undefined, files: [] }),
  [ACTIVITY.deleteAbandoned]: () => ({ result: { outcome: 'deleted' }, files: [] }),
  // A workflow that names no limit is of 0.1.0, which expects a list.
  [ACTIVITY.findAbandoned]: () => ({ result: [], files: [] }),
};

async function expectDone(activity: string, input: Fields): Promise<void> {
  const result = await call(activity, input);
  expect({ result, files: [...emulator.files.keys()] }).toEqual(DONE[activity]?.(input));
}

describe('the activities', () => {
  it('were all called in the histories of 0.1.0, except for those that 0.1.0 lacks', () => {
    const later: string[] = [ACTIVITY.deleteAbandoned, ACTIVITY.identify, ACTIVITY.examine];
    const names = new Set(recorded.map(({ name }) => name));
    expect([...names].sort()).toEqual(
      Object.values(ACTIVITY)
        .filter((name) => !later.includes(name))
        .sort(),
    );
  });

  it.each(recorded)('take what 0.1.0 sends: $name $input', ({ name, input }) => expectDone(name, input));

  it.each([...recorded, ...current])(
    'ignore a field that they do not know: $name $input',
    ({ name, input }) =>
      expectDone(name, { ...input, fieldOfTheFuture: { a: [1] }, timeout: 'not a duration' }),
  );

  it('do not ignore a provider that they do not know', async () => {
    const [upload] = current;
    await expect(call(ACTIVITY.upload, { ...upload?.input, provider: 'other' })).rejects.toMatchObject({
      type: 'UnsupportedProviderError',
      nonRetryable: true,
    });
    expect(emulator.requests).toEqual([]);
  });
});
