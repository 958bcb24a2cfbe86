/** The names of files in a history, behind what a client's data converter makes of its payloads. */

import type { Client } from '@temporalio/client';
import { defaultDataConverter, defaultPayloadConverter, type Payload } from '@temporalio/common';
import { expect, it } from 'vitest';
import { mentionedFiles } from '../../src/activities/sweep/mentioned-files.js';

const client = {
  options: { loadedDataConverter: { ...defaultDataConverter, payloadCodecs: [] } },
} as unknown as Client;

const inEvent = (payload: Payload) => [
  { workflowExecutionStartedEventAttributes: { input: { payloads: [payload] } } },
];

it('finds the names in a payload', async () => {
  const payload = defaultPayloadConverter.toPayload({ name: 'files/abc123' });
  expect([...(await mentionedFiles(client, 'wait', inEvent(payload)))]).toEqual(['files/abc123']);
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
  await expect(mentionedFiles(client, 'wait', inEvent(payload))).rejects.toThrow(
    'its history cannot be decoded: a payload is in external storage',
  );
});
