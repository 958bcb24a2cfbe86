/** The progress of a run as its description and its query give it, without a server. */

import { Connection, type Client } from '@temporalio/client';
import {
  defaultDataConverter,
  defaultPayloadConverter,
  type Payload,
  type PayloadCodec,
} from '@temporalio/common';
import { describe, expect, it, vi } from 'vitest';
import {
  GeminiFilesClient,
  InvalidOptionsError,
  UploadHandle,
  type ProgressOptions,
} from '../../src/client/index.js';
import { readPending } from '../../src/client/pending-activities.js';
import { followProgress } from '../../src/client/progress.js';
import { ACTIVITY } from '../../src/contract/names.js';

/** Temporal's default, or with a codec. */
const converter = (payloadCodecs: readonly PayloadCodec[] = []) => ({
  ...defaultDataConverter,
  payloadCodecs,
});

/** A run whose last heartbeat is late: when the upload ends, the server has been told of half of the bytes. */
function run(looks: readonly { open: boolean; beat: object; status: object }[]) {
  let at = -1;
  const look = () => looks[Math.min(at, looks.length - 1)] as (typeof looks)[number];
  const client = {
    options: { loadedDataConverter: converter() },
    connection: Object.assign(Object.create(Connection.prototype) as Connection, {
      withDeadline: (_: number, work: () => unknown) => work(),
      withAbortSignal: (_: AbortSignal, work: () => unknown) => work(),
    }),
  };
  const handle = {
    client,
    workflowId: 'w',
    result: () => new Promise(() => undefined),
    describe: () => {
      at += 1;
      const { open, beat } = look();
      const heartbeatDetails = { payloads: [defaultPayloadConverter.toPayload(beat)] };
      const pendingActivities = open ? [{ activityType: { name: ACTIVITY.upload }, heartbeatDetails }] : [];
      return Promise.resolve({ status: { name: 'RUNNING' }, raw: { pendingActivities } });
    },
    query: () => Promise.resolve(look().status),
  };
  return handle as unknown as Parameters<typeof followProgress>[0];
}

it.each([
  ['a string', '500ms'],
  ['NaN', Number.NaN],
  ['0', 0],
  ['a negative number', -1],
  ['Infinity', Infinity],
  ['more than a timer takes', 2 ** 31],
  ['null', null],
  ['a bigint', 5n],
])('refuses %s as interval when it is called, and does not look', (_, intervalMs) => {
  const handle = run([]);
  const looks = vi.spyOn(handle, 'describe');
  const client = new GeminiFilesClient({} as Client);
  const follow = () => client.progress(new UploadHandle(handle as never), { intervalMs } as ProgressOptions);
  expect(follow).toThrow(InvalidOptionsError);
  expect(follow).toThrow(/^Invalid option intervalMs: expected /);
  expect(looks).not.toHaveBeenCalled();
});

it('gives all bytes as sent once the upload has ended, whatever its last heartbeat was', async () => {
  const beat = { bytesSent: 500, sizeBytes: 1000 };
  const items = followProgress(
    run([
      { open: true, beat, status: { phase: 'uploading', id: 'files/a', state: null } },
      { open: false, beat, status: { phase: 'processing', id: 'files/a', state: 'PROCESSING' } },
    ]),
    { intervalMs: 1 },
  );
  expect((await items.next()).value).toMatchObject({ phase: 'uploading', bytesSent: 500, sizeBytes: 1000 });
  expect((await items.next()).value).toMatchObject({ phase: 'processing', bytesSent: 1000, sizeBytes: 1000 });
  await items.return();
});

describe('the activity under way', () => {
  const at = { seconds: 1_700_000_000, nanos: 500_000_000 };
  const failed = {
    activityType: { name: ACTIVITY.check },
    attempt: 4,
    state: 1,
    nextAttemptScheduleTime: at,
  };
  const reading = (pending: object, codecs?: readonly PayloadCodec[]) =>
    readPending(
      { client: { options: { namespace: 'videos', loadedDataConverter: converter(codecs) } } } as never,
      { workflowId: 'upload-1', raw: { pendingActivities: [pending] } } as never,
    );

  it('tells which attempt failed, why, and when the next one is', async () => {
    expect(await reading({ ...failed, lastFailure: { message: 'getaddrinfo ENOTFOUND' } })).toEqual({
      lastFailure: {
        attempt: 3,
        message: 'getaddrinfo ENOTFOUND',
        nextAttemptAt: '2023-11-14T22:13:20.500Z',
      },
    });
  });

  it('tells no time of the next attempt while that runs', async () => {
    const { lastFailure } = await reading({ ...failed, state: 2, lastFailure: { message: 'x' } });
    expect(lastFailure).toEqual({ attempt: 3, message: 'x', nextAttemptAt: null });
  });

  it('of an old server tells the time by another field', async () => {
    const old = {
      ...failed,
      nextAttemptScheduleTime: null,
      scheduledTime: at,
      lastFailure: { message: 'x' },
    };
    expect((await reading(old)).lastFailure?.nextAttemptAt).toBe('2023-11-14T22:13:20.500Z');
  });

  it('that has not failed has no failure', async () => {
    expect(await reading({ activityType: { name: ACTIVITY.upload }, attempt: 1, state: 2 })).toEqual({});
  });

  describe('behind a payload codec', () => {
    const reversed = (payloads: Payload[]) =>
      Promise.resolve(payloads.map((one) => ({ ...one, data: Buffer.from(one.data ?? []).reverse() })));
    const codec = { encode: reversed, decode: reversed };
    const pending = async () => {
      const [beat, attributes] = await reversed(
        [
          { bytesSent: 5, sizeBytes: 9 },
          { message: 'why', stack_trace: '' },
        ].map((value) => defaultPayloadConverter.toPayload(value)),
      );
      return {
        ...failed,
        activityType: { name: ACTIVITY.upload },
        heartbeatDetails: { payloads: [beat] },
        lastFailure: { message: 'Encoded failure', encodedAttributes: attributes },
      };
    };

    it('shows bytes and reason to a client that has it', async () => {
      expect(await reading(await pending(), [codec])).toMatchObject({
        bytesSent: 5,
        sizeBytes: 9,
        lastFailure: { message: 'why' },
      });
    });

    it('tells the codec whose payload it is', async () => {
      const contexts: unknown[] = [];
      const asking: PayloadCodec = {
        ...codec,
        decode: (payloads, context) => {
          contexts.push(context);
          return reversed(payloads);
        },
      };
      await reading({ ...(await pending()), activityId: '3' }, [asking]);
      const upload = {
        type: 'activity',
        namespace: 'videos',
        workflowId: 'upload-1',
        activityId: '3',
        isLocal: false,
      };
      expect(contexts).toEqual([upload, upload]);
    });

    it('shows neither to one that has not', async () => {
      const read = await reading(await pending());
      expect(read).toEqual({
        lastFailure: expect.objectContaining({ attempt: 3, message: null }) as unknown,
      });
    });
  });
});
