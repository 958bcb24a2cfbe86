/** A gRPC server with scripted answers to Temporal's calls, such as a real server gives only in trouble. */

import { createRequire } from 'node:module';
import { temporal } from '@temporalio/proto';
import type * as grpcJs from '@grpc/grpc-js';

// The client's own copy: it is not a dependency of this package.
const require = createRequire(createRequire(import.meta.url).resolve('@temporalio/client'));
const grpc = require('@grpc/grpc-js') as typeof grpcJs;

export const { status } = grpc;

const { DescribeNamespaceResponse, DescribeTaskQueueResponse, GetSystemInfoResponse } =
  temporal.api.workflowservice.v1;

/** A status that the call ends with, or `silent` for no answer ever. */
export type StubAnswer = number | 'silent';

export interface StubTemporal extends AsyncDisposable {
  readonly address: string;
  /** Names of the calls that came, in their order. */
  readonly calls: readonly string[];
  /** The `authorization` headers that came with them. */
  readonly keys: readonly unknown[];
}

/** @param answers - by the call's name, such as `GetSystemInfo`; the others succeed, with a retention of three days */
export async function stubTemporal(answers: Readonly<Record<string, StubAnswer>>): Promise<StubTemporal> {
  const calls: string[] = [];
  const keys: unknown[] = [];
  const server = new grpc.Server();
  const successes: Record<string, Uint8Array> = {
    GetSystemInfo: GetSystemInfoResponse.encode({ serverVersion: '1.99.0' }).finish(),
    DescribeNamespace: DescribeNamespaceResponse.encode({
      config: { workflowExecutionRetentionTtl: { seconds: 72 * 3600 } as never },
    }).finish(),
    DescribeTaskQueue: DescribeTaskQueueResponse.encode({}).finish(),
  };
  const raw = { serialize: (bytes: Buffer) => bytes, deserialize: (bytes: Buffer) => bytes };
  for (const [name, success] of Object.entries(successes)) {
    const path = `/temporal.api.workflowservice.v1.WorkflowService/${name}`;
    const definition = {
      [name]: {
        path,
        requestStream: false,
        responseStream: false,
        requestSerialize: raw.serialize,
        requestDeserialize: raw.deserialize,
        responseSerialize: raw.serialize,
        responseDeserialize: raw.deserialize,
      },
    } as const;
    server.addService(definition, {
      [name]: ({ metadata }: { metadata: grpcJs.Metadata }, answer: grpcJs.sendUnaryData<Buffer>) => {
        calls.push(name);
        keys.push(...metadata.get('authorization'));
        const wanted = answers[name];
        if (wanted === 'silent') return;
        if (wanted === undefined) answer(null, Buffer.from(success));
        else answer({ code: wanted, details: `the stub says ${wanted}` });
      },
    });
  }
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync('127.0.0.1:0', grpc.ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  return {
    address: `127.0.0.1:${port}`,
    calls,
    keys,
    [Symbol.asyncDispose]: () => {
      server.forceShutdown();
      return Promise.resolve();
    },
  };
}
