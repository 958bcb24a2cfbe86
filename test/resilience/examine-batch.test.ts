/** All files of a batch are looked at before the first byte of any is sent. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { ApplicationFailure } from '@temporalio/common';
import { describe, expect, it } from 'vitest';
import { fromWorkflowFailure } from '../../src/client/failures.js';
import { useTestFolder } from '../support/files.js';
import { replayed, scheduled } from '../support/replay.js';
import { answer, SourceServer, type Act } from '../support/source-server.js';
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

describe('a source that is unavailable', () => {
  /** Signed requests are not looked at: this store gives its files to anybody. */
  const bucket = ({ origin: endpoint }: SourceServer) =>
    ({
      type: 's3',
      bucket: 'store',
      region: 'auto',
      endpoint,
      credentials: { accessKeyId: 'AKID', secretAccessKey: 'S3CRET' },
    }) as const;
  /** More than the attempts of an examination. */
  const LONG = 6;
  const quick = { upload: { retry: { initialInterval: '10ms', backoffCoefficient: 1 } } };
  const NAMES = ['c', 'd', 'e', 'f'];
  const ofStore = NAMES.map((name) => ({ source: `store:${name}.mp4` }));
  const inputs = [{ path: 'a.mp4' }, ...ofStore];
  const storeFiles = (server: SourceServer) => {
    for (const name of NAMES) server.files.set(`/store/${name}.mp4`, { content: Buffer.alloc(500) });
  };
  const breaks: Act = (_request, response) => response.socket?.destroy();

  it.each([
    ['answers 503', answer(503)],
    ['breaks connections', breaks],
  ])('is left to its uploads if it %s, and they try again', async (_, act) => {
    await using server = await SourceServer.startPlain();
    storeFiles(server);
    server.acts.push(...Array.from({ length: LONG }, () => act));
    await using at = await userWorker(env, folder, workflowBundle, ACTIVE, {
      sources: { store: bucket(server) },
    });
    const { value, activities } = await at.run('all', [inputs, 1, quick]);
    expect(value).toMatchObject([
      { displayName: 'a.mp4' },
      ...NAMES.map((name) => ({ displayName: `${name}.mp4`, sizeBytes: 500 })),
    ]);
    expect(activities).toEqual(['geminiFilesExamine', ...inputs.map(() => 'geminiFilesUpload')]);
    // It is asked for three files before the uploads begin, and for each of them once.
    const paths = server.requests.map(({ path }) => path.at(-5)).join('');
    expect(paths).toBe(`cde${'c'.repeat(LONG - 3)}cdef`);
  });

  it.each([
    ['on a disk', { path: 'none.mp4' }],
    ['of the same source', { source: 'store:none.mp4' }],
  ])('does not hide a file %s that can never be uploaded', async (_, none) => {
    await using server = await SourceServer.startPlain();
    storeFiles(server);
    server.acts.push(answer(503, { 'retry-after': '3600' }), answer(503));
    await using at = await userWorker(env, folder, workflowBundle, ACTIVE, {
      sources: { store: bucket(server) },
    });
    const { error, activities } = await at.run('all', [[...inputs, none], 1]);
    expect(fromWorkflowFailure(error)).toMatchObject({
      name: 'FileNotFoundError',
      message: expect.stringContaining('none.mp4') as string,
    });
    expect(activities).toEqual(['geminiFilesExamine']);
    expect(at.emulator.requests).toEqual([]);
  });

  it('does not end the batch if a worker of another build fails for it either', async () => {
    let examined = 0;
    const geminiFilesExamine = () => {
      examined += 1;
      return Promise.reject(ApplicationFailure.create({ type: 'SourceError', nextRetryDelay: 1 }));
    };
    const geminiFilesUpload = ({ name }: { name: string }) =>
      Promise.resolve(stubFile(name, { state: 'ACTIVE' }));
    const activities = { geminiFilesExamine, geminiFilesUpload };
    const { worker, taskQueue } = await stubWorker(env, {}, { workflowBundle, activities });
    const files: unknown = await worker.runUntil(
      env.client.workflow.execute('all', { taskQueue, workflowId: randomUUID(), args: [inputs, 1] }),
    );
    expect(files).toHaveLength(inputs.length);
    expect(examined).toBe(5);
  });
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
