/** Workflow ids are the callers', and may hold any character. None may change what the sweep asks Temporal for. */

import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { useTestFolder } from '../support/files.js';
import { resetRun } from '../support/reset.js';
import { scenario } from '../support/scenario.js';
import { runsOfTest, startWaiting, sweep, untilListed } from '../support/sweep.js';
import { useSharedDevServer } from '../support/temporal.js';

const env = await useSharedDevServer();
const folder = await useTestFolder();
const { path } = await folder.file('clip.mp4', 1000);

const HOSTILE = [
  'clips\\a.mp4',
  '\\',
  '\\\\',
  "it's",
  "''",
  "\\'",
  "' OR ''='",
  "' OR ExecutionStatus='Running",
  "\\' OR ExecutionStatus = 'Running' OR WorkflowId = \\'",
  "x') OR (WorkflowId STARTS_WITH 'x",
  'say "a"',
  '`a`',
  '%',
  '_%_',
  '*',
  'a; DROP TABLE executions_visibility -- ',
  '/* a */',
  ' leading and trailing ',
  'tab\tand\r\nline\nbreak',
  '\u0001\u007f',
  '\u2028\u202e',
  'ü 名前 😀',
  'e\u0301',
  'x'.repeat(300),
];

it('deletes what ended runs left and keeps what others need, whatever the workflow id holds', async () => {
  await using at = await scenario(env, folder);
  const of = runsOfTest(at);
  await at.run(async () => {
    const kept = new Map<string, string>();
    await Promise.all(
      HOSTILE.map(async (hostile) => {
        const { workflowId, name } = await startWaiting(at, path, `${hostile}${randomUUID()}${hostile}`);
        kept.set(workflowId, name);
        await resetRun(env.client, workflowId);
      }),
    );
    await untilListed(env, `${of} AND ExecutionStatus = 'Terminated'`, HOSTILE.length);
    expect(await sweep(env, at)).toMatchObject({ found: 0, unreadable: 0, skipped: 0, runs: [] });
    expect(new Set(at.emulator.files.keys())).toEqual(new Set(kept.values()));

    // The run that the reset made ends well. Only the list of runs knows it once another run has its workflow id.
    const lost = new Map<string, string>();
    await Promise.all(
      [...kept].map(async ([workflowId, name]) => {
        at.emulator.activate(name);
        const resumed = at.client.attach(workflowId);
        await resumed.checkNow();
        await resumed.result();
        const { name: next, handle } = await startWaiting(at, path, workflowId);
        lost.set(workflowId, next);
        await handle.workflow.terminate();
      }),
    );
    await untilListed(env, `${of} AND ExecutionStatus = 'Terminated'`, 2 * HOSTILE.length);
    await untilListed(
      env,
      `${of} AND ExecutionStatus = 'Completed' AND WorkflowType = 'uploadAndWaitActive'`,
      HOSTILE.length,
    );

    const swept = await sweep(env, at);
    expect(new Map(swept.files.map(({ workflowId, name }) => [workflowId, name]))).toEqual(lost);
    expect(swept).toMatchObject({
      found: lost.size,
      deleted: lost.size,
      failed: 0,
      kept: 0,
      skipped: 0,
      runs: [],
    });
    expect(new Set(at.emulator.files.keys())).toEqual(new Set(kept.values()));
  });
});
