/** All files of a batch are looked at before the first byte of any is sent. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { expect, it } from 'vitest';
import { fromWorkflowFailure } from '../../src/client/failures.js';
import { useTestFolder } from '../support/files.js';
import { replayed, scheduled } from '../support/replay.js';
import { stubFile, stubWorker } from '../support/stub-worker.js';
import { useDevServer } from '../support/temporal.js';
import { bundleEmbedding, userWorker } from '../support/user-worker.js';

const env = await useDevServer();
const folder = await useTestFolder();
const workflowBundle = await bundleEmbedding();
for (const name of ['a.mp4', 'b.mp4']) await folder.file(name, 1000);
await writeFile(
  join(folder.path, 'talk.mov'),
  'version https://git-lfs.github.com/spec/v1\noid sha256:ab\nsize 5\n',
);
await writeFile(join(folder.path, 'data.bin'), Buffer.from([0, 1, 2, 0xff]));
await writeFile(join(folder.path, 'data'), Buffer.from([0, 1, 2, 0xff]));

const ACTIVE = { outcome: 'ACTIVE', processing: 0 } as const;

it.each([
  ['talk.mov', 'InvalidOptionsError', 'git lfs pull'],
  ['data', 'InvalidOptionsError', 'neither the name nor the content'],
  ['none.mp4', 'FileNotFoundError', 'none.mp4'],
  ['/etc/passwd', 'PathNotAllowedError', '/etc/passwd'],
])('sends nothing if %s cannot be uploaded', async (path, name, words) => {
  await using at = await userWorker(env, folder, workflowBundle, ACTIVE);
  const inputs = ['a.mp4', 'b.mp4', path].map((one) => ({ path: one }));
  const { error, activities } = await at.run('all', [inputs, 1]);
  expect(fromWorkflowFailure(error)).toMatchObject({
    name,
    message: expect.stringContaining(words) as string,
  });
  expect(activities).toEqual(['geminiFilesExamine']);
  expect(at.emulator.requests).toEqual([]);
});

it('uploads what it is given a type for', async () => {
  await using at = await userWorker(env, folder, workflowBundle, ACTIVE);
  const inputs = [{ path: 'a.mp4' }, { path: 'data', mimeType: 'text/plain' }];
  const { value, activities } = await at.run('all', [inputs, 1]);
  expect(value).toMatchObject([{ mimeType: 'video/mp4' }, { mimeType: 'text/plain' }]);
  expect(activities).toEqual(['geminiFilesExamine', 'geminiFilesUpload', 'geminiFilesUpload']);
});

it('looks at hundreds of files in a few activities, and goes on where a worker is too old for it', async () => {
  const { worker, taskQueue } = await stubWorker(
    env,
    { geminiFilesUpload: ({ name }) => Promise.resolve(stubFile(name, { state: 'ACTIVE' })) },
    { workflowBundle },
  );
  const workflowId = randomUUID();
  await worker.runUntil(async () => {
    const files: unknown = await env.client.workflow.execute('allNamed', {
      taskQueue,
      workflowId,
      args: ['clip', 450],
    });
    expect(files).toHaveLength(450);
  });
  const events = await replayed(env.client, workflowId, undefined, { workflowBundle });
  const examined = scheduled(events).filter((name) => name === 'geminiFilesExamine');
  expect(examined).toHaveLength(3);
});
