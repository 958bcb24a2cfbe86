/** What an upload, and its delete, take over from attempts in runs that have ended, by what Temporal says of those. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { defaultFailureConverter, defaultPayloadConverter } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import { lastBeatOf } from '../../src/activities/earlier-runs.js';
import { earlierRuns } from '../../src/activities/input.js';
import { storedSession } from '../../src/activities/session-carrier.js';
import {
  MAX_EARLIER_RUNS,
  type DeleteInput,
  type UploadHeartbeat,
  type UploadInput,
} from '../../src/contract/activities.js';
import { ACTIVITY } from '../../src/contract/names.js';
import { keyFingerprint, startUpload } from '../../src/gemini/index.js';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { failureOf, runActivity } from '../support/activity.js';
import { connectionTo, NAME } from '../support/connection.js';

/** What Temporal says of an upload without a heartbeat. */
const SILENT = {
  'no heartbeat': { attempt: 1 },
  'second attempt': { attempt: 2 },
  'reset after a failure': { attempt: 1, lastFailure: { message: 'cut off' } },
  'reset after an attempt': { attempt: 1, lastAttemptCompleteTime: { seconds: 1 } },
};

/** What Temporal says of a run: its upload's heartbeat, that it has none, that the run has no upload, or nothing. */
type Told = UploadHeartbeat | keyof typeof SILENT | 'no upload' | 'error';

const BEAT = { bytesSent: 5, sizeBytes: 9, session: 'sealed', keyFingerprint: 'of the key' };
const OLDER = { ...BEAT, bytesSent: 2 };
const NOTHING = { bytesSent: 0, sizeBytes: 0 };
const ANYTHING = { finalizing: true, earlierFinalize: true };

function answerFor(told: Told): object {
  if (told === 'error') throw new Error('permission denied');
  if (told === 'no upload') return { pendingActivities: [{ activityType: { name: ACTIVITY.delete } }] };
  const upload = {
    activityType: { name: ACTIVITY.upload },
    ...(typeof told === 'string'
      ? SILENT[told]
      : { attempt: 2, heartbeatDetails: { payloads: [defaultPayloadConverter.toPayload(told)] } }),
  };
  return { pendingActivities: [{ activityType: { name: ACTIVITY.check } }, upload] };
}

/** @param told - of each run, the latest first, whose id is its index */
function clientOf(told: readonly Told[], onDeadline: (deadline: number) => void = () => undefined): Client {
  return {
    options: {
      namespace: 'default',
      loadedDataConverter: {
        payloadConverter: defaultPayloadConverter,
        failureConverter: defaultFailureConverter,
        payloadCodecs: [],
      },
    },
    withAbortSignal: (_: AbortSignal, call: () => Promise<unknown>) => call(),
    withDeadline: (deadline: number, call: () => Promise<unknown>) => (onDeadline(deadline), call()),
    workflowService: {
      describeWorkflowExecution: async ({ execution }: { execution: { runId: string } }) => {
        await sleep(2);
        return answerFor(told[Number(execution.runId)] as Told);
      },
    },
  } as unknown as Client;
}

const runsOf = (told: readonly Told[]) => told.map((_, index) => String(index));

function lastBeat(told: readonly Told[], onDeadline?: (deadline: number) => void) {
  const env = new MockActivityEnvironment(undefined, {
    client: clientOf(told, onDeadline),
    logger: new DefaultLogger('ERROR'),
  });
  return env.run(() => lastBeatOf(runsOf(told), NAME));
}

const full = (last: Told): Told[] => [...Array<Told>(MAX_EARLIER_RUNS - 1).fill('no heartbeat'), last];

it.each<[string, Told[], object | undefined]>([
  ['no run', [], undefined],
  ['the latest heartbeat', [BEAT, OLDER], BEAT],
  ['an older one, if the latest attempt had not begun', ['no heartbeat', 'no heartbeat', OLDER], OLDER],
  ['that nothing was sent, if no attempt had begun', ['no heartbeat'], NOTHING],
  [
    'that anything may have been sent, if Temporal hides the attempts',
    ['no upload'],
    { ...NOTHING, ...ANYTHING },
  ],
  ['the same, if it hides one of them', ['no upload', 'no heartbeat'], { ...NOTHING, ...ANYTHING }],
  ['an older one, and that anything was done after it', ['no upload', OLDER], { ...OLDER, ...ANYTHING }],
  ...(['second attempt', 'reset after a failure', 'reset after an attempt'] as const).flatMap(
    (told): [string, Told[], object][] => [
      [`that anything may have been sent, after a ${told}`, [told], { ...NOTHING, ...ANYTHING }],
      [`an older one, and the same of a ${told}`, [told, OLDER], { ...OLDER, ...ANYTHING }],
    ],
  ),
  [
    'that anything may have been sent, if Temporal does not answer',
    ['error', BEAT],
    { ...NOTHING, ...ANYTHING },
  ],
  ['the oldest in a full list', full(OLDER), OLDER],
  ['that anything may have been sent before a full list', full('no heartbeat'), { ...NOTHING, ...ANYTHING }],
])('takes over %s', async (_, told, wanted) => expect(await lastBeat(told)).toEqual(wanted));

