/** Pollers and slots of a worker: what was tried before the defaults were chosen. */

const both = (behavior) => ({ workflowTaskPollerBehavior: behavior, activityTaskPollerBehavior: behavior });
const FIXED = both({ type: 'simple-maximum', maximum: 10 });
const AUTOSCALING = both({ type: 'autoscaling' });
const slots = (workflow, activity) => ({
  maxConcurrentWorkflowTaskExecutions: workflow,
  maxConcurrentActivityTaskExecutions: activity,
});

export const VARIANTS = [
  {
    title: "10 + 10 pollers, 40 + 100 slots: the SDK's",
    worker: { ...FIXED, ...slots(40, 100) },
  },
  { title: '10 + 10 pollers, 120 + 100 slots: the default', worker: { ...FIXED, ...slots(120, 100) } },
  { title: 'autoscaling pollers, 40 + 100 slots', worker: { ...AUTOSCALING, ...slots(40, 100) } },
  { title: 'autoscaling pollers, 200 + 400 slots', worker: { ...AUTOSCALING, ...slots(200, 400) } },
  {
    title: 'autoscaling pollers, slots by the resource-based tuner',
    worker: { ...AUTOSCALING, tuner: { tunerOptions: { targetMemoryUsage: 0.8, targetCpuUsage: 0.9 } } },
  },
];
