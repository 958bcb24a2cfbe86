/**
 * The upgrade drill: a rolling deployment between the last recorded version and the code as it is, forth and back, with no
 * cache, so that each workflow task replays the whole history on whichever worker takes it.
 *
 * The old worker runs the workflow bundle that `npm run record-bundle` kept of its version, with the activities as they are now. So this
 * says that workflow code of both versions can follow one history. It says nothing of old activities with new workflows,
 * except that the workflow sends no field that the upload activity of 0.1.0 would refuse. The other direction is in
 * test/activities/mixed-versions.test.ts.
 */

import { randomUUID } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { NativeConnection, Worker } from '@temporalio/worker';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { GeminiFilesClient } from '../../src/client/index.js';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { GeminiFilesPlugin } from '../../src/worker/index.js';
import { testFolder, type TestFolder } from '../support/files.js';
import { replayed, scheduled, type HistoryEvent } from '../support/replay.js';
import { devServer } from '../support/temporal.js';

const bundles = fileURLToPath(new URL('bundles/', import.meta.url));
const byVersion = new Intl.Collator('en', { numeric: true });
const [last = ''] = readdirSync(bundles).sort((a, b) => byVersion.compare(b, a));
const current = fileURLToPath(new URL('../../dist/workflow-bundle.js', import.meta.url));
const WAITS = 4;
/** The upload activity of 0.1.0 fails for good if its input has any other field. */
const UPLOAD_FIELDS = ['displayName', 'mimeType', 'name', 'path'];

let env: TestWorkflowEnvironment;
let folder: TestFolder;
let recorded: string;

beforeAll(async () => {
  env = await devServer();
  folder = await testFolder();
  recorded = join(folder.path, 'recorded-bundle.js');
  await writeFile(recorded, gunzipSync(readFileSync(join(bundles, last))));
});
afterAll(async () => {
  await env.teardown();
  await folder[Symbol.asyncDispose]();
});

interface Running {
  stop(): Promise<void>;
}

async function running(identity: string, taskQueue: string, baseUrl: string): Promise<Running> {
  // Temporal's SDK takes one worker a task queue on a connection.
  const connection = await NativeConnection.connect({ address: env.address });
  const worker = await Worker.create({
    connection,
    taskQueue,
    identity,
    maxCachedWorkflows: 0,
    workflowBundle: { codePath: identity === 'recorded' ? recorded : current },
    plugins: [new GeminiFilesPlugin({ baseUrl, apiKey: 'test-key', allowedRoots: [folder.path] })],
  });
  const done = worker.run();
  return {
    stop: async () => {
      worker.shutdown();
      await done;
      await connection.close();
    },
  };
}

/** The fields of the input of a run's one upload. */
function uploadFields(events: readonly HistoryEvent[]): string[] {
  const upload = events
    .map((event) => event.activityTaskScheduledEventAttributes)
    .find((activity) => activity?.activityType?.name === 'geminiFilesUpload');
  const { data } = upload?.input?.payloads?.[0] ?? {};
  return Object.keys(JSON.parse(Buffer.from(data ?? []).toString()) as object).sort();
}

it.each([
  ['recorded', 'current'],
  ['current', 'recorded'],
])('waits begun on the %s version end on the %s one, and nothing is uploaded twice', async (from, to) => {
  await using emulator = await GeminiFilesEmulator.start({ outcome: 'NEVER' });
  const taskQueue = `upgrade-${randomUUID()}`;
  const client = new GeminiFilesClient(env.client, { taskQueue });
  const { path } = await folder.file('clip.mp4', 1000);
  const first = await running(from, taskQueue, emulator.url);
  const handles = await Promise.all(
    Array.from({ length: WAITS }, () =>
      client.start(path, {
        displayName: 'Clip',
        mimeType: 'video/mp4',
        pollInterval: '200ms',
        maxPollInterval: '200ms',
        jitter: 0,
        timeout: '1h',
      }),
    ),
  );
  const checked = (times: number) => () =>
    emulator.files.size === WAITS &&
    [...emulator.files.keys()].every(
      (name) =>
        emulator.requests.filter(({ operation, file }) => operation === 'get' && file === name).length >=
        times,
    );
  await emulator.waitFor(checked(2));
  // As in a rolling deployment, both are there for a while.
  const second = await running(to, taskQueue, emulator.url);
  await first.stop();
  const begun = emulator.requests.length;
  await emulator.waitFor((requests) => requests.length >= begun + WAITS);
  for (const name of emulator.files.keys()) emulator.activate(name);
  const results = await Promise.all(handles.map((handle) => handle.result()));
  await second.stop();

  expect(new Set(results.map(({ id }) => id))).toEqual(new Set(emulator.files.keys()));
  const uploads = emulator.requests.filter(
    ({ operation }) => operation === 'start' || operation === 'upload',
  );
  expect(uploads).toHaveLength(2 * WAITS);
  for (const { workflowId } of handles) {
    for (const codePath of [recorded, current]) {
      const events = await replayed(env.client, workflowId, undefined, { workflowBundle: { codePath } });
      const by = events.flatMap(({ workflowTaskCompletedEventAttributes: task }) => task?.identity ?? []);
      expect([by[0], by.at(-1)]).toEqual([from, to]);
      expect(scheduled(events).filter((name) => name === 'geminiFilesUpload')).toHaveLength(1);
      expect(uploadFields(events)).toEqual(UPLOAD_FIELDS);
    }
  }
});
