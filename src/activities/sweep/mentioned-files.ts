/** Every file name that occurs in part of a history. A workflow cannot know other names. */

import type { Client } from '@temporalio/client';
import type { Payload, SerializationContext } from '@temporalio/common';
import { decode, isReferencePayload } from '@temporalio/common/lib/internal-non-workflow/index.js';
import { eventContexts } from './event-context.js';
import { inGroups } from './in-groups.js';
import { unreadable, type HistoryEvent, type RunReader } from './run-history.js';

/** As `isFileName`, anywhere in a text: a dash at the end may be one of the text. */
const NAMES = /files\/[a-z0-9-]{1,64}/g;

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

/**
 * @param events - of one run
 * @throws UnreadableRunError if anything in them cannot be decoded
 */
export async function mentionedFiles(
  { client, onRead }: Pick<RunReader, 'client' | 'onRead'>,
  workflowId: string,
  events: readonly HistoryEvent[],
): Promise<Set<string>> {
  const names = new Set<string>();
  const scan = (text: string) => {
    for (const spelling of spellingsOf(text))
      for (const [name] of spelling.matchAll(NAMES)) names.add(name).add(name.replace(/-+$/, ''));
  };
  const contextOf = eventContexts(client.options.namespace, workflowId);
  const groups = new Map<string, Group>();
  for (const event of events) {
    const context = contextOf(event);
    const key = JSON.stringify(context);
    const group = groups.get(key) ?? { context, payloads: [] };
    groups.set(key, group);
    collect(event, scan, group.payloads);
  }
  const decode = async (group: Group) => (await textsOf(client, group)).forEach(scan);
  await inGroups([...groups.values()], decode, onRead);
  return names;
}

/** JSON may escape any character, and some SDKs escape each slash. What is JSON within a string has more than one backslash. */
function spellingsOf(text: string): string[] {
  if (!text.includes('\\')) return [text];
  const unescaped = text
    .replace(/(?<!\\)\\+u([0-9a-f]{4})/gi, (_, code: string) =>
      String.fromCharCode(Number.parseInt(code, 16)),
    )
    .replace(/(?<!\\)\\+\//g, '/');
  return [text, unescaped];
}

/** Payloads that one call of a codec decodes. */
interface Group {
  readonly context: SerializationContext;
  readonly payloads: Payload[];
}

/** Finds the texts and the payloads in an event. */
function collect(event: HistoryEvent, onText: (text: string) => void, payloads: Payload[]): void {
  const open: unknown[] = [event];
  while (open.length > 0) {
    const value = open.pop();
    if (typeof value === 'string') onText(value);
    if (typeof value !== 'object' || value === null || value instanceof Uint8Array) continue;
    if (isPayload(value)) payloads.push(value);
    else for (const [key, inner] of Object.entries(value)) if (!SKIPPED.has(key)) open.push(inner);
  }
}

async function textsOf(client: Client, { payloads, context }: Group): Promise<string[]> {
  if (payloads.length === 0) return [];
  const { payloadCodecs, payloadConverter } = client.options.loadedDataConverter;
  try {
    const decoded = await decode(payloadCodecs, payloads, context);
    return decoded.map((payload) => {
      // Its text is a reference to a store, and names no file that the data names.
      if (isReferencePayload(payload)) throw new Error('a payload is in external storage');
      const encoding = Buffer.from(payload.metadata?.encoding ?? []).toString();
      if (TEXT.has(encoding)) return Buffer.from(payload.data ?? []).toString();
      // Throws if the encoding is not known: what it holds is not known then.
      return JSON.stringify(payloadConverter.fromPayload(payload, context)) ?? '';
    });
  } catch (error) {
    throw unreadable('its history cannot be decoded', error);
  }
}

function isPayload(value: object): value is Payload {
  return 'metadata' in value && 'data' in value && value.data instanceof Uint8Array;
}
