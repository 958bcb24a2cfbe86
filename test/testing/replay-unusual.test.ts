/** Histories that are not whole, or that no replay ends: each is named, in bounded time, and the others are replayed. */

import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { Client } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger, type WorkflowBundle } from '@temporalio/worker';
import { beforeAll, describe, expect, it } from 'vitest';
import {
  ReplayError,
  replayHistories,
  type HistorySource,
  type NamedHistory,
  type ReplayOptions,
} from '../../src/testing/index.js';
import { useTestFolder } from '../support/files.js';
import { recordedHistory, sleepsHistory, type History, type HistoryEvent } from './made-history.js';

const folder = await useTestFolder();
let workflowBundle: WorkflowBundle;
beforeAll(async () => {
  workflowBundle = await bundleWorkflowCode({
    workflowsPath: fileURLToPath(new URL('fixtures/unusual.ts', import.meta.url)),
    logger: new DefaultLogger('WARN'),
  });
});

const GOOD: NamedHistory = { name: 'good', history: recordedHistory() };
const SKIPPED = 'no workflow task of it has completed yet, so there is nothing to compare with the code';

const replay = (source: HistorySource, options: Partial<ReplayOptions> = {}) =>
  replayHistories(source, { workflowBundle, historyTimeout: '20s', ...options } as ReplayOptions);

/** How the replay of `source`, and of a good history after it, fails. */
async function failureOf(source: HistorySource, options?: Partial<ReplayOptions>): Promise<ReplayError> {
  const error: unknown = await replay([source, GOOD], options).catch((reason: unknown) => reason);
  if (!(error instanceof ReplayError)) throw new Error('no ReplayError', { cause: error });
  // Whatever the history was, the next one is replayed.
  expect(error.replayed).toEqual(['good']);
  expect(error.failures).toHaveLength(1);
  return error;
}

type Change = (events: HistoryEvent[]) => unknown;

const changed = (change: Change): History => {
  const history = recordedHistory();
  change(history.events);
  return history;
};
it('gives the workflow its own id, and not the name of the history', async () => {
  const made = { name: 'a file', history: sleepsHistory('sleepsAsMade', 2) };
  expect((await replay([made])).replayed).toEqual(['a file']);
});

const started = (events: HistoryEvent[]) => events[0]?.workflowExecutionStartedEventAttributes ?? {};
const lastOf = (events: HistoryEvent[], kind: keyof HistoryEvent) =>
  events.findLastIndex((event) => event[kind]) + 1;

describe('a history that is not whole', () => {
  it.each<[string, Change, string]>([
    ['has no events', (events) => events.splice(0), 'it has no events'],
    ['has a gap', (events) => events.splice(6, 1), 'event 8 follows event 6'],
    [
      'has an event twice',
      (events) => events.splice(6, 0, events[6] as HistoryEvent),
      'event 7 follows event 7',
    ],
    [
      'is out of order',
      (events) => events.splice(5, 2, ...events.slice(5, 7).reverse()),
      'event 7 follows event 5',
    ],
    ['lacks its beginning', (events) => events.splice(0, 4), 'its first event has the id 5, not 1'],
    [
      'begins with another event',
      ([first]) => Object.assign(first ?? {}, { workflowExecutionStartedEventAttributes: null }),
      'its first event is not WorkflowExecutionStarted',
    ],
    [
      'names no type',
      (events) => (started(events).workflowType = null),
      'its first event names no workflow type',
    ],
    ['names no queue', (events) => (started(events).taskQueue = null), 'its first event names no task queue'],
    [
      'has a workflow task without an end',
      (events) => Object.assign(events[3] ?? {}, { workflowTaskCompletedEventAttributes: null }),
      'event 4 follows the start of a workflow task, and does not end the task',
    ],
  ])('fails by its name: it %s', async (_, change, reason) => {
    const { failures } = await failureOf({ name: 'odd', history: changed(change) });
    expect(failures).toEqual([
      { name: 'odd', nondeterministic: false, message: `no whole history: ${reason}` },
    ]);
  });

  it.each<[string, unknown]>([
    ['null', null],
    ['an empty object', {}],
    ['events that are none', { events: [null, 7] }],
  ])('fails by its name: %s', async (_, history) => {
    const { failures } = await failureOf({ name: 'odd', history: history as History });
    expect(failures[0]).toMatchObject({ name: 'odd', message: expect.stringContaining('history') as string });
  });
});

describe('a run that no worker has completed a task of', () => {
  it.each<[string, number]>([
    ['with its first event alone, as with a start delay', 1],
    ['whose first workflow task is scheduled', 2],
    ['whose first workflow task has started', 3],
  ])('is skipped by its name: %s', async (_, length) => {
    const open = { name: 'open', history: changed((events) => events.splice(length)) };
    expect(await replay([open, GOOD])).toEqual({
      replayed: ['good'],
      skipped: [{ name: 'open', reason: SKIPPED }],
    });
  });

  it('is not taken for a check if there is no other', async () => {
    const open = { name: 'open', history: changed((events) => events.splice(1)) };
    await expect(replay(open)).rejects.toThrow(
      `There is no history to replay\n- open was skipped: ${SKIPPED}`,
    );
  });
});

