/** The names of files in a history, behind what a client's data converter makes of its payloads. */

import type { Client } from '@temporalio/client';
import {
  defaultDataConverter,
  defaultPayloadConverter,
  type Payload,
  type PayloadCodec,
} from '@temporalio/common';
import { expect, it } from 'vitest';
import { isFileName } from '../../src/contract/file-name.js';
import { mentionedFiles } from '../../src/activities/sweep/mentioned-files.js';
import { countingCodec } from '../support/counting-codec.js';
import { stopwatch } from '../support/stopwatch.js';

const readerWith = (...payloadCodecs: PayloadCodec[]) => ({
  client: {
    options: { namespace: 'default', loadedDataConverter: { ...defaultDataConverter, payloadCodecs } },
  } as unknown as Client,
  onRead: () => undefined,
});
const reader = readerWith();

const inEvent = (payload: Payload) => [
  { workflowExecutionStartedEventAttributes: { input: { payloads: [payload] } } },
];

it('finds the names in a payload', async () => {
  const payload = defaultPayloadConverter.toPayload({ name: 'files/abc123' });
  expect([...(await mentionedFiles(reader, 'wait', inEvent(payload)))]).toEqual(['files/abc123']);
});

it.each([`files/${'a'.repeat(64)}`, 'files/abc-', 'files/-abc', 'files/a'])(
  'finds %s, which a run may be given although the provider has no such name',
  async (name) => {
    expect(isFileName(name)).toBe(true);
    const payload = defaultPayloadConverter.toPayload({ text: `see https://host/v1beta/${name}.` });
    expect(await mentionedFiles(reader, 'wait', inEvent(payload))).toContain(name);
  },
);

it('takes a dash that follows a name for one of the text, too', async () => {
  const payload = defaultPayloadConverter.toPayload('files/abc- is in use');
  expect(await mentionedFiles(reader, 'wait', inEvent(payload))).toContain('files/abc');
});

it.each([
  ['an escaped slash, as of the SDK for PHP', String.raw`{"id":"files\/abc123"}`],
  ['an escaped code', String.raw`{"id":"files\u002Fabc123"}`],
  ['escaped letters', String.raw`{"id":"\u0066iles/abc\u0031\u00323"}`],
  ['JSON in a string', JSON.stringify({ input: String.raw`{"id":"files\/abc123"}` })],
])('finds a name in JSON with %s', async (_, json) => {
  const payload = { metadata: { encoding: Buffer.from('json/plain') }, data: Buffer.from(json) };
  expect(await mentionedFiles(reader, 'wait', inEvent(payload))).toContain('files/abc123');
});

it('takes no time for a payload of backslashes', async () => {
  const payload = { metadata: { encoding: Buffer.from('binary/plain') }, data: Buffer.alloc(500_000, '\\') };
  const elapsed = stopwatch();
  expect(await mentionedFiles(reader, 'wait', inEvent(payload))).toHaveProperty('size', 0);
  expect(elapsed()).toBeLessThan(1000);
});

it('cannot read a payload that the SDK has put into external storage: it may name any file', async () => {
  // As the SDK writes it.
  const payload = {
    metadata: {
      encoding: Buffer.from('json/protobuf'),
      messageType: Buffer.from('temporal.api.sdk.v1.ExternalStorageReference'),
    },
    data: Buffer.from(JSON.stringify({ driverName: 'store', claimData: { key: 'payloads/1' } })),
  };
  await expect(mentionedFiles(reader, 'wait', inEvent(payload))).rejects.toThrow(
    'its history cannot be decoded: a payload is in external storage',
  );
});

it('asks a codec for the payloads of many activities at once, but not of all', async () => {
  const codec = countingCodec();
  const names = Array.from({ length: 50 }, (_, index) => `files/abc${index}`);
  const events = names.map((name, index) => ({
    activityTaskScheduledEventAttributes: {
      activityId: String(index),
      input: { payloads: [defaultPayloadConverter.toPayload({ name })] },
    },
  }));
  let groups = 0;
  const coded = { ...readerWith(codec), onRead: () => void (groups += 1) };
  expect([...(await mentionedFiles(coded, 'wait', events))].sort()).toEqual(names.sort());
  expect(codec.most).toBe(20);
  // Each shows that a search goes on.
  expect(groups).toBe(3);
});
