/** Temporal's worker options as the package sets them: what the SDK makes of them, for the SDK does not read all that its types accept. */

import type { WorkerOptions } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import { workerDefaults } from '../../src/worker/internal.js';

/** Shares of pollers, as the SDK describes `nonStickyToStickyPollRatio`. */
function pollersOf(given: Partial<WorkerOptions>) {
  const options = { ...workerDefaults(given), ...given };
  const { workflowTaskPollerBehavior: pollers, nonStickyToStickyPollRatio: share = 0.2 } = options;
  if (pollers?.type !== 'simple-maximum' || pollers.maximum === undefined) return pollers;
  const newRuns = Math.max(1, Math.round(pollers.maximum * share));
  return { newRuns, openWaits: Math.max(1, pollers.maximum - newRuns) };
}

describe('the pollers of workflow tasks', () => {
  it.each<[string, Partial<WorkerOptions>, ReturnType<typeof pollersOf>]>([
    ['are for new runs, but for eight', {}, { newRuns: 72, openWaits: 8 }],
    [
      'are no more than the slots',
      { maxConcurrentWorkflowTaskExecutions: 40 },
      { newRuns: 32, openWaits: 8 },
    ],
    [
      'are shared as the SDK shares them if they are few',
      { maxConcurrentWorkflowTaskExecutions: 10 },
      { newRuns: 2, openWaits: 8 },
    ],
    ['are as many as the user says', { maxConcurrentWorkflowTaskPolls: 20 }, { newRuns: 12, openWaits: 8 }],
    [
      'are as many with a tuner, which sets the slots',
      { tuner: { tunerOptions: { targetCpuUsage: 0.9, targetMemoryUsage: 0.8 } } },
      { newRuns: 72, openWaits: 8 },
    ],
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
    expect(pollersOf(given)).toEqual(expected);
  });
});

it('sets no slots beside a tuner: Temporal refuses both', () => {
  const tuner = { tunerOptions: { targetCpuUsage: 0.9, targetMemoryUsage: 0.8 } };
  expect(workerDefaults({ tuner })).not.toHaveProperty('maxConcurrentWorkflowTaskExecutions');
  expect(workerDefaults()).toHaveProperty('maxConcurrentWorkflowTaskExecutions', 120);
});
