/** Who runs against whom; each starts as a process of its own. */
import { randomUUID } from 'node:crypto';
import { startChild } from './child.js';
import { activityMs } from './histories.js';

const MIME_TYPE = 'video/mp4';

/** How a connection of this package hands on what it reads. */
const BUFFER_BYTES = 256 * 1024;

/** A program without Temporal that uploads the given files. */
const bare = (title, program, settings = {}) => ({
  title,
  start: ({ url, env }) => startChild(program, { url, ...settings }, { env }),
  run: async (child, _world, path) => ({ ms: await child.call('upload', path) }),
});

/** A worker on a task queue of its own, to which the benchmark gives workflows. */
const temporal = (title, program, type, activity, argument) => ({
  title,
  type,
  argument,
  async start({ url, address, folder, env }, { worker = {}, execArgv, taskQueue = randomUUID() } = {}) {
    const child = await startChild(
      program,
      { url, address, taskQueue, root: folder, worker },
      { execArgv, env },
    );
    return { ...child, taskQueue };
  },
  /** Start to close as a client has it, and the upload activity by the server's clock. */
  async run(child, { client }, path) {
    const { taskQueue } = child;
    const began = performance.now();
    const start = { taskQueue, workflowId: randomUUID(), args: [argument(path)] };
    const handle = await client.workflow.start(type, start);
    await handle.result();
    const ms = performance.now() - began;
    return { ms, activityMs: await activityMs(handle, activity) };
  },
});

/** The same, with the client in the worker's process and on its connection. */
const inOneProcess = ({ title, start }, how = '') => ({
  title: `${title}, client and worker in one process${how}`,
  start,
  run: async (child, _world, path) => ({ ms: await child.call('upload', path) }),
});

const fromSource = (title) =>
  temporal(title, 'worker', 'uploadAndWaitActive', 'geminiFilesUpload', (source) => ({
    source,
    mimeType: MIME_TYPE,
  }));

const plain = temporal(
  'plainest workflow on it, no hash',
  'plain-worker',
  'plain',
  'uploadFile',
  (path) => path,
);
const ours = temporal('this package', 'worker', 'uploadAndWaitActive', 'geminiFilesUpload', (path) => ({
  path,
  mimeType: MIME_TYPE,
}));

export const contestants = {
  floor: bare('raw HTTP floor, reads of 1 MiB', 'floor'),
  floor64: bare("raw HTTP floor, Node's reads of 64 KiB", 'floor', { chunkBytes: 64 * 1024 }),
  genai: bare('@google/genai, no hash', 'genai'),
  plain,
  ours,
  plainHere: inOneProcess(plain),
  oursHere: inOneProcess(ours, ', with requestEagerStart'),
  sourceFloor: bare('raw GET into raw POST, reads of 256 KiB', 'source-floor', { chunkBytes: BUFFER_BYTES }),
  sourceFloor16: bare("raw GET into raw POST, Node's reads", 'source-floor'),
  oursFromSource: fromSource('this package'),
  oursWithSavedHash: fromSource('tried: a hash that can be saved'),
};
