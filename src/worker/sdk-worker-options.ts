import type { WorkerOptions } from '@temporalio/worker';
import { InvalidOptionsError } from '../contract/errors.js';
import { findUnknownField } from '../contract/fields.js';

type OwnWorkflows = 'workflowsPath' | 'workflowBundle';

/* eslint-disable no-restricted-syntax -- Names of options, none of which is set here. */
/** The options of Temporal's `Worker.create`: the compiler refuses a name that is missing, or that is not one of them. */
const NAMES = {
  activities: true,
  activityTaskPollerBehavior: true,
  buildId: true,
  bundlerOptions: true,
  connection: true,
  dataConverter: true,
  debugMode: true,
  defaultHeartbeatThrottleInterval: true,
  disablePayloadErrorLimit: true,
  enableNonLocalActivities: true,
  enableSDKTracing: true,
  identity: true,
  interceptors: true,
  maxActivitiesPerSecond: true,
  maxCachedWorkflows: true,
  maxConcurrentActivityTaskExecutions: true,
  maxConcurrentActivityTaskPolls: true,
  maxConcurrentLocalActivityExecutions: true,
  maxConcurrentNexusTaskExecutions: true,
  maxConcurrentNexusTaskPolls: true,
  maxConcurrentWorkflowTaskExecutions: true,
  maxConcurrentWorkflowTaskPolls: true,
  maxEagerActivityReservationsPerWorkflowTask: true,
  maxHeartbeatThrottleInterval: true,
  maxTaskQueueActivitiesPerSecond: true,
  namespace: true,
  nexusServices: true,
  nexusTaskPollerBehavior: true,
  nonStickyToStickyPollRatio: true,
  patchActivationCallback: true,
  plugins: true,
  reuseV8Context: true,
  showStackTraceSources: true,
  shutdownForceTime: true,
  shutdownGraceTime: true,
  sinks: true,
  stickyQueueScheduleToStartTimeout: true,
  taskQueue: true,
  tuner: true,
  useVersioning: true,
  workerDeploymentOptions: true,
  workflowFailureErrorTypes: true,
  workflowTaskPollerBehavior: true,
  workflowThreadPoolSize: true,
} satisfies Record<Exclude<keyof WorkerOptions, OwnWorkflows>, true>;
/* eslint-enable no-restricted-syntax */

const OWN_WORKFLOWS: readonly string[] = ['workflowsPath', 'workflowBundle'] satisfies OwnWorkflows[];

/**
 * A warning of an option that is misspelt, or that came with a newer SDK: Temporal ignores what it does not know. Undefined if there is none.
 *
 * @throws InvalidOptionsError for workflows of the user's own, which this worker does not run
 */
export function unknownWorkerOption(options: object): string | undefined {
  const name = findUnknownField(NAMES, options);
  if (name !== undefined && OWN_WORKFLOWS.includes(name))
    throw new InvalidOptionsError(
      `createGeminiFilesWorker runs the package's workflows, and takes no ${name}. For workflows of your own, use Temporal's Worker.create with GeminiFilesPlugin`,
    );
  if (name === undefined) return undefined;
  return (
    `createGeminiFilesWorker does not know the option ${name}. If it is misspelt, it has no effect. ` +
    "If it is one of a newer Temporal SDK, Temporal's Worker.create takes it."
  );
}
