/** A gRPC server that forwards the calls of a client to a real Temporal server. A test can act before an answer is sent back. */

import { createRequire } from 'node:module';
import type * as grpcJs from '@grpc/grpc-js';

// The client's own copy: it is not a dependency of this package.
const require = createRequire(createRequire(import.meta.url).resolve('@temporalio/client'));
const grpc = require('@grpc/grpc-js') as typeof grpcJs;

const SERVICE = 'temporal.api.workflowservice.v1.WorkflowService';
const CALLS = [
  'DescribeTaskQueue',
  'DescribeWorkflowExecution',
  'GetSystemInfo',
  'GetWorkflowExecutionHistory',
  'ListWorkflowExecutions',
  'QueryWorkflow',
  'RequestCancelWorkflowExecution',
  'StartWorkflowExecution',
  'TerminateWorkflowExecution',
] as const;

export interface RelayedTemporal extends AsyncDisposable {
  readonly address: string;
}

/** @param beforeAnswer - called with the name of each call that the server has answered */
export async function relayedTemporal(
  target: string,
  beforeAnswer: (call: (typeof CALLS)[number]) => Promise<void>,
): Promise<RelayedTemporal> {
  const upstream = new grpc.Client(target, grpc.credentials.createInsecure(), {
    'grpc.enable_http_proxy': 0,
  });
  const server = new grpc.Server();
  const raw = (bytes: Buffer) => bytes;
  for (const call of CALLS) {
    const path = `/${SERVICE}/${call}`;
    const definition = {
      path,
      requestStream: false,
      responseStream: false,
      requestSerialize: raw,
      requestDeserialize: raw,
      responseSerialize: raw,
      responseDeserialize: raw,
    } as const;
    const handle: grpcJs.handleUnaryCall<Buffer, Buffer> = ({ request, metadata }, reply) => {
      upstream.makeUnaryRequest(path, raw, raw, request, metadata, (error, answer) => {
        if (error) reply(error);
        else void beforeAnswer(call).then(() => reply(null, answer), reply);
      });
    };
    server.addService({ [call]: definition }, { [call]: handle });
  }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return {
    address: `127.0.0.1:${port}`,
    [Symbol.asyncDispose]: () => {
      server.forceShutdown();
      upstream.close();
      return Promise.resolve();
    },
  };
}
