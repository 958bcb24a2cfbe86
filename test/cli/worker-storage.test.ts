/** The bytes in use as metrics of a worker. */

import { getEventListeners } from 'node:events';
import { Runtime } from '@temporalio/worker';
import { expect, inject, it } from 'vitest';
import { watchStorage } from '../../src/cli/worker/storage-gauge.js';
import { faults, GeminiFilesEmulator } from '../../src/testing/index.js';
import { connectionTo, KEY } from '../support/connection.js';
import { cliHome } from '../support/cli.js';
import { gauges } from '../support/gauges.js';
import { scrape } from '../support/scrape.js';

const KEYS = {
  own: 'AIza-own-0123456789-0123456789-abcdefghi',
  team: 'AIza-team-0123456789-0123456789-abcdefgh',
};
const QUOTA = 20 * 1024 ** 3;

const { runtime, take } = gauges();
Runtime.install({ ...runtime, shutdownSignals: [] });

it('`worker --metrics` has what is in use of each key, and the quota', async () => {
  await using emulator = await GeminiFilesEmulator.start({ apiKeys: Object.values(KEYS) });
  emulator.addFile({ content: 'x'.repeat(1500), apiKey: KEYS.own });
  emulator.addFile({ content: 'x'.repeat(500), apiKey: KEYS.own });
  emulator.addFile({ content: 'x'.repeat(70), apiKey: KEYS.team });
  await using home = await cliHome({
    TEMPORAL_ADDRESS: inject('devServer'),
    GEMINI_API_KEY: KEYS.own,
    GOOGLE_GEMINI_BASE_URL: emulator.url,
  });
  const config = await home.file(
    'config.json',
    JSON.stringify({ profiles: { team: { apiKey: KEYS.team } } }),
  );
  const flags = ['--task-queue', 'storage', '--metrics', '127.0.0.1:0', '--config', config, '--json'];
  const worker = home.start(['worker', ...flags]);
  const [line] = await worker.stdout(/^\{.*\}$/m);
  const { metrics } = JSON.parse(line) as { metrics: string };
  const read = async () => {
    const { samples, types } = await scrape(metrics);
    const of = (name: string): Record<string, number> => {
      const found = samples.filter((one) => one.name === name);
      return Object.fromEntries(found.map(({ labels, value }) => [labels.credentials ?? '', value]));
    };
    const bytes = 'gemini_files_storage_bytes';
    return { type: types.get(bytes), bytes: of(bytes), quota: of('gemini_files_storage_quota_bytes') };
  };
  await expect.poll(read).toEqual({
    type: 'gauge',
    bytes: { default: 2000, team: 70 },
    quota: { default: QUOTA, team: QUOTA },
  });
});

const settingsFor = ({ url }: GeminiFilesEmulator) => ({
  connect: () => Promise.resolve(connectionTo(url)),
  keySource: { kind: 'option' } as never,
  profiles: new Map(),
});

it('is read again and again until the worker ends; a reading that fails is left out', async () => {
  await using emulator = await GeminiFilesEmulator.start();
  const settings = settingsFor(emulator);
  const ended = new AbortController();
  const lists = () => emulator.requests.filter(({ operation }) => operation === 'list').length;
  const anotherList = () =>
    emulator.waitFor(
      (
        (before) => () =>
          lists() > before
      )(lists()),
    );
  watchStorage(settings, ended.signal, { intervalMs: 10, pausePerReading: 0 });
  const seen = new Set<number>();
  const values = () => {
    for (const { name, value } of take()) if (name === 'storage_bytes') seen.add(value);
    return [...seen];
  };
  await expect.poll(values).toEqual([0]);
  emulator.addFile({ content: 'x'.repeat(300), apiKey: KEY });
  await expect.poll(values).toEqual([0, 300]);
  emulator.addFaults(faults.unavailable('list', { times: 2 }));
  emulator.addFile({ content: 'x'.repeat(20), apiKey: KEY });
  await expect.poll(values).toEqual([0, 300, 320]);
  emulator.assertFaultsConsumed();
  await anotherList();
  ended.abort();
  const last = lists();
  // Ten times the interval, and what a reading takes.
  await new Promise((resolve) => setTimeout(resolve, 150));
  expect(lists() - last).toBeLessThanOrEqual(1);
});

it('after a reading that fails, the next one comes after the interval, however long it took', async () => {
  await using emulator = await GeminiFilesEmulator.start();
  emulator.addFile({ content: 'x'.repeat(70), apiKey: KEY });
  emulator.addFaults(faults.unavailable('list'));
  const ended = new AbortController();
  watchStorage(settingsFor(emulator), ended.signal, { intervalMs: 10, pausePerReading: 1e6 });
  await expect
    .poll(() => take().map(({ name, value }) => [name, value]))
    .toContainEqual(['storage_bytes', 70]);
  emulator.assertFaultsConsumed();
  ended.abort();
});

it('a reading leaves no listener on the signal, which lives as long as the worker', async () => {
  await using emulator = await GeminiFilesEmulator.start();
  const ended = new AbortController();
  watchStorage(settingsFor(emulator), ended.signal, { intervalMs: 1, pausePerReading: 0 });
  // More than the number of listeners that Node.js warns of.
  await emulator.waitFor((requests) => requests.filter(({ operation }) => operation === 'list').length > 20);
  expect(getEventListeners(ended.signal, 'abort').length).toBeLessThanOrEqual(1);
  ended.abort();
});
