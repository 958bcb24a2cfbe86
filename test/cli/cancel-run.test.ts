/** Ctrl-C on a run that no worker has taken: nothing was sent, so nothing is waited for. */

import { describe, expect, it } from 'vitest';
import type { Client } from '@temporalio/client';
import {
  defaultDataConverter,
  type LoadedDataConverter,
  type Payload,
  type PayloadCodec,
} from '@temporalio/common';
import { cancelRun, needOfUnsent } from '../../src/cli/upload/cancel-run.js';
import { needsOf } from '../../src/cli/upload/unattended.js';
import { ACTIVITY, WORKFLOW } from '../../src/contract/names.js';

type Events = Parameters<typeof needOfUnsent>[0];
const events = (...list: object[]) => list as unknown as Events;

const started = (type: string = WORKFLOW.uploadAndWaitActive, more: object = {}) => ({
  workflowExecutionStartedEventAttributes: {
    workflowType: { name: type },
    taskQueue: { name: 'own' },
    ...more,
  },
});
const waiting = { workflowTaskScheduledEventAttributes: {} };
const asked = { workflowExecutionCancelRequestedEventAttributes: {} };
const worked = { workflowTaskCompletedEventAttributes: {} };
const scheduled = (name: string, queue = 'Q') => ({
  activityTaskScheduledEventAttributes: { activityType: { name }, taskQueue: { name: queue } },
});
const taken = { activityTaskStartedEventAttributes: {} };
const upload = scheduled(ACTIVITY.upload);
const deletion = scheduled(ACTIVITY.delete);

describe('what a cancelled run that has sent nothing needs', () => {
  it.each<[string, object[], unknown]>([
    ['its first workflow task', [started(), waiting, asked], { taskQueue: 'own', tasks: 'workflows' }],
    [
      'the clean-up',
      [started(), waiting, worked, upload, asked, deletion],
      { taskQueue: 'Q', tasks: 'activities' },
    ],
    ['not known yet', [started(), waiting, worked, upload, asked], undefined],
    [
      'nothing: a worker has the first workflow task',
      [started(), waiting, { workflowTaskStartedEventAttributes: {} }, asked],
      undefined,
    ],
    ['nothing: an upload was begun', [started(), worked, upload, taken, asked, deletion], 'none'],
    [
      'nothing: it was reset',
      [started(), { workflowTaskFailedEventAttributes: {} }, worked, upload, asked, deletion],
      'none',
    ],
    [
      'nothing: it continues another',
      [started(undefined, { continuedExecutionRunId: 'a' }), waiting, asked],
      'none',
    ],
    ['nothing: it has ended', [started(), worked, { workflowExecutionCanceledEventAttributes: {} }], 'none'],
    ["nothing: a user's workflow", [started('mine'), waiting, asked], 'none'],
    ['nothing: a wait, whose file exists', [started(WORKFLOW.waitActive), waiting, asked], 'none'],
  ])('%s', (_, history, need) => {
    expect(needOfUnsent(events(...history))).toEqual(need);
  });
});

/** A run that waits for a worker of `Q`, and that `pollers` poll. */
function run(
  pollers: number,
  pending: object = { attempt: 1 },
  loadedDataConverter: LoadedDataConverter = { ...defaultDataConverter, payloadCodecs: [] },
  failing: string[] = [],
) {
  const calls: string[] = [];
  const left = new AbortController();
  const workflow = {
    describe: () => Promise.resolve({ raw: { pendingActivities: [pending] } }),
    cancel: () => Promise.resolve(void calls.push('cancel')),
    terminate: () => Promise.resolve(void calls.push('terminate')),
    fetchHistory: () => {
      calls.push('history');
      if (failing[0] === 'history') return Promise.reject(new Error(`no ${failing.shift()}`));
      if (calls.length > 2 && failing.length === 0 && pollers > 0) left.abort();
      return Promise.resolve({ events: events(started(), worked, upload, asked, deletion) });
    },
  };
  const now = Math.floor(Date.now() / 1000);
  const client = {
    options: { loadedDataConverter },
    workflowService: {
      describeTaskQueue: ({
        taskQueue,
        taskQueueType,
      }: {
        taskQueue: { name: string };
        taskQueueType: number;
      }) => {
        calls.push(`${taskQueue.name} ${taskQueueType}`);
        if (failing.length > 0) return Promise.reject(new Error(`no ${failing.shift()}`));
        return Promise.resolve({ pollers: Array(pollers).fill({ lastAccessTime: { seconds: now } }) });
      },
    },
  } as unknown as Client;
  const context = { client, temporal: { namespace: 'default' } } as Parameters<typeof cancelRun>[1];
  return { calls, cancel: () => cancelRun(workflow as never, context, left.signal) };
}