it('asks for all runs in one time, since the attempt sends no heartbeat meanwhile', async () => {
  const deadlines = new Set<number>();
  await lastBeat(full('no heartbeat'), (deadline) => deadlines.add(deadline));
  expect(deadlines.size).toBe(1);
});

it('reads no run from an input that is anything else', () => {
  const runs = Array<string>(MAX_EARLIER_RUNS + 1).fill('run');
  expect(earlierRuns({ earlierRuns: runs } as unknown as UploadInput)).toHaveLength(MAX_EARLIER_RUNS);
  for (const given of ['run', [1, null], {}, undefined])
    expect(earlierRuns({ earlierRuns: given } as unknown as UploadInput)).toEqual([]);
  expect(earlierRuns(null as unknown as UploadInput)).toEqual([]);
});

it('does without what it cannot ask for', async () => {
  const env = new MockActivityEnvironment(undefined, { logger: new DefaultLogger('ERROR') });
  expect(await env.run(() => lastBeatOf(['0'], NAME))).toEqual({ ...NOTHING, ...ANYTHING });
});

describe('a delete that is not given the session', () => {
  it('ends the session in the last heartbeat of the earlier runs', async () => {
    await using at = await world();
    const other = await at.open('files/other');
    await at.remove({ earlierRuns: ['0'] }, [{ ...NOTHING, ...(await at.open()) }]);
    await at.remove({ ...other, earlierRuns: ['0'] }, ['error']);
    expect(at.emulator.sessions.map(({ state }) => state)).toEqual(['active', 'cancelled']);
    expect(at.emulator.requests.map(({ operation }) => operation)).toEqual([
      ...['start', 'start', 'cancel', 'delete'],
      'delete',
    ]);
  });

  it('takes no denial for final if their heartbeat has the fingerprint of another key', async () => {
    await using at = await world();
    const told = { ...NOTHING, keyFingerprint: keyFingerprint('the key before') };
    expect(await failureOf(at.remove({ earlierRuns: ['0'] }, [told]))).toMatchObject({
      retryable: true,
      message: expect.stringContaining('is not the one that uploaded it') as string,
    });
    // A text that is not a fingerprint is ignored.
    await at.remove({ earlierRuns: ['0'] }, [{ ...NOTHING, keyFingerprint: 'anything' }]);
  });

  it.each<[string, Told, boolean]>([
    ['goes on if there may be a file', 'no upload', true],
    ['ends if nothing was sent', 'no heartbeat', false],
  ])('%s, and the provider is unreachable for longer than unreachableTimeout', async (_, told, retryable) => {
    await using at = await world();
    at.emulator.addFaults({ on: 'delete', do: 'reset' });
    const info = {
      scheduledTimestampMs: 1_000_000,
      currentAttemptScheduledTimestampMs: 1_000_000 + 3_000_000,
    };
    expect(await failureOf(at.remove({ earlierRuns: ['0'] }, [told], info))).toMatchObject({ retryable });
  });
});

async function world() {
  const emulator = await GeminiFilesEmulator.start();
  const connection = connectionTo(emulator.url);
  const deps = { connect: () => Promise.resolve(connection), allowedRoots: [], unreachableTimeoutMs: 60_000 };
  return {
    emulator,
    /** Opens a session, as an attempt stores it. */
    open: async (name = NAME) => {
      const input = { name, displayName: 'x', mimeType: 'text/plain', sizeBytes: 5 };
      return storedSession(await startUpload(connection, input), connection, name);
    },
    remove: (input: Partial<DeleteInput>, told: readonly Told[], info: object = {}) =>
      runActivity('geminiFilesDelete', { name: NAME, ...input }, { deps, info, client: clientOf(told) })
        .result,
    [Symbol.asyncDispose]: () => emulator.close(),
  };
}
