import { randomUUID } from 'node:crypto';
import type { Client, WorkflowStartOptions } from '@temporalio/client';
import type { ActiveFile } from '../contract/file.js';
import { holdId as holdIdKind, leaseId as leaseIdKind } from '../contract/hold.js';
import { readOptions, required } from '../contract/fields.js';
import { TASK_QUEUE, WORKFLOW } from '../contract/names.js';
import { UPLOAD_FIELDS, type FileOrigin, type UploadOptions } from '../contract/options.js';
import { lastSegment, toIdPart } from '../contract/show.js';
import { fileNameOf, summaryOf } from '../contract/source.js';
import { resolveWaitOptions, type WaitOptions } from '../contract/wait-options.js';
import { acquireHold, type HoldClientSettings } from './acquire-hold.js';
import { HeldFileLease, type HeldFile } from './held-file.js';
import { UploadHandle } from './handle.js';
import {
  toInput,
  type StartOptions,
  type Upload,
  type UploadFrom,
  type UploadSettings,
  type WaitSettings,
} from './input.js';
import { followProgress, type ProgressOptions, type UploadProgress } from './progress.js';

type Preupload = (input: UploadOptions) => Promise<string>;
type Wait = (input: WaitOptions) => Promise<ActiveFile>;

/** Options of a `GeminiFilesClient`. */
export interface GeminiFilesClientOptions {
  /** Task queue of the workflows. @default 'gemini-files' */
  readonly taskQueue?: string;
}

/**
 * Starts, follows and awaits the package's workflows. Checks options before anything is started.
 *
 * @example
 * ```ts
 * import { Client, Connection } from '@temporalio/client';
 * import { GeminiFilesClient } from 'temporal-gemini-files';
 *
 * const connection = await Connection.connect();
 * const gemini = new GeminiFilesClient(new Client({ connection }));
 * const file = await gemini.uploadAndWaitActive('clip.mp4', { timeout: '90s' });
 * console.log(file.uri, file.expirationTime);
 * await connection.close();
 * ```
 */
export class GeminiFilesClient {
  private readonly taskQueue: string;

  /**
   * @param client - Temporal's client, which decides server, namespace and payload codec
   * @param options - the task queue of the workflows
   * @throws InvalidOptionsError for a `taskQueue` that cannot be one
   */
  constructor(
    private readonly client: Client,
    options: GeminiFilesClientOptions = {},
  ) {
    this.taskQueue = readQueue(options) ?? TASK_QUEUE;
  }

  /**
   * Uploads the file and waits until it is ACTIVE.
   *
   * @param from - the path, as the worker sees it, or `{ source }`
   * @param settings - the options of the upload, beside the file
   * @param start - Temporal's own start options, such as `workflowId`
   * @throws the contract's errors, under their class names
   *
   * @example
   * ```ts
   * const file = await gemini.uploadAndWaitActive('./clip.mp4', { timeout: '90s' });
   * const other = await gemini.uploadAndWaitActive({ source: 'https://media.example.com/clip.mp4' });
   * ```
   */
  async uploadAndWaitActive(
    from: UploadFrom,
    settings: UploadSettings = {},
    start: StartOptions = {},
  ): Promise<ActiveFile> {
    return (await this.start(from, settings, start)).result();
  }

  /**
   * Like `uploadAndWaitActive`, but returns only the `uri`.
   *
   * @param from - the path, as the worker sees it, or `{ source }`
   * @param settings - the options of the upload, beside the file
   * @param start - Temporal's own start options, such as `workflowId`
   * @throws the contract's errors, under their class names
   */
  async preuploadAndWaitActive(
    from: UploadFrom,
    settings: UploadSettings = {},
    start: StartOptions = {},
  ): Promise<string> {
    const options = this.uploadStart(toInput(from, settings), start);
    const handle = await this.client.workflow.start<Preupload>(WORKFLOW.preuploadAndWaitActive, options);
    return new UploadHandle(handle).result();
  }

  /**
   * Starts the upload and returns without waiting for it.
   *
   * @param from - the path, as the worker sees it, or `{ source }`
   * @param settings - the options of the upload, beside the file
   * @param start - Temporal's own start options, such as `workflowId`, by default `gemini-files-<file's name>-<uuid>`
   * @throws InvalidOptionsError or UnsupportedProviderError, before anything is started
   */
  async start(
    from: UploadFrom,
    settings: UploadSettings = {},
    start: StartOptions = {},
  ): Promise<UploadHandle> {
    const options = this.uploadStart(toInput(from, settings), start);
    return new UploadHandle(await this.client.workflow.start<Upload>(WORKFLOW.uploadAndWaitActive, options));
  }

