// The paths of which `record-histories` keeps a history. Each plays one and returns the runs to keep.
import { open, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { FileSource, uploadFile } from '../dist/gemini/index.js';

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

/** Waits until the query of a hold is as wanted. */
async function heldFile(handle, wanted) {
  for (;;) {
    const status = await handle.query('heldFile').catch(() => undefined);
    if (status && wanted(status)) return status;
    await new Promise((next) => setTimeout(next, 20));
  }
}

const isHeld = ({ file }) => file !== null;
const held =
  ({ sizeBytes, ...options }) =>
  async (world) => ({ path: await file(world, 'talk.mp4', sizeBytes), for: '1h', ...soon, ...options });

/** A hold to its end, with all of its runs. */
const hold =
  (options, meanwhile = async () => undefined) =>
  async (world) => {
    const handle = await start(world, 'holdActiveFile', await held(options)(world));
    await meanwhile(world, handle);
    await settled(handle);
    return runsOf(world, handle);
  };

/** All runs of a workflow that continued as new. */
async function runsOf(world, { workflowId, firstExecutionRunId }) {
  const runs = [];
  let runId = firstExecutionRunId;
  while (runId) {
    runs.push({ workflowId, runId });
    const { events } = await world.client.workflow.getHandle(workflowId, runId).fetchHistory();
    runId = events.at(-1).workflowExecutionContinuedAsNewEventAttributes?.newExecutionRunId;
  }
  return runs;
}

const release = (handle, leaseId = 'first') => handle.signal('releaseHold', { leaseId });
const acquire = (handle, leaseId) => handle.signal('acquireHold', { leaseId, for: '1h' });

/** Deletes a held file at the provider. */
const remove = (world, { id }) =>
  fetch(`${world.emulator.url}/v1beta/${id}`, {
    method: 'DELETE',
    headers: { 'x-goog-api-key': 'recording' },
  });

/** Its file can be handed out for a second, and is renewed after half of that. */
const short = { retention: '62s' };
const early = { renewBefore: '61500ms', grace: '1s' };

const latestOf = (handle) => handle.client.getHandle(handle.workflowId);

/** Acquires leases until the hold continues as new, with each caller that waits for an answer. */
async function flood(world, handle) {
  const { runId } = await latestOf(handle).describe();
  for (let n = 0; (await latestOf(handle).describe()).runId === runId; n += 1)
    await acquire(latestOf(handle), `flood ${n}`);
}

async function releaseAll(handle) {
  const latest = latestOf(handle);
  const { leases } = await heldFile(latest, () => true);
  for (const { id } of leases) await release(latest, id);
  await settled(latest);
}

const slowUpload = (more) => ({ on: 'upload', do: 'pace', bytesPerSecond: MIB, times: 1, ...more });
const sending = ({ emulator }) =>
  emulator.waitFor((requests) =>
    requests.some(({ operation, bytes }) => operation === 'upload' && bytes > 0),
  );

/** The input that a run gives to the next. */
async function handedOn({ client }, { workflowId, runId }) {
  const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  const [, carried] = events.at(-1).workflowExecutionContinuedAsNewEventAttributes?.input.payloads ?? [];
  return carried && JSON.parse(Buffer.from(carried.data).toString());
}

/** A file that somebody else has uploaded: it has been there before the run. */
const foreign = (options) => async (world) => {
  const id = 'files/of-somebody-else';
  const path = join(world.media, await file(world, 'theirs.mp4'));
  const source = await FileSource.of(await open(path), path);
  const target = { name: id, displayName: 'theirs.mp4', mimeType: 'video/mp4', source };
  await uploadFile({ baseUrl: new URL(world.emulator.url), apiKey: 'recording' }, target);
  await source.close();
  return { id, ...soon, ...options };
};

const waitActive = (options, meanwhile) => one('waitActive', foreign(options), meanwhile);

/** What the worker reads from beside its folder. */
export const sources = {
  made: () => ({
    sizeBytes: 1000,
    version: '1',
    read: async function* (start, end) {
      yield Buffer.alloc(1000, 'made').subarray(start, end);
    },
  }),
};

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
  {
    name: 'hold-released',
    emulator: { processing: '1s' },
    play: hold({}, async (_, handle) => {
      await heldFile(handle, isHeld);
      await acquire(handle, 'other');
      await release(handle);
      await release(handle, 'other');
    }),
  },
  {
    name: 'hold-lingers',
    emulator: { processing: 0 },
    play: hold({ for: '1s', linger: '1s' }),
  },
  {
    name: 'hold-renewed',
    emulator: { processing: 0, ...short },
    play: hold(early, async (_, handle) => {
      await heldFile(handle, ({ renewals }) => renewals >= 2);
      await release(handle);
    }),
  },
  {
    name: 'hold-renewal-failed',
    emulator: { processing: 0, ...short },
    play: hold(early, async (world, handle) => {
      await heldFile(handle, isHeld);
      await rm(join(world.media, 'talk.mp4'));
      await heldFile(handle, ({ lastError }) => lastError !== null);
      await file(world, 'talk.mp4', 2000);
      await heldFile(handle, ({ lastError }) => lastError?.type === 'FileChangedError');
      await file(world, 'talk.mp4');
      await heldFile(handle, ({ renewals }) => renewals >= 1);
      await release(handle);
    }),
  },
  {
    name: 'hold-first-upload-failed',
    play: hold({ path: 'nothing.mp4' }, async (_, handle) => {
      await acquire(handle, 'other').catch(() => undefined);
    }),
  },
  {
    name: 'hold-given-up',
    emulator: { outcome: 'NEVER' },
    play: hold({ timeout: '1h' }, async (world, handle) => {
      await checked(world);
      await release(handle);
    }),
  },
  {
    name: 'hold-cancelled',
    emulator: { processing: 0 },
    play: hold({}, async (_, handle) => {
      await heldFile(handle, isHeld);
      await handle.cancel();
    }),
  },
  {
    name: 'hold-acquired-while-it-ends',
    emulator: { processing: 0, faults: [{ on: 'delete', do: 'delay', ms: 500 }] },
    play: hold({}, async (_, handle) => {
      const { file: first } = await heldFile(handle, isHeld);
      await release(handle);
      await heldFile(handle, ({ phase }) => phase === 'ending');
      await acquire(handle, 'late');
      const latest = handle.client.getHandle(handle.workflowId);
      await heldFile(latest, (status) => isHeld(status) && status.file.id !== first.id);
      await release(latest, 'late');
      await settled(latest);
    }),
  },
  {
    name: 'hold-denied',
    emulator: { processing: 0 },
    play: hold({}, async (world, handle) => {
      const { file: first } = await heldFile(handle, isHeld);
      await remove(world, first);
      await handle.signal('checkNow');
      await heldFile(handle, ({ renewals }) => renewals === 1);
      await release(handle);
    }),
  },
  {
    name: 'hold-continued',
    emulator: { processing: '4s' },
    play: hold({ pollInterval: '200ms', maxPollInterval: '200ms' }, async (_, handle) => {
      const latest = handle.client.getHandle(handle.workflowId);
      await heldFile(latest, isHeld);
      for (let n = 0; n < 20; n += 1) await acquire(latest, `lease ${n}`);
      await heldFile(latest, ({ leases }) => leases.length === 21);
      await release(latest);
      for (let n = 0; n < 20; n += 1) await release(latest, `lease ${n}`);
      await settled(latest);
    }),
  },
  {
    name: 'hold-answers',
    emulator: { processing: '1s' },
    play: hold({}, async (_, handle) => {
      const replyTo = { workflowId: 'nobody' };
      await handle.signal('acquireHold', { leaseId: 'waits', for: '1h', replyTo });
      await heldFile(handle, isHeld);
      await handle.signal('acquireHold', { leaseId: 'later', for: '1h', replyTo });
      await heldFile(handle, ({ leases }) => leases.length === 3);
      await handle.signal('notKnown', {});
      for (const lease of ['waits', 'later', 'first']) await release(handle, lease);
    }),
  },
  {
    name: 'hold-refused',
    emulator: { processing: 0 },
    play: hold({}, async (_, handle) => {
      await heldFile(handle, isHeld);
      const replyTo = { workflowId: 'nobody' };
      await handle.signal('acquireHold', { leaseId: 'too long', for: '31d', replyTo });
      await release(handle);
    }),
  },
  {
    name: 'hold-left-a-file',
    emulator: { processing: 0, ...short, faults: [{ on: 'delete', do: 'respond', status: 400 }] },
    play: hold(early, async (world, handle) => {
      await heldFile(handle, isHeld);
      await file(world, 'talk.mp4', 2000);
      await heldFile(handle, ({ lastError }) => lastError?.type === 'FileChangedError');
      await release(handle);
    }),
  },
  {
    name: 'hold-renewal-continued',
    emulator: { processing: '4s', retention: '75s' },
    async play(world) {
      const input = {
        ...(await held({})(world)),
        renewBefore: '65s',
        pollInterval: '200ms',
        maxPollInterval: '200ms',
      };
      const handle = await start(world, 'holdActiveFile', input);
      await heldFile(latestOf(handle), ({ renewals }) => renewals === 1);
      await releaseAll(handle);
      const runs = await runsOf(world, handle);
      const carried = await Promise.all(runs.map((run) => handedOn(world, run)));
      const inRenewal = carried.findIndex((one) => one?.kept?.files.current && one.kept.wait);
      return runs.slice(inRenewal, inRenewal + 2);
    },
  },
  {
    name: 'hold-quota-continued',
    emulator: { processing: 0, storageQuotaBytes: 1500 },
    async play(world) {
      const other = await foreign({})(world);
      const handle = await start(world, 'holdActiveFile', await held({ onQuotaFull: 'wait' })(world));
      for (let status; !status?.file; status = await heldFile(latestOf(handle), () => true)) {
        await latestOf(handle).signal('checkNow');
        await new Promise((next) => setTimeout(next, 300));
        if ((await latestOf(handle).describe()).runId !== handle.firstExecutionRunId)
          await remove(world, other);
      }
      await releaseAll(handle);
      return runsOf(world, handle);
    },
  },
  {
    name: 'hold-expired',
    emulator: { processing: 0, retention: '64s' },
    play: hold({ renewBefore: '63s' }, async (world, handle) => {
      await heldFile(handle, isHeld);
      await rm(join(world.media, 'talk.mp4'));
    }),
  },
  {
    name: 'hold-flooded-in-upload',
    emulator: { processing: 0, faults: [slowUpload()] },
    async play(world) {
      const handle = await start(world, 'holdActiveFile', await held({ sizeBytes: 8 * MIB })(world));
      await sending(world);
      await flood(world, handle);
      await heldFile(latestOf(handle), isHeld);
      await releaseAll(handle);
      return runsOf(world, handle);
    },
  },
  {
    name: 'hold-checked',
    emulator: { processing: 0 },
    play: hold({}, async (world, handle) => {
      await heldFile(handle, isHeld);
      await handle.signal('checkNow');
      await checked(world);
      await release(handle);
    }),
  },
  {
    name: 'hold-inactive',
    emulator: { outcome: 'NEVER' },
    play: hold({ timeout: '1s' }),
  },
  {
    name: 'hold-acquired-in-linger',
    emulator: { processing: 0 },
    play: hold({ linger: '1h' }, async (_, handle) => {
      await heldFile(handle, isHeld);
      await release(handle);
      await heldFile(handle, ({ leases }) => leases.length === 0);
      await acquire(handle, 'late');
      await heldFile(handle, ({ leases }) => leases.length === 1);
      await handle.cancel();
    }),
  },
  {
    name: 'hold-cancelled-with-callers',
    emulator: { processing: 0, faults: [slowUpload()] },
    play: hold({ sizeBytes: 8 * MIB }, async (world, handle) => {
      await sending(world);
      const replyTo = { workflowId: 'nobody' };
      await handle.signal('acquireHold', { leaseId: 'waits', for: '1h', replyTo });
      await heldFile(handle, ({ leases }) => leases.length === 2);
      await handle.cancel();
    }),
  },
  {
    name: 'hold-cancelled-in-renewal',
    emulator: { processing: 0, ...short, faults: [slowUpload({ skip: 1 })] },
    play: hold({ ...early, sizeBytes: 8 * MIB }, async (world, handle) => {
      await heldFile(handle, isHeld);
      await world.emulator.waitFor(
        (requests) => requests.filter(({ operation }) => operation === 'upload').length === 2,
      );
      await handle.cancel();
    }),
  },
  ...[
    ['hold-cancelled-at-hand-over', (handle) => handle.cancel()],
    ['hold-released-at-hand-over', (handle) => release(handle)],
  ].map(([name, end]) => ({
    name,
    async play(world) {
      // The next run has its first task two seconds after it began.
      const handle = await world.client.workflow.start('handsOver', {
        taskQueue: world.taskQueue,
        workflowId: world.taskQueue,
        args: [await held({})(world), { backoffStartInterval: '2s' }, 'files/handed-over'],
      });
      while ((await latestOf(handle).describe()).runId === handle.firstExecutionRunId);
      await end(latestOf(handle));
      await settled(handle);
      return (await runsOf(world, handle)).slice(1);
    },
  })),
  {
    name: 'hold-of-a-workflow',
    emulator: { processing: 0 },
    play: one('embedsHeld', held({})),
  },
  { name: 'wait-active-at-once', emulator: { processing: 0 }, play: waitActive() },
  { name: 'wait-several-polls', emulator: { processing: '2s' }, play: waitActive() },
  { name: 'wait-timed-out', emulator: { outcome: 'NEVER' }, play: waitActive({ timeout: '1s' }) },
  {
    name: 'wait-timed-out-cleaned-up',
    emulator: { outcome: 'NEVER' },
    play: waitActive({ timeout: '1s', cleanupOnTimeout: true }),
  },
  { name: 'wait-failed', emulator: { processing: '1s', outcome: 'FAILED' }, play: waitActive() },
  { name: 'wait-no-file', play: one('waitActive', () => ({ id: 'files/nothing' })) },
  { name: 'wait-invalid-options', play: one('waitActive', () => ({ id: 'nothing' })) },
  {
    name: 'wait-cancelled',
    emulator: { outcome: 'NEVER' },
    play: waitActive({ timeout: '1h' }, async (world, handle) => {
      while (((await handle.query('uploadStatus')).polls ?? 0) === 0)
        await new Promise((next) => setTimeout(next, 20));
      await handle.cancel();
    }),
  },
  {
    name: 'wait-continued-as-new',
    emulator: { processing: '8s' },
    async play(world) {
      const input = await foreign({ pollInterval: '200ms', maxPollInterval: '200ms' })(world);
      const handle = await start(world, 'waitActive', input);
      await settled(handle);
      return (await runsOf(world, handle)).slice(0, 2);
    },
  },
  {
    name: 'source',
    emulator: { processing: '1s' },
    play: one('uploadAndWaitActive', () => ({ source: 'made:talk.mp4', ...soon })),
  },
  {
    name: 'source-not-allowed',
    play: one('uploadAndWaitActive', () => ({ source: 'https://media.example.com/talk.mp4' })),
  },
  {
    name: 'source-signed',
    play: one('uploadAndWaitActive', () => ({ source: 'https://media.example.com/talk.mp4?sig=x' })),
  },
  {
    name: 'source-inline',
    emulator: { processing: '1s' },
    play: one('embedsInline', () => ({ source: 'made:talk.mp4', ...soon })),
  },
  {
    name: 'source-held',
    emulator: { processing: 0 },
    play: one('embedsHeld', () => ({ source: 'made:talk.mp4', for: '1h', ...soon })),
  },
];
