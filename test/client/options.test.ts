/** Options that a caller from JavaScript may give to the client: wrong ones are refused by their names, before Temporal is asked. */

import type { Client } from '@temporalio/client';
import { expect, it } from 'vitest';
import {
  GeminiFilesClient,
  InvalidOptionsError,
  scheduleSweep,
  type UploadHandle,
} from '../../src/client/index.js';

const refuses = () => {
  throw new Error('Temporal was asked');
};
const temporal = {
  options: { loadedDataConverter: { payloadCodecs: [] } },
  workflow: { start: refuses },
  schedule: { create: refuses },
} as unknown as Client;
const client = new GeminiFilesClient(temporal);

type Call = (value: never) => unknown;

const queues: readonly (readonly [string, Call])[] = [
  ['GeminiFilesClient', (taskQueue) => new GeminiFilesClient(temporal, { taskQueue })],
  ['start', (taskQueue) => client.start('clip.mp4', {}, { taskQueue })],
  ['startWait', (taskQueue) => client.startWait('files/a', {}, { taskQueue })],
  ['preuploadAndWaitActive', (taskQueue) => client.preuploadAndWaitActive('a', {}, { taskQueue })],
  ['scheduleSweep', (taskQueue) => scheduleSweep(temporal, { taskQueue })],
];
const wrongQueues = [42, '', null, ['gemini-files'], '/_sys/x'];

const ids: readonly (readonly [string, string, Call, readonly unknown[]])[] = [
  ['attachHold', 'holdId', (id) => client.attachHold(id, 'a'), [undefined, 42, '']],
  ['attachHold', 'leaseId', (id) => client.attachHold('a', id), [undefined, 42, '']],
];

const others: readonly (readonly [string, Call, readonly unknown[]])[] = [
  ['every', (every) => scheduleSweep(temporal, { every }), ['often', 0, '10ms', null, Number.NaN]],
  ['scheduleId', (scheduleId) => scheduleSweep(temporal, { scheduleId }), [42, '', null]],
];

it.each([
  ...queues.map(([name, call]) => [name, 'taskQueue', call, wrongQueues] as const),
  ...ids,
  ...others.map(([option, call, values]) => ['scheduleSweep', option, call, values] as const),
])('%s refuses a wrong %s', async (_, option, call, values) => {
  for (const value of values) {
    const made = new Promise((resolve) => resolve(call(value as never)));
    await expect(made, String(value)).rejects.toThrow(InvalidOptionsError);
    await expect(made).rejects.toThrow(new RegExp(`^Invalid option ${option}: (expected|required)`));
  }
});

const whole: readonly (readonly [string, Call])[] = [
  ['GeminiFilesClient', (options) => new GeminiFilesClient(temporal, options)],
  ['start', (options) => client.start('clip.mp4', {}, options)],
  ['progress', (options) => client.progress({ workflow: {} } as UploadHandle, options)],
  ['scheduleSweep', (options) => scheduleSweep(temporal, options)],
];

it.each(whole)('%s refuses options that are not an object', async (_, call) => {
  for (const value of [null, 'x', 42, []]) {
    const made = new Promise((resolve) => resolve(call(value as never)));
    await expect(made, String(value)).rejects.toThrow(
      new InvalidOptionsError('Invalid options: expected an object'),
    );
  }
});
