/** A run that gets nowhere says so: at the terminal, in `status` and in the log. */

import { expect, it } from 'vitest';
import { GeminiFilesClient } from '../../src/client/index.js';
import { freePort } from '../../src/util/free-port.js';
import { useConfiguredCli } from '../support/configured-cli.js';
import { stopwatch } from '../support/stopwatch.js';

const { temporal, home } = await useConfiguredCli();

/** The promise of the documentation is 15 s from the first failed attempt. */
const PROMISED_MS = 15_000;

it('tells the reason and the next attempt soon after the first one has failed', async () => {
  const closed = `http://127.0.0.1:${await freePort()}`;
  const file = await home.file('clip.mp4', 'film');
  const upload = home.start(['upload', file, '--verbose'], { env: { GOOGLE_GEMINI_BASE_URL: closed } });
  const [, workflowId = ''] = await upload.stderr(/^Run: (\S+)/m);
  const elapsed = stopwatch();
  const [line] = await upload.stderr(/^failed attempt \d+: .*$/m);
  expect(elapsed()).toBeLessThan(PROMISED_MS);
  expect(line).toMatch(/^failed attempt 1: .*ECONNREFUSED.*; next attempt at .*\d/);

  await upload.stderr(/WARN .*reason=".*ECONNREFUSED/);

  const [json, text] = await Promise.all([
    home.run(['status', workflowId, '--json']),
    home.run(['status', workflowId]),
  ]);
  expect(json.json()).toMatchObject({
    status: 'RUNNING',
    progress: { lastFailure: { message: expect.stringContaining('ECONNREFUSED') as string } },
  });
  expect(text.stdout).toMatch(/attempt \d+: .*ECONNREFUSED/);

  // What the Web UI shows as Pending Activities.
  const { workflow } = new GeminiFilesClient(temporal.client).attach(workflowId);
  const { raw } = await workflow.describe();
  expect(raw.pendingActivities?.[0]?.lastFailure?.message).toContain('ECONNREFUSED');

  // No start was ever answered: there is nothing to clean up, and nobody waits for it.
  const sinceInterrupt = stopwatch();
  upload.child.kill('SIGINT');
  const end = await upload.ended;
  expect(sinceInterrupt()).toBeLessThan(PROMISED_MS);
  expect(end.code, end.stderr).toBe(130);
  expect(end.stderr).not.toContain('could not be deleted');
  expect((await workflow.describe()).status.name).toBe('TERMINATED');
});
