import { errorMessage } from '../../util/error-message.js';
import { noKeyBeside } from '../command-context.js';
import { assertReadable } from '../worker/assert-readable.js';
import { EXIT, UsageError } from '../exit.js';
import { whenPipeBreaks } from '../terminal/broken-pipe.js';
import { installInterruptHandler, onceAborted } from '../terminal/interrupt.js';
import { parseListenAddress, startMetricsServer } from '../worker/metrics-server.js';
import { createOutput } from '../terminal/output.js';
import type { LogFormat } from '../worker/log-format.js';
import { installRuntime } from '../worker/runtime.js';
import { assertAnswering, connectClient, connectNative } from '../temporal-connection.js';
import { findTemporalVersions, versionsProblem } from '../temporal-packages.js';
import type { TemporalFlags } from '../temporal-flags.js';
import { describeTarget, permanentTemporal, type TemporalTarget } from '../temporal-target.js';
import { loadSdk } from '../../gemini/sdk.js';
import { loadWorkerSdk } from '../../worker/load-sdk.js';
import { assertTrustedStores } from '../../worker/source-credentials.js';
import type { WorkerFlags } from '../worker/flags.js';
import { settingsOf, toWorkerOptions } from '../worker/settings-of-flags.js';
import { WorkerHealth } from '../worker/health.js';
import { assertTwoQueues, createWorkers, deploymentOptions } from '../worker/create-workers.js';
import { runWorkers, withClosing } from '../worker/run-workers.js';

export interface WorkerCommandFlags extends WorkerFlags, TemporalFlags {
  readonly hostQueue?: string;
  readonly deployment?: string;
  readonly buildId?: string;
  /** In milliseconds. */
  readonly shutdownGraceTime: number;
  readonly metrics?: string;
  readonly logFormat: LogFormat;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

export async function worker(flags: WorkerCommandFlags): Promise<number> {
  const output = createOutput(flags.json ?? false);
  const { taskQueue, hostQueue, shutdownGraceTime } = flags;
  const options = toWorkerOptions(flags);
  const versioning = deploymentOptions(flags.deployment, flags.buildId);
  assertTwoQueues(taskQueue, hostQueue);
  const listen = flags.metrics === undefined ? undefined : parseListenAddress(flags.metrics);
  const settings = settingsOf(options);
  const { keySource, profiles, allowedRoots, connect, sources } = settings;
  assertTrustedStores(sources);
  const target = permanentTemporal(flags);
  const { namespace, address } = target;
  if (!keySource && profiles.size === 0) throw await noKeyBeside(target);
  if (keySource) await connect();
  await Promise.all(allowedRoots.map(assertRoot));
  await Promise.all([loadWorkerSdk(), loadSdk()]);
  const versions = versionsProblem(findTemporalVersions());
  if (versions !== undefined)
    output.say(
      `Several versions of Temporal's packages are installed, which do not work together: ${versions}`,
    );

  const health = new WorkerHealth();
  // Before anything else is started, so that a supervisor can see the process start.
  await using metricsServer = listen && (await startMetricsServer(listen, () => health.unhealthyReason()));
  using interrupt = installInterruptHandler();
  await interrupt.race(tryConnection(target));
  output.say(describeTarget(target));
  await installRuntime({
    level: flags.verbose ? 'INFO' : 'WARN',
    format: flags.logFormat,
    ...(metricsServer && { metricsAddress: metricsServer.exporterAddress }),
  });
  const connection = await interrupt.race(connectNative(target));
  await withClosing(connection, async () => {
    const workers = await createWorkers(
      { ...options, allowedRoots },
      {
        connection,
        namespace,
        taskQueue,
        shutdownGraceTime,
        ...(hostQueue !== undefined && { hostQueue }),
        ...(versioning && { workerDeploymentOptions: versioning }),
      },
    );
    health.watch({ workers, connection, namespace });
    if (metricsServer) {
      const { watchStorage } = await import('../worker/storage-gauge.js');
      watchStorage(settings, interrupt.signal);
    }
    const queues =
      hostQueue === undefined
        ? taskQueue
        : `${taskQueue} (workflows) and ${hostQueue} (activities, and sweeps)`;
    output.result(
      {
        taskQueue,
        ...(hostQueue !== undefined && { hostQueue }),
        address,
        namespace,
        allowedRoots,
        ...(metricsServer && { metrics: metricsServer.url }),
      },
      [
        `Worker ready on task queue ${queues} of ${namespace} at ${address}`,
        ...(metricsServer
          ? [`Metrics at ${metricsServer.url}, health at ${new URL('/healthz', metricsServer.url).href}`]
          : []),
      ],
    );
    const pipeBroken = whenPipeBreaks().catch(() => undefined);
    const stop = Promise.race([onceAborted(interrupt.signal), pipeBroken]).then(() => {
      output.say('Shutting down …');
      health.stop();
    });
    await runWorkers(workers, stop);
  });
  return EXIT.done;
}

async function tryConnection(target: TemporalTarget): Promise<void> {
  const connection = await connectClient(target);
  try {
    await assertAnswering(connection, target);
  } finally {
    await connection.close();
  }
}

async function assertRoot(root: string): Promise<void> {
  try {
    await assertReadable(root);
  } catch (error) {
    throw new UsageError(`The allowed root ${root} can't be read: ${errorMessage(error)}`);
  }
}
