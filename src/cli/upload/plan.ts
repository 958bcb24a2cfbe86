/** What an `upload` or a `wait` needs, checked before anything is started. */

import { loadSdk } from '../../gemini/sdk.js';
import { assertNativeModule } from '../../worker/load-sdk.js';
import { assertKey, planCommand, type CommandPlan } from '../command-context.js';
import { UsageError } from '../exit.js';
import type { TemporalFlags } from '../temporal-flags.js';
import { configuredTemporal } from '../temporal-target.js';
import { preloadActivities } from './inline-worker.js';
import type { RunChoice } from './start-or-attach.js';
import type { UploadFlags } from './flags.js';

/** The flags that are no options of the upload itself. */
export interface CommandFlags extends UploadFlags, TemporalFlags, RunChoice {
  readonly json?: boolean;
  readonly detach?: boolean;
  /** `--no-worker` */
  readonly worker: boolean;
  readonly config?: string;
  readonly verbose?: boolean;
  /** In milliseconds. */
  readonly unreachableTimeout?: number;
}

/** @throws UsageError, MissingCredentialsError or MissingDependencyError if the command cannot do the work that it is to do itself */
export async function planUpload({
  worker,
  detach = false,
  config,
  credentials,
  ...flags
}: CommandFlags): Promise<CommandPlan> {
  const plan = planCommand(config, credentials, configuredTemporal(flags));
  if (!plan.temporal && !worker) {
    throw new UsageError(
      '--no-worker needs a Temporal server that has workers of its own; none is configured (--address, TEMPORAL_ADDRESS, TEMPORAL_PROFILE)',
    );
  }
  // On the embedded server, a detached run has its worker in a process of its own, which also needs the key and the SDK.
  if (!plan.temporal || (worker && !detach)) {
    await assertKey(plan);
    await loadSdk();
    // The rest of the SDK is loaded while the server starts.
    assertNativeModule();
  }
  if (worker && !detach) void preloadActivities();
  return plan;
}
