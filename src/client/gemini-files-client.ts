import { randomUUID } from 'node:crypto';
import type { Client, WorkflowStartOptions } from '@temporalio/client';
import type { ActiveFile } from '../contract/file.js';
import { TASK_QUEUE, WORKFLOW } from '../contract/names.js';
import { resolveUploadOptions, type UploadOptions } from '../contract/options.js';
import { lastSegment } from '../contract/show.js';
import { fromWorkflowFailure } from './failures.js';
import { UploadHandle } from './handle.js';
import { followProgress, type ProgressOptions, type UploadProgress } from './progress.js';

/** What to upload: everything but the path. */
export type UploadSettings = Omit<UploadOptions, 'path'>;

/** How the workflow is started, in Temporal's terms; `taskQueue` here is the workflow's own. */
export type StartOptions = Partial<Omit<WorkflowStartOptions<Upload>, 'args'>>;

type Upload = (input: UploadOptions) => Promise<ActiveFile>;
type Preupload = (input: UploadOptions) => Promise<string>;

export interface GeminiFilesClientOptions {
  /** Task queue of the workflows. @default 'gemini-files' */
  readonly taskQueue?: string;
}

/** Starts, follows and awaits the package's workflows. Options are checked before anything is started. */
export class GeminiFilesClient {
  private readonly taskQueue: string;

  constructor(
    private readonly client: Client,
    options: GeminiFilesClientOptions = {},
  ) {
    this.taskQueue = options.taskQueue ?? TASK_QUEUE;
  }

  /**
   * Uploads the file and waits until it is ACTIVE.
   *
   * @param path - as the worker sees it
   * @throws the contract's errors, under their class names
   */
  async uploadAndWaitActive(
    path: string,
    settings: UploadSettings = {},
    start: StartOptions = {},
  ): Promise<ActiveFile> {
    return (await this.start(path, settings, start)).result();
  }

  /** The same, of which only the `uri` is wanted. */
  async preuploadAndWaitActive(
    path: string,
    settings: UploadSettings = {},
    start: StartOptions = {},
  ): Promise<string> {
    const input = checked(path, settings);
    const options = this.startOptions(input, start);
    const handle = await this.client.workflow.start<Preupload>(WORKFLOW.preuploadAndWaitActive, options);
    try {
      return await handle.result();
    } catch (error) {
      throw fromWorkflowFailure(error);
    }
  }

  /** Starts the upload and returns at once. The workflow's id is `gemini-files-<uuid>` unless given. */
  async start(path: string, settings: UploadSettings = {}, start: StartOptions = {}): Promise<UploadHandle> {
    const input = checked(path, settings);
    const options = this.startOptions(input, start);
    return new UploadHandle(await this.client.workflow.start<Upload>(WORKFLOW.uploadAndWaitActive, options));
  }

  /** A run that was started before, here or elsewhere. */
  attach(workflowId: string, runId?: string): UploadHandle {
    return new UploadHandle(this.client.workflow.getHandle<Upload>(workflowId, runId));
  }

  /** Follows a run: one item a change, until it has ended. */
  progress(handle: UploadHandle, options: ProgressOptions = {}): AsyncIterable<UploadProgress> {
    return followProgress(handle.workflow, options);
  }

  private startOptions(
    input: UploadOptions,
    start: StartOptions,
  ): WorkflowStartOptions<(input: UploadOptions) => Promise<unknown>> {
    const { taskQueue = this.taskQueue, workflowId = `gemini-files-${randomUUID()}`, ...rest } = start;
    return { staticSummary: lastSegment(input.path), ...rest, taskQueue, workflowId, args: [input] };
  }
}

/** The input as it was given, so that a newer worker's defaults apply; checked here to fail before anything is started. */
function checked(path: string, settings: UploadSettings): UploadOptions {
  const input = { ...settings, path };
  resolveUploadOptions(input);
  return input;
}
