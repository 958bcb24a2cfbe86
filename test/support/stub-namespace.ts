/** A client of a namespace that has the runs of a test, and counts how often a history is read. */

import type { Client } from '@temporalio/client';
import { defaultDataConverter, defaultPayloadConverter, type PayloadCodec } from '@temporalio/common';
import { msToTs } from '@temporalio/common/lib/time.js';
import type { HistoryEvent } from '../../src/activities/sweep/run-history.js';
import { GRPC_CODE } from '../../src/util/grpc-code.js';

/** Values of Temporal's enum `WorkflowExecutionStatus`. */
export const RUNNING = 1;
export const TERMINATED = 5;

export interface StubRun {
  readonly workflowId: string;
  readonly runId: string;
  readonly type: string;
  readonly status: number;
  /** The events of its history, or the gRPC code of the answer in its place. */
  readonly history: readonly HistoryEvent[] | number;
}

export interface StubNamespace {
  readonly client: Client;
  /** The run ids of the histories that were read, in order. */
  readonly historyReads: readonly string[];
}

/** @param runs - may change between two calls */
export function stubNamespace(runs: readonly StubRun[], payloadCodecs: PayloadCodec[] = []): StubNamespace {
  const historyReads: string[] = [];
  const closeTime = msToTs(Date.now() - 60_000);
  const matches = (query: string, { workflowId, type, status }: StubRun) =>
    (!query.includes('WorkflowId =') || query.includes(`WorkflowId = '${workflowId}'`)) &&
    (!query.includes('WorkflowType IN') || query.includes(`'${type}'`)) &&
    (!query.includes('CloseTime IS NULL') || status === RUNNING) &&
    (!query.includes("'Terminated'") || status === TERMINATED);
  const workflowService = {
    listWorkflowExecutions: ({ query }: { query: string }) =>
      Promise.resolve({
        executions: runs
          .filter((run) => matches(query, run))
          .map(({ workflowId, runId, type, status }) => ({
            execution: { workflowId, runId },
            type: { name: type },
            status,
            ...(status !== RUNNING && { closeTime }),
          })),
      }),
    describeWorkflowExecution: ({ execution: { workflowId } }: { execution: { workflowId: string } }) => {
      const latest = runs.findLast(
        (run) => run.workflowId === workflowId && run.history !== GRPC_CODE.NOT_FOUND,
      );
      if (!latest) return Promise.reject(serviceError(GRPC_CODE.NOT_FOUND));
      return Promise.resolve({ workflowExecutionInfo: { execution: latest, status: latest?.status } });
    },
    getWorkflowExecutionHistory: ({ execution, maximumPageSize }: HistoryRequest) => {
      historyReads.push(execution.runId);
      const history = runs.find(({ runId }) => runId === execution.runId)?.history ?? GRPC_CODE.NOT_FOUND;
      return typeof history === 'number'
        ? Promise.reject(serviceError(history))
        : Promise.resolve({ history: { events: history.slice(0, maximumPageSize) } });
    },
  };
  const options = { namespace: 'default', loadedDataConverter: { ...defaultDataConverter, payloadCodecs } };
  return { client: { options, workflowService } as unknown as Client, historyReads };
}

interface HistoryRequest {
  readonly execution: { readonly runId: string };
  readonly maximumPageSize?: number;
}

function serviceError(code: number): Error {
  return Object.assign(new Error(`${code}: no`), { code, details: 'no', metadata: {} });
}

export const payloads = (value: unknown) => ({ payloads: [defaultPayloadConverter.toPayload(value)] });

/** The first event of a run with this input. */
export const startedWith = (input: unknown): HistoryEvent => ({
  workflowExecutionStartedEventAttributes: { input: payloads(input) },
});
