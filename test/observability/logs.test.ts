/** The log of an upload with difficulties has the run's id and the file's name, and no secrets. */

import { expect, it } from 'vitest';
import type { Fault } from '../../src/testing/index.js';
import { useTestFolder } from '../support/files.js';
import { gauges } from '../support/gauges.js';
import { QUICK, scenario } from '../support/scenario.js';
import { useDevServer } from '../support/temporal.js';
import { MiB } from '../support/upload.js';

const KEY = 'AIza-key-that-nobody-may-see';
const { runtime, logs } = gauges();
const env = await useDevServer(runtime);
const folder = await useTestFolder();
const file = await folder.file('clip.mp3', 16 * MiB);

it.each<[string, Fault, string[]]>([
  [
    'a connection that breaks',
    { on: 'upload', do: 'reset', afterTotalBytes: 8 * MiB },
    [
      'INFO Upload started',
      'WARN Upload interrupted; it continues in the same session',
      'INFO Upload finished',
    ],
  ],
  [
    'a session that dies',
    { on: 'upload', do: 'expireSession' },
    [
      'INFO Upload started',
      'WARN The upload session has ended; the next attempt opens another one',
      'DEBUG Upload attempt ended',
      'WARN Request failed; Temporal retries it',
      'INFO Upload started',
      'INFO Upload finished',
    ],
  ],
  [
    'an answer that is lost once the file is made',
    { on: 'finalize', do: 'loseAnswer' },
    [
      'INFO Upload started',
      'WARN Upload interrupted; it continues in the same session',
      'INFO Upload finished',
    ],
  ],
  [
    'a start that is refused for now',
    { on: 'start', do: 'respond', status: 503, headers: { 'retry-after': '1' } },
    [
      'INFO Upload started',
      'DEBUG Upload attempt ended',
      'WARN Request failed; Temporal retries it',
      'INFO Upload started',
      'INFO Upload finished',
    ],
  ],
])('%s', async (_, fault, lines) => {
  await using at = await scenario(
    env,
    folder,
    { outcome: 'ACTIVE', processing: 0, faults: [fault] },
    { apiKey: KEY },
  );
  const handle = await at.run(async () => {
    const started = await at.client.start(file.path, QUICK);
    await started.result();
    return started;
  });
  at.emulator.assertFaultsConsumed();
  const own = logs.filter(({ meta }) => meta?.workflowId === handle.workflowId && meta.file !== undefined);
  expect(own.map(({ level, message }) => `${level} ${message}`)).toEqual([
    ...lines,
    'INFO The file is ACTIVE',
  ]);
  const [name] = at.emulator.files.keys();
  for (const { meta } of own) expect(meta?.file).toBe(name);

  const text = JSON.stringify(logs, (_key, value: unknown) =>
    typeof value === 'bigint' ? String(value) : value,
  );
  const sessions = at.emulator.requests.flatMap(({ uploadId }) => uploadId ?? []);
  expect(sessions.length).toBeGreaterThan(0);
  for (const secret of [KEY, ...sessions]) expect(text).not.toContain(secret);
});
