/** Histories as Temporal's Web UI and other tools export them. */

import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { parseHistory } from '../../src/testing/replay/history-json.js';
import { inspectHistory } from '../../src/testing/replay/inspect-history.js';
import { histories } from '../../src/testing/replay/sources.js';
import { isRecord } from '../../src/util/is-record.js';
import { testFolder } from '../support/files.js';

const folder = fileURLToPath(new URL('../histories/', import.meta.url));
const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.json'),
);
interface Exported {
  readonly events: readonly Record<string, unknown>[];
}
const read = (file: string) => JSON.parse(readFileSync(join(folder, file), 'utf8')) as Exported;
const one = files.find((file) => read(file).events.length > 5) ?? '';
const exported = read(one);

it.each(files)('%s is read as it was recorded', (file) => {
  expect(parseHistory(read(file)).events).toHaveLength(read(file).events.length);
});

describe('the same history', () => {
  const expected = parseHistory(exported);

  it.each<[string, unknown]>([
    ['newest first', { events: exported.events.toReversed() }],
    ['as a list', exported.events],
    ['as a list, newest first', exported.events.toReversed()],
    ['as an answer of the API', { history: exported }],
  ])('%s', (_, json) => {
    expect(parseHistory(json)).toEqual(expected);
  });

  it('with a gap, newest first, is left as it is, and refused', () => {
    const gap = exported.events.toReversed().toSpliced(2, 1);
    expect(inspectHistory(parseHistory({ events: gap }))).toMatchObject({ outcome: 'failed' });
  });
});

it.each<[string, unknown[], RegExp]>([
  ['no events', [], /has no events: export it whole/],
  ['a later page only', exported.events.slice(3), /begins with event 4: export it whole/],
])('a history with %s is refused, with what to do', (_, events, message) => {
  expect(() => parseHistory({ events })).toThrow(message);
});

describe('a file that a shell of Windows wrote', () => {
  it.each(['utf8', 'utf16le'] as const)('is read with its byte order mark: %s', async (encoding) => {
    const temporary = await testFolder();
    const path = join(temporary.path, 'history.json');
    await writeFile(path, Buffer.from(`\ufeff${JSON.stringify(exported)}`, encoding));
    for await (const found of histories(path, 1000)) {
      expect(found).toEqual({ name: path, history: parseHistory(exported) });
    }
    await temporary[Symbol.asyncDispose]();
  });
});

/** What the Web UI writes in place of a payload if it decodes. */
function decode(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(decode);
  if (!isRecord(value)) return value;
  if (typeof value.data === 'string' && value.metadata)
    return JSON.parse(Buffer.from(value.data, 'base64').toString('utf8')) as unknown;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, decode(inner)]));
}

describe('decoded payloads', () => {
  it.each(files)('of %s are refused, with what to do', (file) => {
    const history = decode(read(file));
    if (JSON.stringify(history) === JSON.stringify(read(file))) return;
    expect(() => parseHistory(history)).toThrow(
      /payloads that were decoded.*download the history without decoding/,
    );
  });

  it.each<[string, object]>([
    ['a list without its wrapper', { input: ['clip.mp4'] }],
    ['a value without its wrapper', { result: { uri: 'https://files.test' } }],
    ['a text', { input: 'clip.mp4' }],
    ['data that is an object', { input: { payloads: [{ data: { path: 'clip.mp4' } }] } }],
    ['data that is JSON text', { input: { payloads: [{ data: '{"path":"clip.mp4"}' }] } }],
    [
      'the name of an encoding as text',
      { input: { payloads: [{ metadata: { encoding: 'json/plain' }, data: 'e30=' }] } },
    ],
    ['a search attribute', { searchAttributes: { indexedFields: { Kind: 'video' } } }],
    ['a memo', { memo: { fields: { owner: { name: 'a' } } } }],
    ['details of a failure', { failure: { applicationFailureInfo: { details: { payloads: [{ id: 1 }] } } } }],
  ])('%s', (_, attributes) => {
    const [first = {}, ...rest] = exported.events;
    const started = { ...(first.workflowExecutionStartedEventAttributes as object), ...attributes };
    const events = [{ ...first, workflowExecutionStartedEventAttributes: started }, ...rest];
    expect(() => parseHistory({ events })).toThrow(/^event 1 has payloads that were decoded/);
  });

  const payloads = [{ metadata: { encoding: 'anNvbi9wbGFpbg==' }, data: 'e30=' }];

  it.each<[string, object]>([
    [
      'the details of a marker',
      { markerRecordedEventAttributes: { details: { 'patch-data': { payloads } } } },
    ],
    ['a marker without details', { markerRecordedEventAttributes: { details: {} } }],
    [
      'the input of an update',
      {
        workflowExecutionUpdateAcceptedEventAttributes: {
          acceptedRequest: { input: { header: {}, name: 'extend', args: { payloads } } },
        },
      },
    ],
    [
      'an update without arguments',
      { workflowExecutionUpdateAcceptedEventAttributes: { acceptedRequest: { input: { name: 'extend' } } } },
    ],
  ])('%s are none', (_, attributes) => {
    const events = [...exported.events, { eventId: String(exported.events.length + 1), ...attributes }];
    expect(parseHistory({ events }).events).toHaveLength(events.length);
  });

  it('of a marker are refused', () => {
    const details = { 'patch-data': { payloads: [{ id: 'a-change' }] } };
    const events = [...exported.events, { eventId: '99', markerRecordedEventAttributes: { details } }];
    expect(() => parseHistory({ events })).toThrow(/^event 99 has payloads that were decoded/);
  });

  it('a user value that looks like a field is none', () => {
    const [first = {}, ...rest] = exported.events;
    const events = [{ ...first, links: [{ note: { name: 'input' } }] }, ...rest];
    expect(parseHistory({ events }).events).toHaveLength(events.length);
  });
});
