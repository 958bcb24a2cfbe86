/** Entry point `temporal-gemini-files/nexus/handler`: the Nexus service as a worker serves it. */

import { startWorkflow, WorkflowRunOperationHandler } from '@temporalio/nexus';
import { serviceHandler, type ServiceHandler } from 'nexus-rpc';
import type { ActiveFile } from '../contract/file.js';
import { WORKFLOW } from '../contract/names.js';
import type { UploadOptions } from '../contract/options.js';
import { geminiFilesService } from './index.js';

export interface GeminiFilesNexusOptions {
  /** Task queue of the workflows. @default that of the worker that serves the operation */
  readonly taskQueue?: string;
}

type Upload = (input: UploadOptions) => Promise<ActiveFile>;

/** Give it in `nexusServices` of a worker whose workflows include `uploadAndWaitActive`. Each operation is a run of it. */
export function geminiFilesNexusHandler({ taskQueue }: GeminiFilesNexusOptions = {}): ServiceHandler<
  (typeof geminiFilesService)['operations']
> {
  return serviceHandler(geminiFilesService, {
    [WORKFLOW.uploadAndWaitActive]: new WorkflowRunOperationHandler<UploadOptions, ActiveFile>(
      (context, input) =>
        startWorkflow<Upload>(context, WORKFLOW.uploadAndWaitActive, {
          args: [input],
          // The same in every attempt to start the operation: a repeated one finds the run that there is.
          workflowId: `gemini-files-nexus-${context.requestId}`,
          ...(taskQueue !== undefined && { taskQueue }),
        }),
    ),
  });
}
