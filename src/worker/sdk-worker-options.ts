import type { WorkerOptions } from '@temporalio/worker';
import { InvalidOptionsError } from '../contract/errors.js';

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

/** What SDK 1.24 reads although its types do not have it. */
const UNTYPED = ['isolateExecutionTimeout'];

/**
 * The options that are set and not in `except`. Temporal's are read by their names, as those of the package are, so that also a getter of a
 * class counts.
 */
export function pickWorkerOptions(given: object, except: object): Readonly<Record<string, unknown>> {
  const names = new Set([...Object.keys(NAMES), ...UNTYPED, ...OWN_WORKFLOWS]);
  for (const name in given) names.add(name);
  return Object.fromEntries(
    [...names]
      .filter((name) => !Object.hasOwn(except, name))
      .map((name) => [name, (given as Record<string, unknown>)[name]] as const)
      .filter(([, value]) => value !== undefined),
  );
}

/** @returns a warning for each option that Temporal does not have either: it may be misspelt, or of a newer SDK */
export function unknownWorkerOptions(options: object): string[] {
  return Object.keys(options)
    .filter((name) => !Object.hasOwn(NAMES, name) && !UNTYPED.includes(name))
    .map(
      (name) =>
        `createGeminiFilesWorker does not know the option ${name}. It is passed on to Temporal, which ignores options that it does not know.`,
    );
}

/** @throws InvalidOptionsError for workflows of the user's own, which this worker does not run */
export function refuseOwnWorkflows(options: object): void {
  const name = OWN_WORKFLOWS.find((name) => Object.hasOwn(options, name));
  if (name === undefined) return;
  throw new InvalidOptionsError(
    `createGeminiFilesWorker runs the package's workflows, and takes no ${name}. For workflows of your own, use Temporal's Worker.create with GeminiFilesPlugin`,
  );
}
