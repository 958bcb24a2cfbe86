/** The option `time`: an emulator that follows another clock. */

import { expect, it } from 'vitest';
import { api, json, KEY, startEmulator } from './emulator-http.js';

it('follows the time that it is given, and never goes back', async () => {
  const begin = Date.now();
  let time = begin;
  const emulator = await startEmulator({ processing: '10m', time: () => Promise.resolve(time) });
  const name = emulator.addFile({ content: 'film', mimeType: 'video/mp4', apiKey: KEY });
  const state = async () => json(await api(emulator, 'GET', `/v1beta/${name}`)).state;
  expect(await state()).toBe('PROCESSING');
  time = begin + 700_000;
  expect(await state()).toBe('ACTIVE');
  time = begin;
  expect(await state()).toBe('ACTIVE');
});

it('gives a file that is added before the first request the time of that clock', async () => {
  const time = Date.now() + 72 * 3_600_000;
  const emulator = await startEmulator({ time: () => time });
  const name = emulator.addFile({ content: 'film', mimeType: 'video/mp4', apiKey: KEY });
  expect([...emulator.files.keys()]).toEqual([name]);
  const file = json(await api(emulator, 'GET', `/v1beta/${name}`));
  expect(Date.parse(String(file.createTime))).toBeGreaterThanOrEqual(time - 1);
});

it.each<[string, () => number | Promise<number>, string]>([
  ['throws', () => thrown('closed'), 'Error: closed'],
  ['rejects', () => Promise.reject(new Error('closed')), 'Error: closed'],
  ['is not a number', () => NaN, 'RangeError: time: NaN is not a number of milliseconds since the epoch'],
])('says so in its answer if the time that it is given %s', async (_, later, reason) => {
  let time: () => number | Promise<number> = () => Date.now();
  const emulator = await startEmulator({ time: () => time() });
  time = later;
  const answer = await api(emulator, 'GET', '/v1beta/files');
  expect(answer.status).toBe(500);
  expect(json(answer)).toMatchObject({
    error: { message: `The emulator's option time failed: ${reason}` },
  });
  await expect(startEmulator({ time: later })).rejects.toThrow(reason.replace(/^\w+: /, ''));
});

function thrown(message: string): never {
  throw new Error(message);
}