  /**
   * Waits until a file that somebody else uploaded is ACTIVE. The file is kept, whatever happens, unless `cleanupOnTimeout` is true.
   *
   * @param id - the file's name at the provider, `files/…`
   * @param settings - the options of the wait, beside the id
   * @param start - Temporal's own start options, such as `workflowId`
   * @throws the contract's errors, under their class names; `UploadFailedError` also if the provider denies the file twice in a row
   *
   * @example
   * ```ts
   * const file = await gemini.waitActive('files/abc123', { timeout: '5m' });
   * ```
   */
  async waitActive(id: string, settings: WaitSettings = {}, start: StartOptions = {}): Promise<ActiveFile> {
    return (await this.startWait(id, settings, start)).result();
  }

  /**
   * Starts `waitActive` and returns without waiting for it.
   *
   * @param id - the file's name at the provider, `files/…`
   * @param settings - the options of the wait, beside the id
   * @param start - Temporal's own start options, such as `workflowId`, by default `gemini-files-<file's id>-<uuid>`
   * @throws InvalidOptionsError before anything is started
   */
  async startWait(id: string, settings: WaitSettings = {}, start: StartOptions = {}): Promise<UploadHandle> {
    const input: WaitOptions = { ...settings, id };
    resolveWaitOptions(input);
    const options = this.startOptions(input, lastSegment(id), start);
    return new UploadHandle(await this.client.workflow.start<Wait>(WORKFLOW.waitActive, options));
  }

  /**
   * A handle to a run that was started before, by this client or another.
   *
   * @param workflowId - the id of the workflow
   * @param runId - one of several runs with this id; by default the latest
   */
  attach(workflowId: string, runId?: string): UploadHandle {
    return new UploadHandle(this.client.workflow.getHandle<Upload>(workflowId, runId));
  }

  /**
   * Holds a file: uploads it, unless a hold with the same id has it, and returns when it is ACTIVE. It stays usable until the lease is
   * over or released; `current()` has it, also after it was uploaded again.
   *
   * @param from - the path, as the worker sees it, or `{ source }`
   * @param settings - `for` (required), `holdId` or `reuse: 'content'` to share the file, and the options of the upload and of the hold.
   *   `leaseId` is a new one by default
   * @throws the contract's errors, under their class names
   *
   * @example
   * ```ts
   * const held = await gemini.hold('talks/monday.mp4', { for: '5d', holdId: 'talk-of-monday' });
   * for (const question of questions) await ask(question, await held.current());
   * await held.release();
   * ```
   */
  async hold(from: UploadFrom, settings: HoldClientSettings): Promise<HeldFile> {
    const origin: FileOrigin = typeof from === 'string' ? { path: from } : from;
    return acquireHold(this.client, this.taskQueue, { ...settings, ...origin });
  }

  /**
   * A lease that was acquired before, by this program or another.
   *
   * @param holdId - the id of the hold, which is that of its workflow
   * @param leaseId - the name of the lease
   * @throws InvalidOptionsError for an id that cannot be one: a hold ignores a signal that it cannot read
   */
  attachHold(holdId: string, leaseId: string): HeldFileLease {
    readOptions(LEASE_IDS, { holdId, leaseId });
    return new HeldFileLease(this.client, holdId, leaseId);
  }

  /**
   * Yields an item for each change of a run, until it has ended.
   *
   * @param handle - the run, from `start`, `startWait` or `attach`
   * @param options - how often it looks
   * @throws InvalidOptionsError for an `intervalMs` that is not one
   *
   * @example
   * ```ts
   * const handle = await gemini.start('clip.mp4');
   * for await (const { phase, bytesSent, sizeBytes } of gemini.progress(handle)) console.log(phase, bytesSent, sizeBytes);
   * ```
   */
  progress(handle: UploadHandle, options: ProgressOptions = {}): AsyncIterable<UploadProgress> {
    return followProgress(handle.workflow, options);
  }

  private uploadStart(input: UploadOptions, start: StartOptions) {
    return this.startOptions(input, fileNameOf(input), start, summaryOf(input));
  }

  /** @param name - what the workflow's id shows of the file */
  private startOptions<Input>(
    input: Input,
    name: string,
    start: StartOptions,
    staticSummary = name,
  ): WorkflowStartOptions<(input: Input) => Promise<unknown>> {
    const taskQueue = readQueue(start) ?? this.taskQueue;
    const { workflowId = this.newWorkflowId(name), ...rest } = start;
    return { staticSummary, ...rest, taskQueue, workflowId, args: [input] };
  }

  /** Ids are stored in plain text: with a payload codec, which hides the path, they do not show the file's name. */
  private newWorkflowId(name: string): string {
    const hidden = this.client.options.loadedDataConverter.payloadCodecs.length > 0;
    return hidden ? `gemini-files-${randomUUID()}` : `gemini-files-${toIdPart(name)}-${randomUUID()}`;
  }
}

const LEASE_IDS = { holdId: required(holdIdKind), leaseId: required(leaseIdKind) };

/** Temporal's own start options are Temporal's to check. */
function readQueue(options: GeminiFilesClientOptions): string | undefined {
  return readOptions({ taskQueue: UPLOAD_FIELDS.taskQueue }, options).taskQueue;
}
