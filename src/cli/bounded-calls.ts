/** A Temporal server that accepts connections and stays silent: each call to it ends while somebody still waits at the terminal. */

import {
  makeGrpcRetryInterceptor,
  defaultGrpcRetryOptions,
  type ConnectionOptions,
} from '@temporalio/client';
import { GRPC_CODE } from '../util/grpc-code.js';

type Interceptor = NonNullable<ConnectionOptions['interceptors']>[number];

/** A server that works answers within milliseconds. */
const ANSWER_MS = 10_000;

/** Calls that the server answers when something has happened: a run ends, a worker answers. */
const WAITING = new Set([
  'GetWorkflowExecutionHistory',
  'PollWorkflowExecutionUpdate',
  'QueryWorkflow',
  'UpdateWorkflowExecution',
]);

/** How gRPC's own words on a deadline that passed begin. */
const OWN_WORDS = /^Deadline exceeded(?: after [\d.]+s)?[, ]*/;

/** Timers may fire so much before the deadline, milliseconds. */
const EARLY_MS = 5;

/** The interceptors of a command's connection: the client's own retries, and a bound of each call that has none. */
export function boundedCalls(address: string, answerMs = ANSWER_MS): Interceptor[] {
  return [makeGrpcRetryInterceptor(defaultGrpcRetryOptions()), boundCalls(address, answerMs)];
}

function boundCalls(address: string, answerMs: number): Interceptor {
  return (options, nextCall) => {
    const name = options.method_definition.path.split('/').at(-1) ?? '';
    const bounded = options.deadline === undefined && !WAITING.has(name);
    const startedAt = performance.now();
    const call = nextCall(bounded ? { ...options, deadline: Date.now() + answerMs } : options);
    if (bounded) {
      const start = call.start.bind(call);
      call.start = (metadata, listener) =>
        start(metadata, {
          onReceiveMetadata: (received) => listener?.onReceiveMetadata?.(received),
          onReceiveMessage: (message) => listener?.onReceiveMessage?.(message),
          onReceiveStatus: (status) => {
            // A server answers with this code too: then its own words say why.
            const late =
              Number(status.code) === GRPC_CODE.DEADLINE_EXCEEDED &&
              performance.now() - startedAt >= answerMs - EARLY_MS;
            listener?.onReceiveStatus?.(
              late ? { ...status, details: silence(address, name, answerMs, status.details) } : status,
            );
          },
        });
    }
    // The type asks for gRPC's class; the client calls only what every call has. That class is a dependency of the client, not of ours.
    return call as ReturnType<Interceptor>;
  };
}

function silence(address: string, call: string, answerMs: number, details: string): string {
  const more = details.replace(OWN_WORDS, '');
  const words = `the Temporal server at ${address} did not answer ${call} within ${answerMs / 1000} s`;
  return more === '' ? words : `${words} (${more})`;
}

/** Whether no answer came within the time of the call, which is not so if the server itself answered with this code. */
export function isSilence(error: unknown): boolean {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code, details } = at as { code?: unknown; details?: unknown };
    if (code === GRPC_CODE.DEADLINE_EXCEEDED && typeof details === 'string')
      return OWN_WORDS.test(details) || /^the Temporal server at \S+ did not answer /.test(details);
  }
  return false;
}
