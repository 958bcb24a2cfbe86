/** The workers that `upload` and `wait` run in their own process, for the files that the user named and no others. */

import type { NativeConnection, Worker as TemporalWorker, WorkerOptions } from '@temporalio/worker';
import type { FileOrigin } from '../../contract/options.js';
import type { Settings } from '../../worker/options.js';
import type { CommandContext } from '../command-context.js';
import { inlineSources } from './inline-sources.js';
import { assertAnswering, connectNative } from '../temporal-connection.js';
import { installRuntime } from '../worker/runtime.js';

export interface InlineSettings {
  readonly verbose?: boolean | undefined;
  /** In milliseconds. */
  readonly unreachableTimeout?: number | undefined;
}

/** Loads the SDK, while the command waits for its server. A failure shows when the worker is created. */
export async function preloadWorker(): Promise<void> {
  await import('@temporalio/worker').catch(() => undefined);
}

/** Loads what of this package the worker needs. It keeps nothing else waiting, as the SDK, whose modules are loaded in one go, does. */
export async function preloadActivities(): Promise<void> {
  await import('../../worker/internal.js').catch(() => undefined);
}

/** What the workers of one command share: the connection, and the limits of the uploads. */
export interface WorkerHost {
  readonly connection: NativeConnection;
  readonly namespace: string;
  readonly settings: Settings;
  readonly lost: Promise<never>;
  /** The workers that have not stopped. */
  readonly workers: Set<TemporalWorker>;
  /** The workers of workflows that runs share, by task queue. */
  readonly shared: Map<string, SharedWorker>;
  /** Resolves when the command needs no worker any more. */
  readonly over: Promise<void>;
}

interface SharedWorker {
  readonly started: Promise<void>;
  readonly ended: Promise<void>;
}

export interface InlineWorkerOptions {
  readonly taskQueue: string;
  /** The only file that the worker may read: the user named it. Undefined: none, except for the sources of the configuration. */
  readonly file?: Partial<FileOrigin> | undefined;
  /** The only tasks that are polled for. @default both */
  readonly tasks?: 'workflows' | 'activities';
  /** By how many queues the rate of the account's tier is divided. @default 1 */
  readonly queues?: number;
}

/**
 * For the one workflow of a command. It runs in the main thread (that option is named for debuggers): a thread of its own would load
 * most of the SDK once more before the first byte can be sent. The option installs the SDK's promise hook on the main thread, which costs
 * about a microsecond per awaited call. And the workflow needs no poller beside another: the SDK's twenty would keep a server that has
 * just started busy.
 */
const FOR_ONE_FILE = {
  debugMode: true,
  workflowTaskPollerBehavior: { type: 'simple-maximum', maximum: 2 },
  nonStickyToStickyPollRatio: 0.5,
  activityTaskPollerBehavior: { type: 'simple-maximum', maximum: 1 },
} satisfies Partial<WorkerOptions>;

/** Runs `work` while workers can be started. */
export async function withWorkerHost<T>(
  { client, temporal, gemini, interrupt, lost }: CommandContext,
  { verbose = false, unreachableTimeout }: InlineSettings,
  work: (host: WorkerHost) => Promise<T>,
): Promise<T> {
  await installRuntime({ level: verbose ? 'INFO' : 'ERROR' });
  const { resolveSettings } = await import('../../worker/internal.js');
  await interrupt.race(assertAnswering(client.connection, temporal));
  const connection = await interrupt.race(connectNative(temporal));
  const workers = new Set<TemporalWorker>();
  const shared = new Map<string, SharedWorker>();
  let end = () => {};
  const over = new Promise<void>((resolve) => (end = resolve));
  try {
    const settings = resolveSettings({
      ...gemini,
      allowedRoots: [],
      ...(unreachableTimeout !== undefined && { unreachableTimeout }),
    });
    const { namespace } = temporal;
    return await work({ connection, namespace, settings, lost, workers, shared, over });
  } finally {
    end();
    await Promise.allSettled([...shared.values()].map(({ ended }) => ended));
    if (workers.size === 0) await connection.close();
  }
}

/** Runs `work` while the worker runs. */
export async function withWorker<T>(
  { connection, namespace, settings, lost, workers }: WorkerHost,
  { taskQueue, file = {}, tasks, queues = 1 }: InlineWorkerOptions,
  work: () => Promise<T>,
): Promise<T> {
  const { CombinedWorkerRunError, Worker } = await import('@temporalio/worker');
  const { createGeminiFilesActivities, measureRoundTrip, packagedWorkflows, taskQueueRate, workerDefaults } =
    await import('../../worker/internal.js');
  const { path, source } = file;
  const sources = inlineSources(source, settings.sources);
  const allowedRoots = path === undefined ? [] : [path];
  const rate = settings.limits.maxTaskQueueActivitiesPerSecond;
  // With one file, the pollers are few, wherever the server is.
  const roundTripMs = tasks === 'workflows' ? await measureRoundTrip(connection) : 0;
  const forWorkflows: Partial<WorkerOptions> = { ...workerDefaults({}, roundTripMs), ...packagedWorkflows() };
  const forActivities: Partial<WorkerOptions> = {
    ...taskQueueRate(rate === undefined ? {} : { maxTaskQueueActivitiesPerSecond: rate / queues }),
    activities: createGeminiFilesActivities({ ...settings, allowedRoots, sources }),
  };
  let worker: TemporalWorker | undefined;
  try {
    worker = await Worker.create({
      ...(tasks !== 'activities' && forWorkflows),
      ...(tasks !== 'workflows' && forActivities),
      // As `GeminiFilesPlugin` sets it.
      maxHeartbeatThrottleInterval: '1s',
      ...(tasks === undefined && FOR_ONE_FILE),
      connection,
      namespace,
      taskQueue,
      shutdownGraceTime: '2s',
    });
    workers.add(worker);
    // A worker whose server is gone may take long to notice it: do not wait for it.
    return await Promise.race([worker.runUntil(work), lost]);
  } catch (error) {
    throw error instanceof CombinedWorkerRunError ? error.cause.innerError : error;
  } finally {
    if (worker?.getState() === 'STOPPED') workers.delete(worker);
  }
}

/** Runs `work` while a worker takes the workflows of the queue: the runs of a command share it, and it stays until the command ends. */
export async function withWorkflows<T>(
  host: WorkerHost,
  taskQueue: string,
  work: () => Promise<T>,
): Promise<T> {
  const { started, ended } = host.shared.get(taskQueue) ?? startShared(host, taskQueue);
  await started;
  // It ends before the work only if it fails.
  return await Promise.race([work(), ended as Promise<never>]);
}

function startShared(host: WorkerHost, taskQueue: string): SharedWorker {
  let ended = host.over;
  const started = new Promise<void>((resolve, reject) => {
    ended = withWorker(host, { taskQueue, tasks: 'workflows' }, () => {
      resolve();
      return host.over;
    });
    ended.catch(reject);
  });
  const worker = { started, ended };
  host.shared.set(taskQueue, worker);
  return worker;
}

/** Runs `work` while one worker runs that does all. */
export function withInlineWorker<T>(
  context: CommandContext,
  options: InlineSettings & InlineWorkerOptions,
  work: (host: WorkerHost) => Promise<T>,
): Promise<T> {
  return withWorkerHost(context, options, (host) => withWorker(host, options, () => work(host)));
}
