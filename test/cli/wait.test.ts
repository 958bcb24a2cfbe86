/** `wait` on a Temporal server that is configured, for files that somebody else uploaded. */

import { expect, it } from 'vitest';
import { GeminiFilesClient } from '../../src/client/index.js';
import { freePort } from '../../src/util/free-port.js';
import { KEY, useConfiguredCli } from '../support/configured-cli.js';

const { emulator, home, temporal } = await useConfiguredCli();

const addFile = () => emulator.addFile({ content: 'clip', mimeType: 'video/mp4', apiKey: KEY });
const QUICK = ['--poll-interval', '200ms', '--jitter', '0ms'];

it('shows each check, and prints the file as JSON once it is ACTIVE', async () => {
  const id = addFile();
  const wait = home.start(['wait', id, '--json', ...QUICK]);
  await wait.stderr(/^check [2-9]\d*: PROCESSING/m);
  emulator.activate(id);
  const end = await wait.ended;
  expect(end.code).toBe(0);
  expect(end.json()).toMatchObject({
    provider: 'google',
    id,
    state: 'ACTIVE',
    sizeBytes: 4,
    workflowId: expect.stringContaining(id.slice('files/'.length)) as string,
  });
  expect(end.stderr).not.toContain('uploading');
});

it('exits with 3 if the file is not ACTIVE in time, and with 1 if there is none', async () => {
  const id = addFile();
  const [late, none] = await Promise.all([
    home.run(['wait', id, '--json', '--timeout', '0ms']),
    home.run(['wait', 'files/not-there', '--json', ...QUICK]),
  ]);
  expect(late.code).toBe(3);
  const [, workflowId = 'none'] = /^Run: (\S+)/m.exec(late.stderr) ?? [];
  const runId = expect.stringMatching(/^[\da-f-]{36}$/) as string;
  expect(late.json()).toMatchObject({
    error: { type: 'UploadInactiveError', id, cleanup: 'kept', workflowId, runId },
  });
  expect(emulator.files.has(id)).toBe(true);
  expect(none.code).toBe(1);
  expect(none.json()).toMatchObject({ error: { type: 'UploadFailedError', id: 'files/not-there' } });
});

it('exits with 2 for an id that is none, before anything is started', async () => {
  const end = await home.run(['wait', 'not-a-file', '--json']);
  expect(end.code).toBe(2);
  expect(end.json()).toMatchObject({
    error: { type: 'InvalidOptionsError', message: expect.stringMatching(/^Invalid option id: /) as string },
  });
});

it.each([
  [[], 'kept', true],
  [['--cleanup-on-timeout'], 'deleted', false],
])('Ctrl-C ends it with 130; with %j the file is %s', async (flags, cleanup, there) => {
  const id = addFile();
  const wait = home.start([
    'wait',
    id,
    '--json',
    '--poll-interval',
    '1h',
    '--max-poll-interval',
    'none',
    ...flags,
  ]);
  await wait.stderr(/^check 1: PROCESSING/m);
  wait.child.kill('SIGINT');
  const end = await wait.ended;
  expect(end.code).toBe(130);
  expect(end.json()).toMatchObject({ error: { id, cleanup } });
  expect(emulator.files.has(id)).toBe(there);
});

it('gives up on a provider that is not reached', async () => {
  const closed = `http://127.0.0.1:${await freePort()}`;
  const flags = ['--timeout', '1h', '--unreachable-timeout', '2s', '--json'];
  const end = await home.run(['wait', 'files/of-somebody', ...flags], {
    env: { GOOGLE_GEMINI_BASE_URL: closed },
  });
  expect(end.code).toBe(1);
  expect(end.json()).toMatchObject({ error: { type: 'ProviderError', kind: 'connection', cleanup: 'kept' } });
  expect(end.stderr).toMatch(/^failed attempt 1: .*ECONNREFUSED/m);
});

it('starts another run beside one that is being cancelled, and attaches to one that is open', async () => {
  const id = addFile();
  const args = ['wait', id, '--json', '--poll-interval', '1h', '--max-poll-interval', 'none'];
  const first = home.start(args);
  const [, workflowId = ''] = await first.stderr(/^Run: (\S+)/m);
  await first.stderr(/^check 1: PROCESSING/m);
  // Nobody works on the cancelled run, so it stays open.
  first.child.kill('SIGKILL');
  await first.ended;
  const files = new GeminiFilesClient(temporal.client);
  await files.attach(workflowId).cancel();

  const second = home.start(args);
  await second.stderr(
    new RegExp(`^${workflowId} is being cancelled or cleans up: starting another wait`, 'm'),
  );
  await second.stderr(/^check 1: PROCESSING/m);
  const third = home.start(args);
  await third.stderr(new RegExp(`^Attached to the open run of this wait: ${workflowId}-2$`, 'm'));
  emulator.activate(id);
  await files.attach(`${workflowId}-2`).checkNow();
  for (const end of await Promise.all([second.ended, third.ended])) {
    expect(end.code).toBe(0);
    expect(end.json()).toMatchObject({ id, workflowId: `${workflowId}-2` });
  }
});
