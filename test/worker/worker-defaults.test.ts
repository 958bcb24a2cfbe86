/** The pollers and slots of a worker, as the package sets them. How many poll in the end: test/cli/worker-metrics.test.ts. */

import type { WorkerOptions } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import { workerDefaults } from '../../src/worker/internal.js';

const tuner = { tunerOptions: { targetCpuUsage: 0.9, targetMemoryUsage: 0.8 } };

/** What Temporal's core makes of the options: it computes with 32 bits, and cuts off. */
function pollersOf(given: Partial<WorkerOptions>, roundTripMs: number) {
  const options = { ...workerDefaults(given, roundTripMs), ...given };
  const { workflowTaskPollerBehavior: pollers, nonStickyToStickyPollRatio: share = 0.2 } = options;
  if (pollers?.type !== 'simple-maximum' || pollers.maximum === undefined) return pollers;
  const { maximum } = pollers;
  const newRuns = Math.max(1, Math.trunc(Math.fround(maximum * Math.fround(share))));
  return { newRuns, openWaits: Math.max(1, maximum - newRuns) };
}

describe('the pollers of workflow tasks', () => {
  it.each([
    [0, 9, 1],
    [10, 9, 1],
    [20, 18, 2],
    [70, 63, 7],
    [80, 72, 8],
    [300, 72, 8],
    [Infinity, 72, 8],
  ])('follow the distance to the server: %d ms', (roundTripMs, newRuns, openWaits) => {
    expect(pollersOf({}, roundTripMs)).toEqual({ newRuns, openWaits });
  });

  it.each<[string, Partial<WorkerOptions>, ReturnType<typeof pollersOf>]>([
    [
      'are no more than the slots',
      { maxConcurrentWorkflowTaskExecutions: 40 },
      { newRuns: 36, openWaits: 4 },
    ],
    [
      'are no more than the cached workflows, each of which needs room',
      { maxCachedWorkflows: 30 },
      { newRuns: 27, openWaits: 3 },
    ],
    ['are not bounded by a cache that is off', { maxCachedWorkflows: 0 }, { newRuns: 72, openWaits: 8 }],
    [
      'are shared as the SDK shares them if they are few',
      { maxConcurrentWorkflowTaskExecutions: 5 },
      { newRuns: 1, openWaits: 4 },
    ],
    ['are as many as the user says', { maxConcurrentWorkflowTaskPolls: 20 }, { newRuns: 18, openWaits: 2 }],
    [
      'are two at least: Temporal refuses one',
      { maxConcurrentWorkflowTaskPolls: 1 },
      { newRuns: 1, openWaits: 1 },
    ],
    ['are as many with a tuner, which sets the slots', { tuner }, { newRuns: 72, openWaits: 8 }],
    [
      'are the user’s own, in Temporal’s shares',
      { workflowTaskPollerBehavior: { type: 'simple-maximum', maximum: 20 } },
      { newRuns: 4, openWaits: 16 },
    ],
    [
      'scale as the user wants',
      { workflowTaskPollerBehavior: { type: 'autoscaling' } },
      { type: 'autoscaling' },
    ],
  ])('%s', (_, given, expected) => {
    expect(pollersOf(given, 80)).toEqual(expected);
  });
});

it('sets no slots beside a tuner: Temporal refuses both', () => {
  expect(workerDefaults({ tuner }, 0)).not.toHaveProperty('maxConcurrentWorkflowTaskExecutions');
  expect(workerDefaults({}, 0)).toHaveProperty('maxConcurrentWorkflowTaskExecutions', 120);
});
