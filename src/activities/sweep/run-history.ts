/** Runs and their histories as the server has them. Nothing here decodes a memo: one that cannot be decoded would end a list. */

import { isGrpcServiceError, type Client } from '@temporalio/client';
import { optionalTsToMs } from '@temporalio/common/lib/time.js';
import { hideKeys, shorten } from '../../contract/show.js';
import { errorMessage } from '../../util/error-message.js';
import { GRPC_CODE } from '../../util/grpc-code.js';

/** How the sweep reaches Temporal. */
export interface RunReader {
  readonly client: Client;
  /** Called for each page that is read, and for each part of it that is decoded, so that a long search can heartbeat. */
  readonly onRead: () => void;
  /** Milliseconds since the epoch, by the server's clock if that is known. */
  readonly now: number;
}

export interface RunRef {
  readonly workflowId: string;
  readonly runId: string;
}

type Service = Client['workflowService'];
type HistoryRequest = Parameters<Service['getWorkflowExecutionHistory']>[0];
type HistoryPage = Awaited<ReturnType<Service['getWorkflowExecutionHistory']>>;
type ListPage = Awaited<ReturnType<Service['listWorkflowExecutions']>>;
export type HistoryEvent = NonNullable<NonNullable<HistoryPage['history']>['events']>[number];

export interface ListedRun extends RunRef {
  /** The type of its workflow. */
  readonly type: string;
  /** Value of Temporal's enum `WorkflowExecutionStatus`. */
  readonly status: number;
  /** Milliseconds since the epoch; undefined if the run is open. */
  readonly closedAt: number | undefined;
}

/** Values of Temporal's enum `WorkflowExecutionStatus`. */
const TERMINATED = 5;
const TIMED_OUT = 7;

/** Whether a run ended without a chance to clean up. An end is final, however old the record of it is. */
export function endedAbruptly(status: number): boolean {
  return status === TERMINATED || status === TIMED_OUT;
}

/** This run cannot be read. Other runs may still be readable. */
export class UnreadableRunError extends Error {
  override readonly name = 'UnreadableRunError';
}

/** The server has no such run, for example because the list of runs is old. */
export class MissingRunError extends UnreadableRunError {}

/** The server does not take a list filter. */
export class InvalidFilterError extends Error {
  override readonly name = 'InvalidFilterError';
}

/** gRPC codes that concern the server or the caller, and not the run that was asked for. */
const NOT_OF_THE_RUN: ReadonlySet<number> = new Set([
  GRPC_CODE.CANCELLED,
  GRPC_CODE.DEADLINE_EXCEEDED,
  GRPC_CODE.PERMISSION_DENIED,
  GRPC_CODE.RESOURCE_EXHAUSTED,
  GRPC_CODE.UNAVAILABLE,
  GRPC_CODE.UNAUTHENTICATED,
]);

/** @throws UnreadableRunError, for example if retention has deleted the history since the run was listed */
export async function readHistory(reader: RunReader, run: RunRef): Promise<HistoryEvent[]> {
  const events: HistoryEvent[] = [];
  let nextPageToken: Uint8Array | null | undefined;
  do {
    const page = await historyPage(reader, run, { nextPageToken: nextPageToken ?? null });
    for (const event of page.history?.events ?? []) events.push(event);
    nextPageToken = page.nextPageToken;
  } while (nextPageToken?.length);
  if (events.length === 0) throw isEmpty(run);
  return events;
}

/** @throws UnreadableRunError as `readHistory` */
export async function readFirstEvent(reader: RunReader, run: RunRef): Promise<HistoryEvent> {
  const { history } = await historyPage(reader, run, { maximumPageSize: 1 });
  const first = history?.events?.[0];
  if (!first) throw isEmpty(run);
  return first;
}

async function historyPage(
  { client, onRead }: RunReader,
  { workflowId, runId }: RunRef,
  part: Pick<HistoryRequest, 'nextPageToken' | 'maximumPageSize'>,
): Promise<HistoryPage> {
  const { namespace } = client.options;
  onRead();
  try {
    return await client.workflowService.getWorkflowExecutionHistory({
      namespace,
      execution: { workflowId, runId },
      ...part,
    });
  } catch (error) {
    if (!isGrpcServiceError(error) || NOT_OF_THE_RUN.has(error.code)) throw error;
    const ErrorType = Number(error.code) === GRPC_CODE.NOT_FOUND ? MissingRunError : UnreadableRunError;
    throw unreadable(`the history of run ${runId} cannot be read`, error, serverWords(error), ErrorType);
  }
}

function isEmpty({ runId }: RunRef): UnreadableRunError {
  return new UnreadableRunError(`the history of run ${runId} is empty`);
}

/** A page of the list of runs. */
export interface RunPage {
  /** The server's token of this page, in base64; empty for the first. */
  readonly token: string;
  readonly runs: readonly ListedRun[];
}

/**
 * Runs by a list filter, latest end first. Visibility is eventually consistent, so a status may be old; that of a closed run
 * is final.
 *
 * @param token - the page to begin with
 * @throws InvalidFilterError
 */
export async function* listRunPages(
  { client, onRead }: RunReader,
  query: string,
  token = '',
): AsyncGenerator<RunPage> {
  const { namespace } = client.options;
  let nextPageToken: Uint8Array | null | undefined = Buffer.from(token, 'base64');
  do {
    onRead();
    const from: Uint8Array = nextPageToken;
    let page: ListPage;
    try {
      page = await client.workflowService.listWorkflowExecutions({ namespace, query, nextPageToken: from });
    } catch (error) {
      if (!isGrpcServiceError(error) || Number(error.code) !== GRPC_CODE.INVALID_ARGUMENT) throw error;
      throw new InvalidFilterError(shorten(serverWords(error)), { cause: error });
    }
    const runs = (page.executions ?? []).map(({ execution, type, status, closeTime }): ListedRun => ({
      workflowId: execution?.workflowId ?? '',
      runId: execution?.runId ?? '',
      type: type?.name ?? '',
      status: Number(status),
      closedAt: optionalTsToMs(closeTime),
    }));
    yield { token: Buffer.from(from).toString('base64'), runs };
    nextPageToken = page.nextPageToken;
  } while (nextPageToken?.length);
}

/**
 * The latest run of a workflow id, by the server's strongly consistent record. No other run of the id can be open.
 *
 * @returns undefined if the server has none
 */
export async function latestRun(
  { client, onRead }: RunReader,
  workflowId: string,
): Promise<Pick<ListedRun, 'runId' | 'status'> | undefined> {
  onRead();
  try {
    const { workflowExecutionInfo: info } = await client.workflowService.describeWorkflowExecution({
      namespace: client.options.namespace,
      execution: { workflowId },
    });
    return info?.execution?.runId ? { runId: info.execution.runId, status: Number(info.status) } : undefined;
  } catch (error) {
    if (isGrpcServiceError(error) && Number(error.code) === GRPC_CODE.NOT_FOUND) return undefined;
    throw error;
  }
}

/** What the server has answered. A worker's `NativeConnection` gives it as the message, and leaves the details empty. */
function serverWords({ details, message }: { readonly details: string; readonly message: string }): string {
  return details || message;
}

/** @param reason - the cause in short, for the sweep's result */
export function unreadable(
  what: string,
  cause: unknown,
  reason?: string,
  ErrorType = UnreadableRunError,
): UnreadableRunError {
  const text = reason ?? errorMessage(cause);
  return new ErrorType(`${what}: ${shorten(hideKeys(text))}`, { cause });
}
