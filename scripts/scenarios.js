// The paths of which `record-histories` keeps a history. Each plays one and returns the runs to keep.
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

const MIB = 1024 * 1024;
const soon = { pollInterval: '500ms', maxPollInterval: '1s', jitter: 0 };

async function file(world, name, sizeBytes = 1000) {
  await writeFile(join(world.media, name), Buffer.alloc(sizeBytes, name));
  // Relative to the worker's root, so that no folder of the recording machine is in a history.
  return name;
}

const start = (world, type, input) =>
  world.client.workflow.start(type, {
    taskQueue: world.taskQueue,
    workflowId: world.taskQueue,
    args: [input],
  });

const settled = (handle) =>
  handle.result().then(
    () => undefined,
    () => undefined,
  );

/** Runs a workflow to its end, with `meanwhile` on the way, and returns its run. */
const one =
  (type, makeInput, meanwhile = async () => undefined) =>
  async (world) => {
    const handle = await start(world, type, await makeInput(world));
    await meanwhile(world, handle);
    await settled(handle);
    const { workflowId, runId } = await handle.describe();
    return [{ workflowId, runId }];
  };

const upload = (name, options) => async (world) => ({ path: await file(world, name), ...options });
const checked = (world) =>
  world.emulator.waitFor((requests) => requests.some(({ operation }) => operation === 'get'));

export const scenarios = [
  { name: 'active-at-once', play: one('uploadAndWaitActive', upload('notes.txt')) },
  { name: 'preupload', play: one('preuploadAndWaitActive', upload('notes.txt')) },
  {
    name: 'several-polls',
    emulator: { processing: '2s' },
    play: one('uploadAndWaitActive', upload('clip.mp4', soon)),
  },
  {
    name: 'failed',
    emulator: { processing: '1s', outcome: 'FAILED' },
    play: one('uploadAndWaitActive', upload('clip.mp4', soon)),
  },
  {
    name: 'timed-out',
    emulator: { outcome: 'NEVER' },
    play: one('uploadAndWaitActive', upload('clip.mp4', { ...soon, timeout: '1500ms' })),
  },
  {
    name: 'clean-up-failed',
    emulator: {
      outcome: 'NEVER',
      faults: [{ on: 'delete', do: 'respond', status: 400, text: 'no', times: 'always' }],
    },
    play: one('uploadAndWaitActive', upload('clip.mp4', { ...soon, timeout: '1s' })),
  },
  {
    name: 'kept',
    emulator: { outcome: 'NEVER' },
    play: one('uploadAndWaitActive', upload('clip.mp4', { ...soon, timeout: '1s', cleanupOnTimeout: false })),
  },
  {
    name: 'file-not-found',
    play: one('uploadAndWaitActive', () => ({ path: 'nothing.mp4' })),
  },
  {
    name: 'invalid-options',
    play: one('uploadAndWaitActive', async () => ({ path: 'clip.mp4', timeout: 'soon' })),
  },
  {
    name: 'cancelled-in-upload',
    emulator: { faults: [{ on: 'upload', do: 'pace', bytesPerSecond: MIB }] },
    play: one(
      'uploadAndWaitActive',
      async (world) => ({ path: await file(world, 'large.mp4', 16 * MIB) }),
      async (world, handle) => {
        await world.emulator.waitFor((requests) =>
          requests.some(({ operation, bytes }) => operation === 'upload' && bytes > 0),
        );
        await handle.cancel();
      },
    ),
  },
  {
    name: 'cancelled-in-sleep',
    emulator: { outcome: 'NEVER' },
    play: one(
      'uploadAndWaitActive',
      upload('clip.mp4', { ...soon, pollInterval: '1s', timeout: '1h' }),
      async (world, handle) => {
        await checked(world);
        while ((await handle.query('uploadStatus')).nextCheckAt === null)
          await new Promise((next) => setTimeout(next, 20));
        await handle.cancel();
      },
    ),
  },
  {
    name: 'check-now',
    emulator: { outcome: 'NEVER' },
    play: one(
      'uploadAndWaitActive',
      upload('clip.mp4', { pollInterval: '1h', maxPollInterval: null, timeout: '2h' }),
      async (world, handle) => {
        while ((await handle.query('uploadStatus')).nextCheckAt === null)
          await new Promise((next) => setTimeout(next, 20));
        for (const name of world.emulator.files.keys()) world.emulator.activate(name);
        await handle.signal('checkNow');
      },
    ),
  },
  {
    name: 'continued-as-new',
    emulator: { processing: '8s' },
    async play(world) {
      const input = {
        path: await file(world, 'clip.mp4'),
        pollInterval: '200ms',
        maxPollInterval: '200ms',
        jitter: 0,
      };
      const handle = await start(world, 'uploadAndWaitActive', input);
      await settled(handle);
      const runs = [];
      let runId = handle.firstExecutionRunId;
      while (runId) {
        const { workflowId } = handle;
        runs.push({ workflowId, runId });
        const { events } = await world.client.workflow.getHandle(workflowId, runId).fetchHistory();
        runId = events.at(-1).workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
      }
      return runs.slice(0, 2);
    },
  },
  { name: 'child', emulator: { processing: '1s' }, play: one('embedsAsChild', upload('clip.mp4', soon)) },
  { name: 'inline', emulator: { processing: '1s' }, play: one('embedsInline', upload('clip.mp4', soon)) },
  {
    name: 'sweep',
    emulator: { outcome: 'NEVER' },
    async play(world) {
      const input = { path: await file(world, 'clip.mp4'), ...soon, timeout: '1h' };
      const lost = await start(world, 'uploadAndWaitActive', input);
      await checked(world);
      await lost.terminate();
      const query = `WorkflowId = '${lost.workflowId}'`;
      const ended = `${query} AND ExecutionStatus = 'Terminated'`;
      while ((await world.client.workflow.count(ended)).count === 0)
        await new Promise((next) => setTimeout(next, 20));
      const options = {
        taskQueue: world.taskQueue,
        workflowId: 'sweep-run',
        args: [{ olderThan: 0, query }],
      };
      const handle = await world.client.workflow.start('sweepAbandonedFiles', options);
      await handle.result();
      const { workflowId, runId } = await handle.describe();
      return [{ workflowId, runId }];
    },
  },
];
