/** A Temporal server that accepts connections and stays silent: each call to it ends while somebody still waits at the terminal. */

import {
  makeGrpcRetryInterceptor,
  defaultGrpcRetryOptions,
  type ConnectionOptions,
} from '@temporalio/client';

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

const DEADLINE_EXCEEDED = 4;

/** The interceptors of a command's connection: the client's own retries, and a bound of each call that has none. */
export function boundedCalls(address: string, answerMs = ANSWER_MS): Interceptor[] {
  return [makeGrpcRetryInterceptor(defaultGrpcRetryOptions()), boundCalls(address, answerMs)];
}

function boundCalls(address: string, answerMs: number): Interceptor {
  return (options, nextCall) => {
    const name = options.method_definition.path.split('/').at(-1) ?? '';
    const bounded = options.deadline === undefined && !WAITING.has(name);
    const call = nextCall(bounded ? { ...options, deadline: Date.now() + answerMs } : options);
    if (bounded) {
      const start = call.start.bind(call);
      call.start = (metadata, listener) =>
        start(metadata, {
          onReceiveMetadata: (received) => listener?.onReceiveMetadata?.(received),
          onReceiveMessage: (message) => listener?.onReceiveMessage?.(message),
          onReceiveStatus: (status) => {
            const late = Number(status.code) === DEADLINE_EXCEEDED;
            listener?.onReceiveStatus?.(
              late ? { ...status, details: silence(address, name, answerMs) } : status,
            );
          },
        });
    }
    // The type asks for gRPC's class; the client calls only what every call has. That class is a dependency of the client, not of ours.
    return call as ReturnType<Interceptor>;
  };
}

const silence = (address: string, call: string, answerMs: number): string =>
  `the Temporal server at ${address} accepted the connection and did not answer ${call} within ${answerMs / 1000} s`;
