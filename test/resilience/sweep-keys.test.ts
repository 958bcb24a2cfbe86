/** A denial under the API key of another project does not prove to the sweep that a file is deleted. */

import { expect, it } from 'vitest';
import { useTestFolder } from '../support/files.js';
import { asleep, scenario } from '../support/scenario.js';
import { continueAsNew, HOURLY, sweep, terminate } from '../support/sweep.js';
import { useDevServer } from '../support/temporal.js';
import { testWorker } from '../support/worker.js';

// Runs continue as new after a few checks.
const env = await useDevServer(undefined, { 'limit.historyCount.suggestContinueAsNew': 30 });
const folder = await useTestFolder();
const { path } = await folder.file('clip.mp4', 1000);

const KEYS = { apiKeys: [['first', 'rotated'], 'foreign'] } as const;

it.each([
  ['a run that uploaded it', false],
  ['a run that another one handed it on to', true],
])('reports the file of %s as failed, until a key of its project deletes it', async (_, handedOn) => {
  await using at = await scenario(env, folder, KEYS, { apiKey: 'first' });
  const { emulator, taskQueue } = at;
  const sweepWith = async (apiKey: string) => {
    const worker = await testWorker(env, { baseUrl: emulator.url, apiKey, taskQueue });
    return worker.run(() => sweep(env, worker));
  };
  const name = await at.run(async () => {
    const { workflowId } = await at.client.start(path, HOURLY);
    const latest = at.client.attach(workflowId);
    // Neither run has a check in its history, only the upload or the wait.
    await (handedOn ? continueAsNew(env, latest) : asleep(env, latest));
    const { id } = await latest.status();
    await terminate(env, workflowId);
    return id;
  });

  const denied = await sweepWith('foreign');
  expect(denied).toMatchObject({ found: 1, deleted: 0, gone: 0, failed: 1 });
  expect(denied.files).toMatchObject([
    {
      name,
      outcome: 'failed',
      error: `The provider denied ${name}, but that does not prove that it is deleted: the API key is not the one that uploaded it`,
    },
  ]);
  expect([...emulator.files.keys()]).toEqual([name]);

  expect(await sweepWith('rotated')).toMatchObject({ found: 1, deleted: 1, gone: 0, failed: 0 });
  expect(emulator.files.size).toBe(0);
  expect(await sweepWith('first')).toMatchObject({ found: 1, deleted: 1, gone: 1, failed: 0 });
});
