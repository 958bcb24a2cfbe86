/** What an attempt takes over from attempts in runs that have ended, by what Temporal says of those. */

import { setTimeout as sleep } from 'node:timers/promises';
import type { Client } from '@temporalio/client';
import { defaultFailureConverter, defaultPayloadConverter } from '@temporalio/common';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { expect, it } from 'vitest';
import { lastBeatOf } from '../../src/activities/earlier-runs.js';
import { earlierRuns } from '../../src/activities/input.js';
import { MAX_EARLIER_RUNS, type UploadHeartbeat, type UploadInput } from '../../src/contract/activities.js';
import { ACTIVITY } from '../../src/contract/names.js';

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

function describe(told: Told): object {
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

/** @param told - of each run, the latest first */
function lastBeat(told: readonly Told[], onDeadline: (deadline: number) => void = () => undefined) {
  const client = {
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
        return describe(told[Number(execution.runId)] as Told);
      },
    },
  };
  const env = new MockActivityEnvironment(undefined, {
    client: client as unknown as Client,
    logger: new DefaultLogger('ERROR'),
  });
  return env.run(() => lastBeatOf(told.map((_, index) => String(index))));
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
