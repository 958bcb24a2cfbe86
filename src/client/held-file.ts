/** A lease of a hold, as a program has it. */

import { setTimeout as sleep } from 'node:timers/promises';
import {
  isGrpcServiceError,
  QueryNotRegisteredError,
  ServiceError,
  WorkflowNotFoundError,
  type Client,
  type WorkflowExecutionStatusName,
  type WorkflowHandle,
} from '@temporalio/client';
import type { Duration } from '../contract/duration.js';
import { UploadFailedError } from '../contract/errors.js';
import type { ActiveFile } from '../contract/file.js';
import { readFields } from '../contract/fields.js';
import {
  ACQUIRE_FIELDS,
  type HoldLease,
  type HoldOptions,
  type HoldResult,
  type HoldStatus,
} from '../contract/hold.js';
import { ACQUIRE_HOLD_SIGNAL, HELD_FILE_QUERY, RELEASE_HOLD_SIGNAL, WORKFLOW } from '../contract/names.js';
import { invalidValue } from '../contract/invalid-option.js';
import { fromWorkflowFailure } from './failures.js';
import { isEncoded, isTooEarly, queryRun } from './query-run.js';
import { isOpenRun } from './run-status.js';

/** The workflow of a hold, as its handle has it. */
export type HoldWorkflow = (input: HoldOptions) => Promise<HoldResult>;

/** How long one look may take: without a worker, a query waits. */
const LOOK_MS = 5000;
const FIRST_PAUSE_MS = 50;
const MAX_PAUSE_MS = 2000;

/** What a look at a hold found. */
export interface HoldLook {
  readonly runId: string;
  /** Undefined if no worker has answered. */
  readonly status: HoldStatus | undefined;
  readonly lease: HoldLease | undefined;
  /** Status of the run if it has ended. */
  readonly ended: WorkflowExecutionStatusName | undefined;
}

/** Looks again and again, until `wanted` returns something. */
export async function watchHold<T>(
  client: Client,
  holdId: string,
  leaseId: string,
  wanted: (look: HoldLook) => T | undefined,
): Promise<T> {
  for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 1.5, MAX_PAUSE_MS)) {
    const found = wanted(await look(client, holdId, leaseId));
    if (found !== undefined) return found;
    await sleep(pause);
  }
}

/** A lease of a hold. Make one with `GeminiFilesClient.hold` or `attachHold`. */
export class HeldFileLease {
  /**
   * @param client - Temporal's client, which decides server, namespace and payload codec
   * @param holdId - the id of the hold
   * @param leaseId - the name of the lease
   */
  constructor(
    private readonly client: Client,
    /** Id of the hold, which is the id of its workflow. */
    readonly holdId: string,
    /** Id of the lease. */
    readonly leaseId: string,
  ) {}

  /** Temporal's handle of the hold, for everything else. */
  get workflow(): WorkflowHandle<HoldWorkflow> {
    return this.client.workflow.getHandle<HoldWorkflow>(this.holdId);
  }

  /**
   * The file that a prompt can use now: ACTIVE, with at least a minute left. It waits for a renewal that is under way if the old file
   * cannot be used any more. The provider is not asked: after a 403, call `GeminiFilesClient.hold` again with the same id, which is.
   * It waits as long as the hold is open. For a shorter wait, call it within `withDeadline` or `withAbortSignal` of Temporal's connection.
   *
   * @throws the failure that ended the hold, or `UploadFailedError` if the hold or the lease is over
   */
  async current(): Promise<ActiveFile> {
    const { client, holdId, leaseId } = this;
    const { file, end } = await watchHold(client, holdId, leaseId, ({ runId, status, lease, ended }) => {
      if (ended) return { end: { runId, status: ended } };
      if (!status || status.phase === 'ending' || status.phase === 'done') return undefined;
      if (!lease) throw new UploadFailedError(`The lease ${leaseId} of the hold ${holdId} is over`);
      return status.file ? { file: status.file } : undefined;
    });
    if (file) return file;
    if (end?.status === 'FAILED') await throwFailure(client, holdId, end.runId);
    throw new UploadFailedError(`The hold ${holdId} has ended (${end?.status})`);
  }

