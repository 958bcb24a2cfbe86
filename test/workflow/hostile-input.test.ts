/** What any SDK or the Temporal CLI may send as JSON: a run ends with a typed failure at once, and never hangs in a task that fails. */

import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { fromWorkflowFailure } from '../../src/client/failures.js';
import { replayed, scheduled } from '../support/replay.js';
import { MODES } from '../support/scenario.js';
import { stubFile, stubWorker } from '../support/stub-worker.js';
import { useSharedDevServer } from '../support/temporal.js';

const env = await useSharedDevServer();

const path = 'clip.mp4';
const refused: [string, unknown[], string][] = [
  ['no argument', [], 'Invalid options: expected one object with a path, got undefined'],
  ['null', [null], 'Invalid options: expected one object with a path, got null'],
  ['a string', ['clip.mp4'], 'Invalid options: expected one object with a path, got "clip.mp4"'],
  ['an unknown field', [{ path, poll_s: 2 }], 'Invalid option poll_s: unknown field, got 2'],
  [
    'a prototype',
    [JSON.parse('{"path":"x","__proto__":{"a":1}}')],
    'Invalid option __proto__: unknown field, got {"a":1}',
  ],
  ['a null field', [{ path, jitter: null }], 'Invalid option jitter: expected a duration'],
  ['a huge number', [{ path, timeout: 1e308 }], 'Invalid option timeout: expected at most 48h (172800000ms)'],
  [
    'a reserved task queue',
    [{ path, taskQueue: '/_sys/x' }],
    "Invalid option taskQueue: expected a name that does not begin with '/_sys/'",
  ],
  [
    'overrides that are none',
    [{ path }, { activityOptions: 5 }],
    'Invalid option activityOptions: expected an object, got 5',
  ],
  [
    'an unknown activity',
    [{ path }, { activityOptions: { sweep: {} } }],
    'Invalid option activityOptions.sweep: expected one of upload, check, delete, got {}',
  ],
  [
    'a timeout that is none',
    [{ path }, { activityOptions: { upload: { startToCloseTimeout: 'soon' } } }],
    'Invalid option activityOptions.upload.startToCloseTimeout: expected a duration above 0, of ten years at most, got "soon"',
  ],
  [
    'a retry policy that is none',
    [{ path }, { activityOptions: { check: { retry: { initialInterval: '5s', maximumInterval: '1s' } } } }],
    'Invalid option activityOptions.check.retry: ',
  ],
  ...Object.entries({
    'retry.initialInterval': -5,
    'retry.backoffCoefficient': 0.5,
    'retry.maximumAttempts': 1e12,
    'retry.nonRetryableErrorTypes': 'ProviderError',
    priority: 5,
    'priority.priorityKey': -1,
    'priority.fairnessKey': 'k'.repeat(65),
    'priority.fairnessWeight': 'heavy',
    activityId: 'i'.repeat(1001),
    cancellationType: 'LATER',
    versioningIntent: 'NEWEST',
  }).map(([field, value]): [string, unknown[], string] => {
    const [outer = '', inner] = field.split('.');
    const options = inner === undefined ? { [outer]: value } : { [outer]: { [inner]: value } };
    return [
      field,
      [{ path }, { activityOptions: { upload: options } }],
      `Invalid option activityOptions.upload.${field}: expected `,
    ];
  }),
  [
    'a task queue that is none',
    [{ path }, { activityOptions: { delete: { taskQueue: {} } } }],
    'Invalid option activityOptions.delete.taskQueue: expected a name, got {}',
  ],
];

describe.each(MODES)('%s', (_, mode) => {
  it('fails with InvalidOptionsError, naming field and value', async () => {
    const { worker, calls } = await run(async (start) => {
      for (const [what, args, message] of refused) {
        const error = await start(args);
        expect(error, what).toMatchObject({ name: 'InvalidOptionsError' });
        expect((error as Error).message, what).toContain(message);
      }
      expect(await start([{ path, provider: 'openai' }])).toMatchObject({
        name: 'UnsupportedProviderError',
        provider: 'openai',
      });
    });
    expect(worker.getState()).toBe('STOPPED');
    expect(calls.uploads).toEqual([]);
  });

  it('runs with second arguments that say nothing', async () => {
    const harmless = [
      null,
      5,
      'text',
      [],
      {},
      { carried: 'x' },
      { carried: null, onContinueAsNewSuggested: 'x' },
    ];
    const unset = { activityOptions: { upload: { scheduleToCloseTimeout: null }, check: {} } };
    await run(async (start) => {
      for (const second of [...harmless, unset]) expect(await start([{ path }, second])).toBe('ACTIVE');
    });
  });

  it('runs with a name whose summary is longer than Temporal takes', async () => {
    await run(async (start) => {
      expect(await start([{ path: `/${'界'.repeat(4000)}` }])).toBe('ACTIVE');
      expect(await start([{ path: '/'.repeat(3) }])).toBe('ACTIVE');
    });
  });

  /** Gives `work` a starter that resolves with the state of the result, or with the contract's error. */
  async function run(work: (start: (args: unknown[]) => Promise<unknown>) => Promise<void>) {
    const { worker, taskQueue, calls } = await stubWorker(
      env,
      { geminiFilesUpload: ({ name }) => Promise.resolve(stubFile(name, { state: 'ACTIVE' })) },
      mode,
    );
    await worker.runUntil(() =>
      work(async (args) => {
        const workflowId = randomUUID();
        const options = { taskQueue, workflowId, args, workflowExecutionTimeout: '10s' } as const;
        try {
          const { state } = await env.client.workflow.execute<
            (...args: unknown[]) => Promise<{ state: string }>
          >('uploadAndWaitActive', options);
          expect(scheduled(await replayed(env.client, workflowId))).toEqual(['geminiFilesUpload']);
          return state;
        } catch (error) {
          expect(scheduled(await replayed(env.client, workflowId))).toEqual([]);
          return fromWorkflowFailure(error);
        }
      }),
    );
    return { worker, calls };
  }
});
