import { Option, type Command } from 'commander';
import type { GeminiFilesOptions, Settings } from '../../worker/options.js';
import { errorMessage } from '../../util/error-message.js';
import { noKeyBeside } from '../command-context.js';
import { assertReadable } from '../worker/assert-readable.js';
import { durationArgument } from '../duration-argument.js';
import { UsageError } from '../errors.js';
import { EXIT } from '../exit-code.js';
import { whenPipeBreaks } from '../terminal/broken-pipe.js';
import { installInterruptHandler, onceAborted, type Interrupt } from '../terminal/interrupt.js';
import { parseListenAddress, startMetricsServer, type MetricsServer } from '../worker/metrics-server.js';
import { createOutput, type Output } from '../terminal/output.js';
import { installRuntime, LOG_FORMATS, type LogFormat } from '../worker/runtime.js';
import { assertAnswering, connectClient, connectNative } from '../temporal-connection.js';
import { findTemporalVersions, versionsProblem } from '../temporal-packages.js';
import {
  addTemporalFlags,
  describeTarget,
  permanentTemporal,
  type TemporalFlags,
  type TemporalTarget,
} from '../temporal-target.js';
import { loadSdk } from '../../gemini/sdk.js';
import { loadWorkerSdk } from '../../worker/load-sdk.js';
import { assertTrustedStores } from '../../worker/source-credentials.js';
import {
  addWorkerFlags,
  settingsOf,
  taskQueueArgument,
  toWorkerOptions,
  type WorkerFlags,
} from '../worker/flags.js';
import { WorkerHealth } from '../worker/health.js';
import { assertTwoQueues, createWorkers, deploymentOptions } from '../worker/create-workers.js';
import { runWorkers, withClosing } from '../worker/run-workers.js';
import type { ToAction } from './to-action.js';

interface RunFlags extends WorkerFlags, TemporalFlags {
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

export function addWorkerCommand(program: Command, toAction: ToAction): void {
  const command = program.command('worker').description('run a worker until SIGINT or SIGTERM');
  addTemporalFlags(addWorkerFlags(command))
    .option(
      '--host-queue <name>',
      "task queue for files on this host's disk; name it as `taskQueue` in the input, and of a scheduled sweep",
      taskQueueArgument,
    )
    .option('--deployment <name>', "deployment name for Temporal's worker versioning")
    .option('--build-id <id>', 'build id of this worker')
    .addOption(
      new Option(
        '--shutdown-grace-time <duration>',
        'how long activities may continue after SIGTERM; an upload then hands over to another worker',
      )
        .default(5000, '5s')
        .argParser(durationArgument),
    )
    .option(
      '--metrics <host:port>',
      'serve Prometheus metrics on /metrics and health on /healthz; port 0: any free port',
    )
    .addOption(
      new Option('--log-format <format>', 'format of the log on stderr').choices(LOG_FORMATS).default('text'),
    )
    .option('--json', 'print one line of JSON on stdout when ready')
    .option('--verbose', "Temporal's log at INFO")
    .action(toAction(run));
}

async function run(flags: RunFlags): Promise<number> {
  const output = createOutput(flags.json ?? false);
  const options = toWorkerOptions(flags);
  deploymentOptions(flags.deployment, flags.buildId);
  assertTwoQueues(flags.taskQueue, flags.hostQueue);
  const listen = flags.metrics === undefined ? undefined : parseListenAddress(flags.metrics);
  const settings = settingsOf(options);
  const { keySource, profiles, allowedRoots, connect, sources } = settings;
  assertTrustedStores(sources);
  const target = permanentTemporal(flags);
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
  const interrupt = installInterruptHandler();
  try {
    await interrupt.race(tryConnection(target));
    output.say(describeTarget(target));
    await work(
      { ...options, allowedRoots },
      {
        target,
        flags,
        output,
        interrupt,
        health,
        metricsServer,
        settings,
      },
    );
  } finally {
    interrupt.remove();
  }
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

interface Process {
  readonly target: TemporalTarget;
  readonly flags: RunFlags;
  readonly output: Output;
  readonly interrupt: Interrupt;
  readonly health: WorkerHealth;
  readonly metricsServer: MetricsServer | undefined;
  readonly settings: Settings;
}

async function work(
  options: GeminiFilesOptions & { allowedRoots: readonly string[] },
  { target, flags, output, interrupt, health, metricsServer, settings }: Process,
): Promise<void> {
  const { namespace, address } = target;
  const { taskQueue, hostQueue, deployment, buildId, shutdownGraceTime } = flags;
  await installRuntime({
    level: flags.verbose ? 'INFO' : 'WARN',
    format: flags.logFormat,
    ...(metricsServer && { metricsAddress: metricsServer.exporterAddress }),
  });
  const connection = await interrupt.race(connectNative(target));
  await withClosing(connection, async () => {
    const versioning = deploymentOptions(deployment, buildId);
    const workers = await createWorkers(options, {
      connection,
      namespace,
      taskQueue,
      shutdownGraceTime,
      ...(hostQueue !== undefined && { hostQueue }),
      ...(versioning && { workerDeploymentOptions: versioning }),
    });
    health.watch({ workers, connection, namespace });
    if (metricsServer) {
      const { watchStorage } = await import('../worker/storage-gauge.js');
      watchStorage(settings, interrupt.signal);
    }
    const { allowedRoots } = options;
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
}