  /**
   * Extends the lease: it lasts for this long from now on, unless it lasts longer already.
   *
   * @param time - 1 s to 30 days
   * @throws InvalidOptionsError for another time: the hold would ignore the signal
   * @throws UploadFailedError if the hold has ended
   */
  async extend(time: Duration): Promise<void> {
    readFields({ for: ACQUIRE_FIELDS.for }, { for: time }, invalidValue);
    const signal = { leaseId: this.leaseId, for: time };
    if (!(await this.signal(ACQUIRE_HOLD_SIGNAL, signal)))
      throw new UploadFailedError(`The hold ${this.holdId} has ended`);
  }

  /**
   * Ends the lease. With the last lease, the hold deletes the file. A hold that has ended is left alone.
   *
   * @returns whether the hold was open. It ignores a lease that it does not have
   */
  async release(): Promise<boolean> {
    return this.signal(RELEASE_HOLD_SIGNAL, { leaseId: this.leaseId });
  }

  private async signal(name: string, argument: object): Promise<boolean> {
    try {
      await this.workflow.signal(name, argument);
      return true;
    } catch (error) {
      if (error instanceof WorkflowNotFoundError) return false;
      throw error;
    }
  }
}

/** @throws the failure of this run of a hold: a later run is another hold */
export async function throwFailure(client: Client, holdId: string, runId: string): Promise<never> {
  try {
    await client.workflow.result(holdId, runId, { followRuns: false });
  } catch (error) {
    throw fromWorkflowFailure(error);
  }
  throw new UploadFailedError(`The hold ${holdId} has ended`);
}

/** A lease whose file is ACTIVE. */
export class HeldFile extends HeldFileLease {
  /**
   * @param client - Temporal's client, which decides server, namespace and payload codec
   * @param holdId - the id of the hold
   * @param leaseId - the name of the lease
   */
  constructor(
    client: Client,
    holdId: string,
    leaseId: string,
    /** The file when the lease was acquired. After a renewal it is another one: ask `current` before a prompt. */
    readonly file: ActiveFile,
  ) {
    super(client, holdId, leaseId);
  }
}

async function look(client: Client, holdId: string, leaseId: string): Promise<HoldLook> {
  // First, and the query of the same run: a worker also answers the query of a run that was terminated.
  const description = await describe(client.workflow.getHandle(holdId));
  const { runId } = description;
  const ended = isOpenRun(description) ? undefined : description.status.name;
  const status = await statusIn(client, client.workflow.getHandle(holdId, runId));
  const lease = status?.leases.find(({ id }) => id === leaseId);
  // Between the two, a run can have followed: the next look sees it.
  return { runId, status, lease, ended: ended === 'CONTINUED_AS_NEW' ? undefined : ended };
}

/** Undefined also of a hold that has refused its options: it has failed before it could answer, and its failure says why. */
async function statusIn(client: Client, run: WorkflowHandle): Promise<HoldStatus | undefined> {
  try {
    return await queryStatus(client, run);
  } catch (error) {
    if (!(error instanceof UploadFailedError)) throw error;
    // Again: it can have failed since.
    const { type, status } = await run.describe();
    if (type === WORKFLOW.holdActiveFile && status.name === 'FAILED') return undefined;
    throw error;
  }
}

async function describe(handle: WorkflowHandle) {
  try {
    return await handle.describe();
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    throw new UploadFailedError(`There is no hold ${handle.workflowId}`, { cause: error });
  }
}

/** @returns undefined if no worker answers, or if the run does not exist */
export async function queryStatus(client: Client, handle: WorkflowHandle): Promise<HoldStatus | undefined> {
  try {
    return await client.connection.withDeadline(Date.now() + LOOK_MS, () =>
      queryRun<HoldStatus>(handle, HELD_FILE_QUERY),
    );
  } catch (error) {
    // No worker, a run that has failed or was terminated, or none at all: its description tells.
    const isNoHold = isEncoded(error) && !(await isHold(handle));
    if (!isNoHold && (isUnanswered(error) || error instanceof WorkflowNotFoundError)) return undefined;
    if (error instanceof QueryNotRegisteredError)
      throw new UploadFailedError(`The workflow ${handle.workflowId} does not answer as a hold`, {
        cause: error,
      });
    throw error;
  }
}

function isUnanswered(error: unknown): boolean {
  return error instanceof ServiceError || isGrpcServiceError(error) || isTooEarly(error);
}

async function isHold(handle: WorkflowHandle): Promise<boolean> {
  return (await handle.describe()).type === WORKFLOW.holdActiveFile;
}
