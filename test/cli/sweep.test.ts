/** `sweep` deletes the file of a terminated run. */

import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { SweepResult } from '../../src/client/index.js';
import { cliHome, type CliHome } from '../support/cli.js';
import { testFolder, type TestFolder } from '../support/files.js';
import { QUICK, scenario, uploadedName } from '../support/scenario.js';
import { devServer } from '../support/temporal.js';

let env: TestWorkflowEnvironment;
let folder: TestFolder;
let home: CliHome;
beforeAll(async () => {
  [env, folder, home] = await Promise.all([devServer(), testFolder(), cliHome()]);
});
afterAll(async () => {
  await Promise.all([env.teardown(), folder[Symbol.asyncDispose](), home[Symbol.asyncDispose]()]);
});

it('shows it on a dry run, deletes it, and reports what it could not delete', async () => {
  const video = await folder.file('clip.mp4', 1000);
  await using at = await scenario(env, folder, { outcome: 'NEVER' });
  const handle = await at.client.start(video.path, { ...QUICK, timeout: '1h' });
  const name = await at.run(async () => {
    const uploaded = await uploadedName(at.emulator);
    await at.emulator.waitFor((requests) => requests.some(({ operation }) => operation === 'get'));
    await handle.workflow.terminate('lost');
    return uploaded;
  });
  const ended = `WorkflowId = '${handle.workflowId}' AND ExecutionStatus = 'Terminated'`;
  await expect.poll(async () => (await env.client.workflow.count(ended)).count).toBe(1);

  const settings = {
    TEMPORAL_ADDRESS: env.address,
    GEMINI_API_KEY: 'test-key',
    GOOGLE_GEMINI_BASE_URL: at.emulator.url,
  };
  const sweep = (...flags: string[]) =>
    home.run(['sweep', '--older-than', '0s', '--json', ...flags], { env: settings });
  const file = { name, workflowId: handle.workflowId };

  const dry = await sweep('--dry-run');
  expect(dry.code).toBe(0);
  expect(dry.json<SweepResult>()).toMatchObject({
    dryRun: true,
    found: 1,
    deleted: 0,
    files: [{ ...file, outcome: 'found' }],
  });
  expect(at.emulator.files.has(name)).toBe(true);

  at.emulator.addFaults({ on: 'delete', do: 'respond', status: 400, text: 'no' });
  const refused = await sweep();
  expect(refused.code).toBe(1);
  expect(refused.json<SweepResult>()).toMatchObject({ failed: 1, files: [{ ...file, outcome: 'failed' }] });

  const done = await sweep();
  expect(done.code).toBe(0);
  expect(done.json<SweepResult>()).toMatchObject({
    found: 1,
    deleted: 1,
    failed: 0,
    files: [{ ...file, outcome: 'deleted' }],
  });
  expect(at.emulator.files.size).toBe(0);

  const bad = await home.run(['sweep', '--older-than', 'soon']);
  expect(bad.code).toBe(2);
  expect(bad.stderr).toContain('olderThan');
});
