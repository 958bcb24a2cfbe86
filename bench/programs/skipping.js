/**
 * Whole waits of hours, on Temporal's time-skipping server: the workflows are the real ones, the activities only say when a file is
 * ready. What a wait costs is read from its histories.
 */
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { ApplicationFailure } from '@temporalio/common';
import { TestWorkflowEnvironment } from '@temporalio/testing';
import { Worker } from '@temporalio/worker';
import { packagedWorkflows } from '../../dist/worker/index.js';
import { installTestServer } from '../../scripts/test-server.js';
import { costOf } from '../lib/histories.js';
import { installQuietRuntime } from '../../scripts/quiet-runtime.js';
import { serve } from '../lib/serve.js';

installQuietRuntime();
const env = await TestWorkflowEnvironment.createTimeSkipping({
  server: { executable: { type: 'existing-path', path: await installTestServer() } },
});

/** The provider of one wait. */
let readyAt = 0;
let checks = 0;
let seenAt = 0;

const resource = (name, state) => ({
  name,
  uri: `https://example.invalid/v1beta/${name}`,
  state,
  mimeType: 'video/mp4',
  sizeBytes: 5,
  sha256: 'ab'.repeat(32),
  displayName: 'clip.mp4',
  createTime: '2026-01-01T00:00:00Z',
  updateTime: '2026-01-01T00:00:00Z',
  expirationTime: '2026-01-03T00:00:00Z',
});

let processingMs = 0;
async function upload(name) {
  readyAt = (await env.currentTimeMs()) + processingMs;
  return resource(name, 'PROCESSING');
}

async function check(name) {
  checks += 1;
  seenAt = await env.currentTimeMs();
  return resource(name, seenAt >= readyAt ? 'ACTIVE' : 'PROCESSING');
}

const activities = {
  geminiFilesUpload: ({ name }) => upload(name),
  geminiFilesCheck: async ({ name }) => ({ found: true, file: await check(name) }),
  uploadFile: () => upload('files/plain'),
  getFile: check,
  /** The check as its own wait: the server tries it again after the delay that it names. */
  checkUntilActive: async (name, delayMs) => {
    const file = await check(name);
    if (file.state === 'ACTIVE') return file;
    throw ApplicationFailure.create({ message: 'PROCESSING', nextRetryDelay: delayMs });
  },
};

const common = { connection: env.nativeConnection, activities };
const workers = await Promise.all([
  Worker.create({ ...common, taskQueue: 'package', ...packagedWorkflows() }),
  Worker.create({
    ...common,
    taskQueue: 'others',
    workflowsPath: fileURLToPath(new URL('other-workflows.js', import.meta.url)),
  }),
]);
const running = workers.map((worker) => worker.run());

/** One wait for a file that is `ms` in PROCESSING. */
async function wait({ type, taskQueue, args, ms }) {
  processingMs = ms;
  checks = 0;
  const handle = await env.client.workflow.start(type, { taskQueue, workflowId: randomUUID(), args });
  await handle.result();
  return { checks, overshootMs: Math.max(0, seenAt - readyAt), ...(await costOf(env.client, handle)) };
}

serve({
  answers: { wait },
  close: async () => {
    for (const worker of workers) worker.shutdown();
    await Promise.all(running);
    await env.teardown();
  },
});
