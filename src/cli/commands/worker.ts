import type { Command } from 'commander';
import { TASK_QUEUE } from '../../contract/index.js';
import {
  createGeminiFilesWorker,
  missingCredentials,
  resolveSettings,
  type Tier,
} from '../../worker/index.js';
import { createOutput } from '../output.js';
import { installRuntime } from '../runtime.js';
import { configuredTemporal, connectWorker, targetAt } from '../temporal-connection.js';

interface WorkerFlags {
  readonly allowRoot?: string[];
  readonly taskQueue: string;
  readonly tier?: Tier;
  readonly config?: string;
  readonly json?: boolean;
  readonly verbose?: boolean;
}

const DEFAULT_ADDRESS = 'localhost:7233';

export function addWorkerCommand(program: Command): void {
  program
    .command('worker')
    .description('run a worker until SIGINT or SIGTERM')
    .option(
      '--allow-root <folder>',
      'folder below which files may be read; repeatable (default: the working directory)',
      collect,
    )
    .option('--task-queue <name>', 'task queue to work on', TASK_QUEUE)
    .option('--tier <tier>', 'rate limits: free, tier1, tier2 or tier3')
    .option('--config <file>', 'configuration file')
    .option('--json', 'print one line of JSON on stdout when ready')
    .option('--verbose', "Temporal's log at INFO")
    .action(run);
}

function collect(value: string, earlier: string[] = []): string[] {
  return [...earlier, value];
}

async function run(flags: WorkerFlags): Promise<void> {
  const output = createOutput(flags.json ?? false);
  const options = {
    ...(flags.allowRoot && { allowedRoots: flags.allowRoot }),
    ...(flags.tier && { tier: flags.tier }),
    ...(flags.config && { configFile: flags.config }),
  };
  const settings = resolveSettings(options);
  if (!settings.keySource) throw missingCredentials();
  installRuntime(flags.verbose ? 'INFO' : 'WARN', false);
  const target = configuredTemporal() ?? targetAt(DEFAULT_ADDRESS);
  const connection = await connectWorker(target);
  try {
    const { namespace, address } = target;
    const worker = await createGeminiFilesWorker({
      ...options,
      connection,
      namespace,
      taskQueue: flags.taskQueue,
    });
    const ready = { taskQueue: flags.taskQueue, address, namespace, allowedRoots: settings.allowedRoots };
    output.result(ready, [`Worker ready on task queue ${flags.taskQueue} of ${namespace} at ${address}`]);
    await worker.run();
  } finally {
    await connection.close();
  }
}
