/** OpenTelemetry traces by Temporal's own plugin, on a worker of `createGeminiFilesWorker` and on a user's own. */

import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import type { ReadableSpan } from '@opentelemetry/sdk-trace-base';
import { Client } from '@temporalio/client';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { GeminiFilesClient } from '../../src/client/index.js';
import { faults, GeminiFilesEmulator } from '../../src/testing/index.js';
import { GeminiFilesPlugin } from '../../src/worker/index.js';
import { testFolder, type TestFile, type TestFolder } from '../support/files.js';
import { QUICK } from '../support/scenario.js';
import { sharedDevServer } from '../support/temporal.js';
import { traced } from '../support/tracing.js';
import { MiB } from '../support/upload.js';
import { testWorker } from '../support/worker.js';

const KEY = 'AIza-key-that-nobody-may-see';
const { exporter, plugin } = traced();
let env: TestWorkflowEnvironment;
let folder: TestFolder;
let file: TestFile;
let traceable: Client;
beforeAll(async () => {
  [env, folder] = await Promise.all([sharedDevServer(), testFolder()]);
  file = await folder.file('clip-of-mine.mp4', 72 * MiB);
  traceable = new Client({ connection: env.connection, plugins: [plugin] });
});
afterAll(async () => {
  await env.teardown();
  await folder[Symbol.asyncDispose]();
});
beforeEach(() => exporter.reset());

/** Parent's name to children's names, each once. */
function tree(spans: readonly ReadableSpan[]): Record<string, string[]> {
  const names = new Map(spans.map((span) => [span.spanContext().spanId, span.name]));
  const found: Record<string, string[]> = {};
  for (const span of spans) {
    const parent = span.parentSpanId === undefined ? '' : (names.get(span.parentSpanId) ?? 'unknown');
    found[parent] = [...new Set([...(found[parent] ?? []), span.name])].sort();
  }
  return found;
}

const said = (spans: readonly ReadableSpan[]) =>
  JSON.stringify(spans.map(({ name, attributes, events, status }) => ({ name, attributes, events, status })));

/** A worker that is traced, and a client whose starts are. */
async function tracedWorker({ url }: GeminiFilesEmulator) {
  const { run, taskQueue } = await testWorker(env, {
    baseUrl: url,
    apiKey: KEY,
    allowedRoots: [folder.path],
    plugins: [plugin],
  });
  return { run, client: new GeminiFilesClient(traceable, { taskQueue }) };
}

it('is one trace from the client’s start to the activities, with the bytes on the upload', async () => {
  await using emulator = await GeminiFilesEmulator.start({
    outcome: 'NEVER',
    faults: [faults.unavailable('finalize')],
  });
  const { run, client } = await tracedWorker(emulator);
  let workflowId = '';
  await run(async () => {
    const handle = await client.start(file.path, QUICK);
    workflowId = handle.workflowId;
    const name = await emulator.waitFor(() => [...emulator.files.keys()][0]);
    await emulator.waitFor((all) =>
      all.find(({ operation, status }) => operation === 'get' && status === 200),
    );
    emulator.activate(name);
    await handle.result();
  });

  const spans = exporter.getFinishedSpans();
  expect(new Set(spans.map((span) => span.spanContext().traceId)).size).toBe(1);
  expect(tree(spans)).toEqual({
    '': ['StartWorkflow:uploadAndWaitActive'],
    'StartWorkflow:uploadAndWaitActive': ['RunWorkflow:uploadAndWaitActive'],
    'RunWorkflow:uploadAndWaitActive': ['StartActivity:geminiFilesCheck', 'StartActivity:geminiFilesUpload'],
    'StartActivity:geminiFilesUpload': ['RunActivity:geminiFilesUpload'],
    'StartActivity:geminiFilesCheck': ['RunActivity:geminiFilesCheck'],
  });
  const uploads = spans.filter(({ name }) => name === 'RunActivity:geminiFilesUpload');
  expect(uploads.map(({ attributes }) => attributes['gemini_files.resumed_bytes'])).toEqual([0, 64 * MiB]);
  expect(uploads.at(-1)?.attributes).toMatchObject({
    'gemini_files.size_bytes': 72 * MiB,
    'gemini_files.sent_bytes': 8 * MiB,
  });
  const sessions = emulator.requests.flatMap(({ uploadId }) => uploadId ?? []);
  expect(sessions.length).toBeGreaterThan(0);
  // The id of the workflow shows the file's name; nothing else does.
  for (const secret of [KEY, 'clip-of-mine', folder.path, ...sessions])
    expect(said(spans).replaceAll(workflowId, '')).not.toContain(secret);
});

it('has no key and no session in the failures that it records', async () => {
  await using emulator = await GeminiFilesEmulator.start({ apiKeys: ['another'] });
  const { run, client } = await tracedWorker(emulator);
  await run(() => expect(client.uploadAndWaitActive(file.path)).rejects.toThrow());
  const spans = exporter.getFinishedSpans();
  expect(said(spans)).toContain('does not accept the API key');
  expect(said(spans)).not.toContain(KEY);
});

it('is one trace on a worker of the user’s own, whose workflow it begins with', async () => {
  await using emulator = await GeminiFilesEmulator.start();
  const taskQueue = `test-${randomUUID()}`;
  const worker = await Worker.create({
    connection: env.nativeConnection,
    taskQueue,
    workflowsPath: fileURLToPath(new URL('../worker/fixtures/user-workflows.ts', import.meta.url)),
    activities: { summarise: (uri: string) => Promise.resolve(uri) },
    plugins: [
      new GeminiFilesPlugin({ baseUrl: emulator.url, apiKey: KEY, allowedRoots: [folder.path] }),
      plugin,
    ],
  });
  await worker.runUntil(() =>
    traceable.workflow.execute('summariseInline', { taskQueue, workflowId: randomUUID(), args: [file.path] }),
  );
  const spans = exporter.getFinishedSpans();
  expect(new Set(spans.map((span) => span.spanContext().traceId)).size).toBe(1);
  expect(tree(spans)).toMatchObject({
    'RunWorkflow:summariseInline': expect.arrayContaining(['StartActivity:geminiFilesUpload']) as string[],
    'StartActivity:geminiFilesUpload': ['RunActivity:geminiFilesUpload'],
  });
});
