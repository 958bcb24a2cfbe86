/** Flags of a worker: `worker` runs it, `doctor` checks it. */

import type { Command } from 'commander';
import { TASK_QUEUE } from '../../contract/names.js';
import { taskQueue } from '../../contract/options.js';
import { argumentOf } from '../id-argument.js';
import type { Tier } from '../../worker/index.js';

export interface WorkerFlags {
  readonly allowRoot?: string[];
  readonly allowOrigin?: string[];
  readonly taskQueue: string;
  readonly tier?: Tier;
  readonly config?: string;
}

/** The flag that sets the origins of https sources. */
export const ORIGIN_FLAG = '--allow-origin';

export function addWorkerFlags(command: Command): Command {
  return command
    .option(
      '--allow-root <folder>',
      'folder below which files may be read; repeatable (default: the working directory)',
      collect,
    )
    .option(
      `${ORIGIN_FLAG} <origin>`,
      "origin of https:// sources, such as https://media.example.com, https://*.example.com or '*'; repeatable (default: none)",
      collect,
    )
    .option('--task-queue <name>', 'task queue to work on', taskQueueArgument, TASK_QUEUE)
    .option('--tier <tier>', 'rate limits: free, tier1, tier2 or tier3')
    .option('--config <file>', 'configuration file');
}

/** Refuses a name that Temporal would refuse, or that no input could name. @throws InvalidArgumentError */
export const taskQueueArgument = argumentOf(taskQueue);

/** The values of a flag that can be repeated. */
export function collect(value: string, earlier: string[] = []): string[] {
  return [...earlier, value];
}