describe('Ctrl-C', () => {
  it('ends a run that no worker has taken, if none polls the queue of its activities', async () => {
    const { calls, cancel } = run(0);
    expect(await cancel()).toBe(true);
    expect(calls).toEqual(['cancel', 'history', 'Q 2', 'terminate']);
  });

  it.each([
    ['history', ['cancel', 'history', 'history', 'Q 2', 'terminate']],
    ['pollers', ['cancel', 'history', 'Q 2', 'history', 'Q 2', 'terminate']],
  ])('looks again if the server does not tell the %s', async (what, expected) => {
    const { calls, cancel } = run(0, undefined, undefined, [what]);
    expect(await cancel()).toBe(true);
    expect(calls).toEqual(expected);
  });

  it('leaves it to the worker if one polls', async () => {
    const { calls, cancel } = run(1);
    expect(await cancel()).toBe(false);
    expect(calls).not.toContain('terminate');
  });

  const payload = (value: unknown) => defaultDataConverter.payloadConverter.toPayload(value);
  const refused = (kind: string, trace: unknown, more: object = {}) => ({
    activityType: { name: ACTIVITY.upload },
    state: 1,
    attempt: 3,
    lastFailure: { applicationFailureInfo: { details: { payloads: [payload({ kind }), payload(trace)] } } },
    ...more,
  });

  it.each(['connection', 'network-setup', 'credentials'])(
    'ends an upload whose starts have all failed for lack of %s, although a worker polls',
    async (kind) => {
      const { calls, cancel } = run(1, refused(kind, {}));
      expect(await cancel()).toBe(true);
      expect(calls).toEqual(['cancel', 'history', 'terminate']);
    },
  );

  it('reads why the starts have failed through the codecs of the client', async () => {
    const flip = (payloads: Payload[]) =>
      Promise.resolve(
        payloads.map(({ data }) => ({
          ...payload(null),
          data: (data ?? new Uint8Array()).map((byte) => byte ^ 1),
        })),
      );
    const pending = refused('connection', {});
    const { payloads } = pending.lastFailure.applicationFailureInfo.details;
    const coded = {
      ...pending,
      lastFailure: { applicationFailureInfo: { details: { payloads: await flip(payloads) } } },
    };
    const codec = { encode: flip, decode: flip };
    const ends = (payloadCodecs: PayloadCodec[]) =>
      run(1, coded, { ...defaultDataConverter, payloadCodecs }).cancel();
    expect(await ends([])).toBe(false);
    expect(await ends([codec])).toBe(true);
  });

  it.each([
    ['has opened a session', refused('connection', { session: 'sealed' })],
    ['was answered', refused('unavailable', {})],
    ['is under way', refused('connection', {}, { state: 2 })],
    ['reports no trace', refused('connection', null)],
    ['is a check', refused('connection', {}, { activityType: { name: ACTIVITY.check } })],
    ['is at its second attempt', { attempt: 2 }],
    ['was begun', { attempt: 1, lastStartedTime: { seconds: 1 } }],
    ['was begun before a reset', { attempt: 1, lastWorkerIdentity: 'worker' }],
    ['has failed', { attempt: 1, lastFailure: {} }],
    ['has sent a heartbeat', { attempt: 1, heartbeatDetails: {} }],
  ])('only cancels an upload that %s', async (_, pending) => {
    const { calls, cancel } = run(0, pending);
    expect(await cancel()).toBe(false);
    expect(calls).toEqual(['cancel']);
  });
});

describe('the workers that a run needs', () => {
  const activity = (name: string | undefined, state = 1) => ({
    state,
    ...(name !== undefined && { activityOptions: { taskQueue: { name } } }),
  });
  const describe_ = (...pendingActivities: object[]) =>
    ({ taskQueue: 'own', raw: { pendingActivities } }) as unknown as Parameters<typeof needsOf>[0];

  it.each<[string, object[], string | undefined, string[]]>([
    ['of workflows, unless this process is one', [], undefined, ['own workflows']],
    ['none', [], 'own', []],
    ['of activities that wait', [activity('Q'), activity('Q'), activity('R', 2)], 'own', ['Q activities']],
    ['none that an old server names', [activity(undefined)], 'own', []],
  ])('%s', (_, pending, own, needs) => {
    expect(
      needsOf(describe_(...pending), own).map(({ taskQueue, tasks }) => `${taskQueue} ${tasks}`),
    ).toEqual(needs);
  });
});
