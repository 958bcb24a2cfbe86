/** The example of a hold, over the week that it is about: on the time-skipping server, with an emulator that follows its time. */

import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Worker } from '@temporalio/worker';
import { expect, it } from 'vitest';
import type { FilePart } from '../../src/client/index.js';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { GeminiFilesPlugin } from '../../src/worker/index.js';
import { useTestFolder } from '../support/files.js';
import { useTimeSkippingServer } from '../support/temporal.js';

const env = await useTimeSkippingServer();
const folder = await useTestFolder();
const DAY_MS = 24 * 3600 * 1000;

it('a question a day for a week is always about a file that is ACTIVE, and nothing is left of it', async () => {
  const { path } = await folder.file('week.mp4', 1000);
  await using emulator = await GeminiFilesEmulator.start({
    processing: '20s',
    time: () => env.currentTimeMs(),
  });
  const uris: string[] = [];
  const describe = ({ fileData: { fileUri } }: FilePart) => {
    uris.push(fileUri);
    const file = [...emulator.files.values()].find(({ uri }) => uri === fileUri);
    return Promise.resolve(file?.state ?? 'gone');
  };
  const taskQueue = `week-${randomUUID()}`;
  const worker = await Worker.create({
    connection: env.nativeConnection,
    taskQueue,
    workflowsPath: fileURLToPath(new URL('../../examples/hold/workflows.ts', import.meta.url)),
    activities: { describe },
    plugins: [new GeminiFilesPlugin({ baseUrl: emulator.url, apiKey: 'any', allowedRoots: [folder.path] })],
  });
  const questions = Array<string>(7).fill('What happens?');
  await worker.runUntil(async () => {
    const workflowId = `week-${randomUUID()}`;
    const options = { taskQueue, workflowId, args: [path, questions, DAY_MS] };
    expect(await env.client.workflow.execute('askOverAWeek', options)).toEqual(questions.map(() => 'ACTIVE'));
    await expect.poll(() => emulator.files.size).toBe(0);
  });
  // The provider keeps each for two days, of which the hold uses all but two hours.
  expect(uris.map((uri) => uris.indexOf(uri))).toEqual([0, 0, 2, 2, 4, 4, 6]);
});
