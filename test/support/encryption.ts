/** A payload codec that encrypts, as users give it to clients and workers. */

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import type { DataConverter, Payload } from '@temporalio/common';

const ENCODING = 'binary/encrypted';
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** @param key - 32 bytes */
export function encryption(key: Buffer): DataConverter {
  const encrypt = (payload: Payload): Payload => {
    const nonce = randomBytes(NONCE_BYTES);
    const cipher = createCipheriv('aes-256-gcm', key, nonce);
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
  const decrypt = (payload: Payload): Payload => {
    if (Buffer.from(payload.metadata?.encoding ?? []).toString() !== ENCODING) return payload;
    const data = Buffer.from(payload.data ?? []);
    const decipher = createDecipheriv('aes-256-gcm', key, data.subarray(0, NONCE_BYTES));
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
        encode: (payloads) => Promise.resolve(payloads.map(encrypt)),
        decode: (payloads) => Promise.resolve(payloads.map(decrypt)),
      },
    ],
  };
}
