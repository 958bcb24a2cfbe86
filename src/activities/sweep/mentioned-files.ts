/** Every file name that occurs in part of a history. A workflow cannot know other names. */

import type { Client } from '@temporalio/client';
import type { Payload } from '@temporalio/common';
import { decode } from '@temporalio/common/lib/internal-non-workflow/index.js';
import { unreadable } from './run-history.js';

/** As `isFileName`, anywhere in a text. */
const NAMES = /files\/[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?/g;

/** Encodings whose bytes hold text as it is. */
const TEXT: ReadonlySet<string> = new Set([
  'binary/null',
  'binary/plain',
  'binary/protobuf',
  'json/plain',
  'json/protobuf',
]);

/** Fields that hold no data of the workflow; codecs leave some of them as they are, and fail to decode them. */
const SKIPPED: ReadonlySet<string> = new Set(['header', 'indexedFields', 'searchAttributes', 'userMetadata']);

/** @throws UnreadableRunError if anything in it cannot be decoded */
export async function mentionedFiles(client: Client, part: unknown): Promise<Set<string>> {
  const names = new Set<string>();
  const payloads: Payload[] = [];
  const open: unknown[] = [part];
  const scan = (text: string) => {
    for (const [name] of text.matchAll(NAMES)) names.add(name);
  };
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value === 'string') scan(value);
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array) continue;
    if (isPayload(value)) payloads.push(value);
    else for (const [key, inner] of Object.entries(value)) if (!SKIPPED.has(key)) open.push(inner);
  }
  for (const text of await textsOf(client, payloads)) scan(text);
  return names;
}

async function textsOf(client: Client, payloads: Payload[]): Promise<string[]> {
  const { payloadCodecs, payloadConverter } = client.options.loadedDataConverter;
  try {
    const decoded = await decode(payloadCodecs, payloads);
    return decoded.map((payload) => {
      const encoding = Buffer.from(payload.metadata?.encoding ?? []).toString();
      if (TEXT.has(encoding)) return Buffer.from(payload.data ?? []).toString();
      // Throws if the encoding is not known: what it holds is not known then.
      return JSON.stringify(payloadConverter.fromPayload(payload)) ?? '';
    });
  } catch (error) {
    throw unreadable('its history cannot be decoded', error);
  }
}

function isPayload(value: object): value is Payload {
  return 'metadata' in value && 'data' in value && value.data instanceof Uint8Array;
}
