/** A history as tools export it, in the shape that Temporal's SDK reads: the Web UI has other orders and shapes. */

import { isRecord } from '../../util/is-record.js';

/**
 * Puts the events in order, whichever shape they have. A value that is not a history is returned unchanged: its reader reports it.
 *
 * @throws Error if payloads were decoded when the history was exported (their bytes are lost), or if its beginning is missing
 */
export function toExportedHistory(json: unknown): unknown {
  const events = eventsOf(json);
  if (events === undefined) return json;
  const at = events.findIndex(isDecoded);
  if (at !== -1) {
    throw new Error(
      `event ${idOf(events[at])} has payloads that were decoded, and a replay needs them as they were recorded: download the history ` +
        'without decoding, or export it with `temporal workflow show --workflow-id ID --output json`, without a codec',
    );
  }
  const ordered = isNewestFirst(events) ? events.toReversed() : events;
  if (ordered.every((event) => idOf(event) > 1)) {
    throw new Error(
      `the history ${ordered.length === 0 ? 'has no events' : `begins with event ${idOf(ordered[0])}`}: export it whole, with ` +
        '`temporal workflow show --workflow-id ID --output json`',
    );
  }
  return { events: ordered };
}

/** `{events}` as the SDK has it, `{history: {events}}` as an answer of Temporal's API has it, or the list alone. */
function eventsOf(json: unknown): unknown[] | undefined {
  const list: unknown = isRecord(json) ? (json.events ?? eventsIn(json.history)) : json;
  return Array.isArray(list) ? (list as unknown[]) : undefined;
}

const eventsIn = (history: unknown): unknown => (isRecord(history) ? history.events : undefined);

const idOf = (event: unknown) => Number(isRecord(event) ? event.eventId : undefined);

function isNewestFirst(events: readonly unknown[]): boolean {
  return events.length > 1 && events.every((event, index) => idOf(event) === events.length - index);
}

/** Fields that hold payloads: a list of them, or one. */
const PAYLOADS =
  /^(input|result|details|lastHeartbeatDetails|lastCompletionResult|signalInput|encodedAttributes)$/;
/** Fields that hold payloads by name. */
const PAYLOADS_BY_NAME = /^(fields|indexedFields)$/;

function isDecoded(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(isDecoded);
  if (!isRecord(value)) return false;
  return Object.entries(value).some(([name, inner]) => {
    if (inner === undefined || inner === null) return false;
    if (name === 'payloads') return !Array.isArray(inner) || !inner.every(isPayload);
    if (PAYLOADS_BY_NAME.test(name) && isRecord(inner)) return !Object.values(inner).every(isPayload);
    if (name === 'userMetadata') return isRecord(inner) && !Object.values(inner).every(isPayload);
    if (PAYLOADS.test(name) && !isPayloads(inner) && !isOfMarker(name, inner) && !isOfUpdate(name, inner))
      return true;
    return isDecoded(inner);
  });
}

function isPayloads(value: unknown): boolean {
  return isRecord(value) && (Array.isArray(value.payloads) || isPayload(value));
}

/** A marker, such as that of a patch, has lists of payloads by name. */
function isOfMarker(name: string, value: unknown): boolean {
  return name === 'details' && isRecord(value) && Object.values(value).every(isPayloads);
}

/** The input of an update has a name and arguments. */
function isOfUpdate(name: string, value: unknown): boolean {
  if (name !== 'input' || !isRecord(value) || typeof value.name !== 'string') return false;
  return value.args === undefined || (isRecord(value.args) && isPayloads(value.args));
}

function isPayload(value: unknown): boolean {
  if (!isRecord(value)) return false;
  const known = ['metadata', 'data', 'externalPayloads'];
  const { metadata, data = '' } = value;
  const bytes = [data, ...(isRecord(metadata) ? Object.values(metadata) : [])];
  return (
    Object.keys(value).every((name) => known.includes(name)) &&
    bytes.every(isBase64) &&
    !(isRecord(metadata) && READABLE_ENCODING.test(String(metadata.encoding)))
  );
}

/** The name of an encoding as people read it. Its letters could be base64, too. */
const READABLE_ENCODING = /^(json|binary)\//;

const isBase64 = (value: unknown) => typeof value === 'string' && /^[\w+/-]*={0,2}$/.test(value);
