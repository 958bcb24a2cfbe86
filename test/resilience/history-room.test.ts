/** Temporal terminates a workflow at 51,200 events or 50 MiB of history, and a terminated workflow deletes no files. */

import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fromWorkflowFailure } from '../../src/client/failures.js';
import { ACTIVITY } from '../../src/contract/names.js';
import { replayed } from '../support/replay.js';
import { stubFile, stubWorker } from '../support/stub-worker.js';
import { useDevServer } from '../support/temporal.js';
import { bundleFixture } from '../support/user-worker.js';

const env = await useDevServer();
const workflowBundle = await bundleFixture('crowded.ts');

const QUICK = { pollInterval: '100ms', maxPollInterval: '100ms', jitter: 0, timeout: '10m' } as const;
/** Stays PROCESSING, and is checked all the time. */
const waiting = { path: 'clip.mp4', ...QUICK };
/** Is ACTIVE once it is uploaded. */
const quick = { path: 'clip.mp4', displayName: 'quick' };

/** Runs the workflow to its end. A run that Temporal terminates has another status, and its files. */
async function runToEnd(type: string, args: unknown[]) {
  const uploads: string[] = [];
  const deletes: string[] = [];
  const { worker, taskQueue } = await stubWorker(
    env,
    {},
    {
      workflowBundle,
      activities: {
        [ACTIVITY.upload]: ({ name, displayName }: { name: string; displayName?: string }) => {
          uploads.push(name);
          return stubFile(name, { state: displayName === 'quick' ? 'ACTIVE' : 'PROCESSING' });
        },
        [ACTIVITY.check]: ({ name }: { name: string }) => ({ found: true, file: stubFile(name) }),
        [ACTIVITY.delete]: ({ name }: { name: string }) => void deletes.push(name),
        bulk: (bytes: number) => 'x'.repeat(bytes),
      },
    },
  );
  const workflowId = randomUUID();
  return worker.runUntil(async () => {
    const handle = await env.client.workflow.start(type, { taskQueue, workflowId, args });
    const error = await handle.result().then(
      (value: unknown) => ({ name: 'no error', value }),
      (error: unknown) => fromWorkflowFailure(error),
    );
    const { status, historyLength } = await handle.describe();
    return { workflowId, error, status: status.name, events: historyLength, uploads, deletes };
  });
}

const given = (id?: unknown) => ({
  name: 'UploadFailedError',
  message: expect.stringMatching(/^The workflow's history has no room for more than the clean-up/) as string,
  ...(id !== undefined && { id, cleanup: 'deleted' }),
});

// Their histories grow at the same time: each waits for timers of the server most of its time.
describe.concurrent(
  'with a history that is nearly full',
  () => {
    it('gives up many files while there is room to delete each, ACTIVE or waited for', async () => {
      // The deletes of the first 600 alone need more than the margin that is kept for everything else.
      const inputs = [...Array<object>(600).fill(quick), ...Array<object>(100).fill(waiting)];
      const { error, status, events, uploads, deletes } = await runToEnd('all', [43_000, inputs, 20]);
      expect(status).toBe('FAILED');
      expect(error).toMatchObject(given(expect.stringMatching(/^files\//)));
      expect(uploads.length).toBeGreaterThan(400);
      expect(uploads.length).toBeLessThan(700);
      expect(deletes.toSorted()).toEqual(uploads.toSorted());
      expect(events).toBeLessThan(50_700);
    });

    it('gives up an inline wait, with its clean-up; the history replays', async () => {
      const { workflowId, error, status, uploads, deletes } = await runToEnd('inline', [50_140, waiting]);
      expect(status).toBe('FAILED');
      expect(error).toMatchObject(given(uploads[0]));
      expect(uploads).toHaveLength(1);
      expect(deletes).toEqual(uploads);
      await replayed(env.client, workflowId, undefined, { workflowBundle });
    });

    it('does not begin an upload', async () => {
      const { error, status, uploads } = await runToEnd('inline', [50_200, waiting]);
      expect(status).toBe('FAILED');
      expect(error).toMatchObject(given());
      expect(error).not.toHaveProperty('id');
      expect(error).not.toHaveProperty('cleanup');
      expect(uploads).toEqual([]);
    });

    it('deletes the file of a block that uses the room itself', async () => {
      const { error, status, uploads, deletes } = await runToEnd('block', [50_000, 50_500, quick]);
      expect(status).toBe('FAILED');
      expect(error).toMatchObject(given());
      expect(deletes).toEqual(uploads);
    });

    it('gives up an inline wait in a history of few events that are long', async () => {
      const { error, status, events, uploads, deletes } = await runToEnd('bulky', [48_180_000, waiting]);
      expect(status).toBe('FAILED');
      expect(error).toMatchObject(given(uploads[0]));
      expect(events).toBeLessThan(5_000);
      expect(deletes).toEqual(uploads);
    });
  },
  180_000,
);
