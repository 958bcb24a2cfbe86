/** Pollers and slots of a worker: what was tried before the defaults were chosen. */

/** Workflow task pollers: for runs that are not in the worker's cache yet, and for those that are. */
const pollers = (newRuns, openWaits) => ({
  workflowTaskPollerBehavior: { type: 'simple-maximum', maximum: newRuns + openWaits },
  nonStickyToStickyPollRatio: newRuns / (newRuns + openWaits),
});
const SDK = pollers(2, 8);
const AUTOSCALING = {
  workflowTaskPollerBehavior: { type: 'autoscaling' },
  activityTaskPollerBehavior: { type: 'autoscaling' },
};
const slots = (maxConcurrentWorkflowTaskExecutions) => ({ maxConcurrentWorkflowTaskExecutions });

/** Beside the default, which is 9 + 1 pollers and 120 slots for a server that is near. */
export const VARIANTS = [
  { title: "2 + 8 pollers, 40 slots: the SDK's", worker: { ...SDK, ...slots(40) } },
  { title: '2 + 8 pollers, 120 slots', worker: { ...SDK, ...slots(120) } },
  { title: '18 + 2 pollers, 120 slots', worker: { ...pollers(18, 2), ...slots(120) } },
  { title: '72 + 8 pollers, 120 slots', worker: { ...pollers(72, 8), ...slots(120) } },
  { title: 'autoscaling pollers, 120 slots', worker: { ...AUTOSCALING, ...slots(120) } },
  {
    title: 'autoscaling pollers, slots by the resource-based tuner',
    worker: { ...AUTOSCALING, tuner: { tunerOptions: { targetMemoryUsage: 0.8, targetCpuUsage: 0.9 } } },
  },
];
