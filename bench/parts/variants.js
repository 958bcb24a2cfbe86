/** Pollers and slots of a worker: what was tried before the defaults were chosen. */

const both = (behavior) => ({ workflowTaskPollerBehavior: behavior, activityTaskPollerBehavior: behavior });
const FIXED = both({ type: 'simple-maximum', maximum: 10 });
const AUTOSCALING = both({ type: 'autoscaling' });

export const VARIANTS = [
  { title: "the SDK's defaults: 10 + 10 pollers, 40 + 100 slots", worker: FIXED },
  { title: 'autoscaling pollers, 40 + 100 slots', worker: AUTOSCALING },
  {
    title: 'autoscaling pollers, 200 + 400 slots',
    worker: {
      ...AUTOSCALING,
      maxConcurrentWorkflowTaskExecutions: 200,
      maxConcurrentActivityTaskExecutions: 400,
    },
  },
  {
    title: 'autoscaling pollers, slots by the resource-based tuner',
    worker: { ...AUTOSCALING, tuner: { tunerOptions: { targetMemoryUsage: 0.8, targetCpuUsage: 0.9 } } },
  },
];
