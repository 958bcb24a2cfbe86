/** Entry point `temporal-gemini-files/nexus/handler`: the Nexus service as a worker serves it. */

import { getClient, startWorkflow, WorkflowRunOperationHandler } from '@temporalio/nexus';
import {
  HandlerError,
  OperationError,
  serviceHandler,
  type ServiceHandler,
  type StartOperationContext,
} from 'nexus-rpc';
import { InvalidOptionsError } from '../contract/errors.js';
import { readFields, readOptions, required, type OutputOf } from '../contract/fields.js';
import type { ActiveFile } from '../contract/file.js';
import { holdId, RELEASE_FIELDS, type AcquiredHold, type HoldOptions } from '../contract/hold.js';
import type { HoldTarget } from '../contract/hold-target.js';
import { invalidValue } from '../contract/invalid-option.js';
import { RELEASE_HOLD_SIGNAL, WORKFLOW } from '../contract/names.js';
import { UPLOAD_FIELDS, type UploadOptions } from '../contract/options.js';
import { formatValue } from '../contract/show.js';
import type { WaitOptions } from '../contract/wait-options.js';
import { isRecord } from '../util/is-record.js';
import { geminiFilesService } from './index.js';
import { summaryOfInput } from './run-summary.js';
import { timeLeft } from './time-left.js';

/** Options of `geminiFilesNexusHandler`. */
export interface GeminiFilesNexusOptions {
  /** Task queue of the workflows. @default that of the worker that serves the operation */
  readonly taskQueue?: string;
}

const RELEASE = { holdId: required(holdId), ...RELEASE_FIELDS };

/**
 * Give it in `nexusServices` of a worker whose workflows include those that the operations are named after. Each operation is a run
 * of its workflow; `holdActiveFile` is one of `acquireHeldFile`, and `releaseHold` is a signal.
 *
 * @param options - `taskQueue` of the workflows
 * @throws InvalidOptionsError for a `taskQueue` that cannot be one
 *
 * @example
 * ```ts
 * import { Worker } from '@temporalio/worker';
 * import { geminiFilesNexusHandler } from 'temporal-gemini-files/nexus/handler';
 * import { GeminiFilesPlugin } from 'temporal-gemini-files/worker';
 *
 * const worker = await Worker.create({
 *   taskQueue: 'media',
 *   workflowsPath: '/app/workflows.js',
 *   nexusServices: [geminiFilesNexusHandler()],
 *   plugins: [new GeminiFilesPlugin()],
 * });
 * await worker.run();
 * ```
 */
export function geminiFilesNexusHandler(
  options: GeminiFilesNexusOptions = {},
): ServiceHandler<(typeof geminiFilesService)['operations']> {
  const { taskQueue } = readOptions({ taskQueue: UPLOAD_FIELDS.taskQueue }, options);
  const startRun = <Result>(
    context: StartOperationContext,
    workflowType: string,
    ...args: [input: object, options?: { endWithin: number }]
  ) => {
    const staticSummary = summaryOfInput(args[0]);
    return startWorkflow<(...given: typeof args) => Promise<Result>>(context, workflowType, {
      args,
      // The same in every attempt to start the operation: a repeated one finds the run that there is.
      workflowId: `gemini-files-nexus-${context.requestId}`,
      ...(staticSummary !== undefined && { staticSummary }),
      ...(taskQueue !== undefined && { taskQueue }),
    });
  };
  return serviceHandler(geminiFilesService, {
    [WORKFLOW.uploadAndWaitActive]: new WorkflowRunOperationHandler<UploadOptions, ActiveFile>(
      (context, input) => startRun(context, WORKFLOW.uploadAndWaitActive, input, ...end(context)),
    ),
    [WORKFLOW.waitActive]: new WorkflowRunOperationHandler<WaitOptions, ActiveFile>((context, input) =>
      startRun(context, WORKFLOW.waitActive, input, ...end(context)),
    ),
    [WORKFLOW.holdActiveFile]: new WorkflowRunOperationHandler<HoldOptions & HoldTarget, AcquiredHold>(
      (context, input) => startRun(context, WORKFLOW.acquireHeldFile, input),
    ),
    [RELEASE_HOLD_SIGNAL]: async (_context, input) => {
      const { holdId, leaseId } = readRelease(input);
      try {
        await getClient().workflow.getHandle(holdId).signal(RELEASE_HOLD_SIGNAL, { leaseId });
      } catch (error) {
        // The hold has ended, and its leases with it.
        if (!(error instanceof Error) || error.name !== 'WorkflowNotFoundError') throw error;
      }
    },
  });
}

/**
 * The hold ignores a signal that it cannot read, so the caller has to learn of it here. Fields of later versions are ignored.
 *
 * @throws HandlerError that is not retried
 */
function readRelease(input: unknown): OutputOf<typeof RELEASE> {
  const refuse = ({ message }: Error) => new HandlerError('BAD_REQUEST', message);
  if (isRecord(input)) return readFields(RELEASE, input, (...mistake) => refuse(invalidValue(...mistake)));
  const expected = 'expected one object with holdId and leaseId';
  throw refuse(new InvalidOptionsError(`Invalid options: ${expected}, got ${formatValue(input)}`));
}

/** A caller that has given up is not heard of again: the run ends by itself before that. */
function end(context: StartOperationContext): [options?: { endWithin: number }] {
  const endWithin = timeLeft(context);
  if (endWithin === undefined) return [];
  if (endWithin <= 0)
    throw new OperationError('failed', "The operation's timeout leaves no time for its run");
  return [{ endWithin }];
}
