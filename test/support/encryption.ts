/** A payload codec that encrypts, as users give it to clients and workers. */

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { DataConverter, Payload, SerializationContext } from '@temporalio/common';

const ENCODING = 'binary/encrypted';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * @param key - 32 bytes
 * @param bound - also to the workflow or the activity, as the SDK names it: a payload cannot be moved into another one
 */
export function encryption(key: Buffer, bound = false): DataConverter {
  const owner = (context: SerializationContext | undefined) =>
    Buffer.from(bound ? JSON.stringify([context?.type, context?.workflowId, activityOf(context)]) : '');
  const encrypt =
    (context: SerializationContext | undefined) =>
    (payload: Payload): Payload => {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv('aes-256-gcm', key, nonce);
      cipher.setAAD(owner(context));
      const plain = JSON.stringify({
        metadata: Object.fromEntries(
          Object.entries(payload.metadata ?? {}).map(([name, value]) => [
            name,
            Buffer.from(value).toString('base64'),
          ]),
        ),
        data: Buffer.from(payload.data ?? []).toString('base64'),
      });
      const data = Buffer.concat([nonce, cipher.update(plain), cipher.final(), cipher.getAuthTag()]);
      return { metadata: { encoding: Buffer.from(ENCODING) }, data };
    };
  const decrypt =
    (context: SerializationContext | undefined) =>
    (payload: Payload): Payload => {
      if (Buffer.from(payload.metadata?.encoding ?? []).toString() !== ENCODING) return payload;
      const data = Buffer.from(payload.data ?? []);
      const decipher = createDecipheriv('aes-256-gcm', key, data.subarray(0, NONCE_BYTES));
      decipher.setAAD(owner(context));
      decipher.setAuthTag(data.subarray(-TAG_BYTES));
      const plain =
        decipher.update(data.subarray(NONCE_BYTES, -TAG_BYTES)).toString() + decipher.final().toString();
      const stored = JSON.parse(plain) as { metadata: Record<string, string>; data: string };
      return {
        metadata: Object.fromEntries(
          Object.entries(stored.metadata).map(([name, value]) => [name, Buffer.from(value, 'base64')]),
        ),
        data: Buffer.from(stored.data, 'base64'),
      };
    };
  return {
    payloadCodecs: [
      {
        encode: (payloads, context) => Promise.resolve(payloads.map(encrypt(context))),
        decode: (payloads, context) => Promise.resolve(payloads.map(decrypt(context))),
      },
    ],
  };
}

const activityOf = (context: SerializationContext | undefined) =>
  context?.type === 'activity' ? context.activityId : undefined;