describe('an open run', () => {
  it.each<[string, keyof HistoryEvent]>([
    ['in a workflow task', 'workflowTaskStartedEventAttributes'],
    ['before a workflow task', 'workflowTaskScheduledEventAttributes'],
    ['between two workflow tasks', 'timerStartedEventAttributes'],
  ])('replays as far as it goes: %s', async (_, kind) => {
    const open = { name: 'open', history: changed((events) => events.splice(lastOf(events, kind))) };
    expect(await replay([open, GOOD])).toEqual({ replayed: ['open', 'good'], skipped: [] });
  });
});

describe('a whole history that does not replay', () => {
  it.each<[string, History, RegExp]>([
    [
      'of a workflow type that the code lacks',
      changed((events) => (started(events).workflowType = { name: 'elsewhere' })),
      // Alone, without what Rust prints around it.
      /^Failed to initialize workflow of type 'elsewhere': no such function is exported[^{}"\\]*$/,
    ],
    [
      'with an input that cannot be decoded',
      changed((events) => {
        const encoding = Buffer.from('binary/encrypted');
        started(events).input = { payloads: [{ metadata: { encoding }, data: Buffer.from('?') }] };
      }),
      /Unknown encoding: binary\/encrypted/,
    ],
    ['on code that loops for ever', sleepsHistory('loops', 2), /Script execution timed out/],
  ])('fails by its name: %s', async (_, history, message) => {
    const { failures } = await failureOf({ name: 'odd', history });
    expect(failures).toEqual([
      { name: 'odd', nondeterministic: false, message: expect.stringMatching(message) as string },
    ]);
  });

  it('fails by its name after historyTimeout, whatever it waits for', async () => {
    let hang = true;
    const decode = <T>(payloads: T) => {
      if (!hang) return Promise.resolve(payloads);
      hang = false;
      return new Promise<T>(() => undefined);
    };
    const { failures } = await failureOf(
      { name: 'stuck', history: recordedHistory() },
      {
        historyTimeout: '2s',
        dataConverter: { payloadCodecs: [{ encode: (payloads) => Promise.resolve(payloads), decode }] },
      },
    );
    expect(failures).toEqual([
      { name: 'stuck', nondeterministic: false, message: 'the replay did not end within 2 s' },
    ]);
  });

  it('keeps no process from its end after historyTimeout', async () => {
    const script = fileURLToPath(new URL('fixtures/stuck-replay.mjs', import.meta.url));
    const { stdout } = await promisify(execFile)(process.execPath, [script], { timeout: 110_000 });
    expect(stdout).toBe('The history does not replay:\n- stuck: the replay did not end within 1 s\n');
  });

  it.each([0, -1, '25h', 'soon', Number.NaN, null])(
    'refuses the historyTimeout %o',
    async (historyTimeout) => {
      await expect(replay(GOOD, { historyTimeout: historyTimeout as never })).rejects.toThrow(
        'Invalid option historyTimeout: expected a duration above 0, of 24 hours at most, got',
      );
    },
  );
});

it('replays 10,000 events', async () => {
  const long = { name: 'long', history: sleepsHistory('sleeps', 2000) };
  expect(long.history.events).toHaveLength(10_005);
  expect((await replay(long, { historyTimeout: '1m' })).replayed).toEqual(['long']);
});

describe('a source that cannot be read', () => {
  it('fails by the name of the file', async () => {
    const path = join(folder.path, 'broken.json');
    await writeFile(path, '{"events": [');
    const { failures } = await failureOf(path);
    expect(failures).toMatchObject([
      { name: path, message: expect.stringMatching(/^no workflow history could be read: .*JSON/) as string },
    ]);
  });

  it('fails by the name of a file that is missing', async () => {
    const path = join(folder.path, 'missing.json');
    expect((await failureOf(path)).failures).toMatchObject([{ name: path }]);
  });

  it('fails by the query if the namespace cannot be searched', async () => {
    const client = namespace(() => Promise.reject(new Error('Failed to list workflows')));
    const { failures } = await failureOf({ client, query: "WorkflowType = 'x'" });
    expect(failures).toMatchObject([
      { name: "WorkflowType = 'x'", message: 'no workflow history could be read: Failed to list workflows' },
    ]);
  });

  it('fails by the run if its history cannot be fetched', async () => {
    const client = namespace(() => Promise.resolve({ done: false, value: { workflowId: 'w', runId: 'r' } }));
    const { failures } = await failureOf({ client, query: '', limit: 1 });
    expect(failures).toMatchObject([
      { name: 'w/r', message: 'no workflow history could be read: Failed: the run was deleted' },
    ]);
  });
});

/** A client of a server that lists what `next` yields, and has no history. */
function namespace(next: () => Promise<unknown>): Client {
  return {
    withDeadline: (_: number, request: () => unknown) => request(),
    workflow: {
      list: () => ({ [Symbol.asyncIterator]: () => ({ next }) }),
      getHandle: () => ({
        fetchHistory: () => Promise.reject(new Error('Failed', { cause: new Error('the run was deleted') })),
      }),
    },
  } as unknown as Client;
}
