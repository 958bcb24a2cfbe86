/** The activities can be called by any workflow, with anything: each refusal names the field, and is not tried again. */

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createGeminiFilesActivities } from '../../src/activities/index.js';
import { isFileName } from '../../src/contract/file-name.js';
import { ACTIVITY } from '../../src/contract/names.js';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { failureOf } from '../support/activity.js';
import { connectionTo, NAME } from '../support/connection.js';
import { testFolder, type TestFolder } from '../support/files.js';

let folder: TestFolder;
let emulator: GeminiFilesEmulator;
beforeAll(async () => {
  folder = await testFolder();
  await folder.file('clip.mp4', 5);
  emulator = await GeminiFilesEmulator.start();
});
afterAll(async () => {
  expect(emulator.requests).toEqual([]);
  await emulator.close();
  await folder[Symbol.asyncDispose]();
});

const call = (name: string, input: unknown) => {
  const activities = createGeminiFilesActivities({
    connect: () => Promise.resolve(connectionTo(emulator.url)),
    allowedRoots: [folder.path],
  });
  // A late attempt: whatever the input is called then must not get into the failure's details either.
  const env = new MockActivityEnvironment({ attempt: 2 }, { logger: new DefaultLogger('ERROR') });
  const activity = (activities as unknown as Record<string, (input: unknown) => Promise<unknown>>)[name];
  return env.run(activity as (input: unknown) => Promise<unknown>, input);
};
const long = (count: number) => 'x'.repeat(count);

const inputs: [string, unknown, string][] = [
  ...Object.values(ACTIVITY).flatMap((name) =>
    [undefined, null, 'files/a', 5, [], true].map((input): [string, unknown, string] => [
      name,
      input,
      Array.isArray(input) ? 'Invalid' : 'Invalid input: expected one object, got ',
    ]),
  ),
  ...[ACTIVITY.upload, ACTIVITY.check, ACTIVITY.delete].flatMap((name) => [
    ...[
      undefined,
      null,
      5,
      {},
      '',
      'a',
      'files/A',
      'files/..',
      `files/${long(65)}`,
      long(1e6),
      // Names that an upload cannot choose, of files that can exist.
      ...(name === ACTIVITY.upload ? ['files/-a', `files/${long(41)}`] : []),
    ].map((bad): [string, unknown, string] => [
      name,
      { path: 'clip.mp4', name: bad },
      'Invalid option name: ',
    ]),
    ...[null, 5, {}, '', long(129), 'a\0b', '\ud83c'].map((bad): [string, unknown, string] => [
      name,
      { path: 'clip.mp4', name: NAME, credentials: bad },
      'Invalid option credentials: ',
    ]),
  ]),
  ...[null, '5', NaN, Infinity, {}].map((bad): [string, unknown, string] => [
    ACTIVITY.check,
    { name: NAME, deadlineMs: bad },
    'Invalid option deadlineMs: ',
  ]),
  ...[null, 5, {}, '', long(65537)].map((bad): [string, unknown, string] => [
    ACTIVITY.delete,
    { name: NAME, session: bad },
    'Invalid option session: ',
  ]),
  ...[undefined, null, '5', NaN, Infinity, -1, 172_800_001].map((bad): [string, unknown, string] => [
    ACTIVITY.findAbandoned,
    { olderThanMs: bad },
    'Invalid option olderThanMs: ',
  ]),
  ...[null, 5, '', long(2001)].map((bad): [string, unknown, string] => [
    ACTIVITY.findAbandoned,
    { olderThanMs: 0, query: bad },
    'Invalid option query: ',
  ]),
  [ACTIVITY.upload, { name: NAME }, 'Invalid options path and source: '],
  [ACTIVITY.upload, { name: NAME, path: 'a', source: 'media:a' }, 'Invalid options path and source: '],
  [ACTIVITY.upload, { name: NAME, source: 'http://media.example.com/a' }, 'Invalid option source: '],
];

describe.each(inputs)('%s', (name, input, message) => {
  const shown = JSON.stringify(input)?.slice(0, 60) ?? 'undefined';
  it(`refuses ${shown}: ${message}`, async () => {
    const failure = await failureOf(call(name, input));
    expect(failure).toMatchObject({ type: 'InvalidOptionsError', retryable: false });
    expect(failure.message.startsWith(message)).toBe(true);
    expect(failure.message.length).toBeLessThan(300);
    const given = (input as { name?: unknown } | null | undefined)?.name;
    const id = isFileName(given) ? { id: given } : {};
    // Only a late upload has more details: the progress of the earlier attempt is not known.
    const trace = name === ACTIVITY.upload ? [{ finalizing: true, earlierFinalize: true }] : [];
    expect(failure.details).toEqual([{ provider: 'google', ...id }, ...trace]);
  });
});
