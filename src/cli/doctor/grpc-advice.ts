/** What the user can do about an error of Temporal, by its gRPC status. */

import { GRPC_CODE } from '../../util/grpc-code.js';

/** For the codes that an operator can act on. */
const ADVICE: Readonly<Record<number, string>> = {
  [GRPC_CODE.DEADLINE_EXCEEDED]:
    'The server did not complete the call in time: check its health and its log.',
  [GRPC_CODE.PERMISSION_DENIED]: 'Grant this API key or certificate access to this namespace.',
  [GRPC_CODE.RESOURCE_EXHAUSTED]: "The server's rate limit is reached: try again later.",
  [GRPC_CODE.UNIMPLEMENTED]:
    'The server does not implement the call: check that the address is that of a Temporal frontend.',
  [GRPC_CODE.UNAVAILABLE]: 'The server is unavailable: check its health and its log, and try again.',
  [GRPC_CODE.UNAUTHENTICATED]: 'Correct the API key (TEMPORAL_API_KEY) or the client certificate.',
};

/** The code of a gRPC error, or of one among its causes; undefined if there is none. */
export function grpcCode(error: unknown): number | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as { code?: unknown };
    if (typeof code === 'number') return code;
  }
  return undefined;
}

/** @param otherwise - advice for all other errors */
export function grpcAdvice(error: unknown, otherwise: string): string {
  return ADVICE[grpcCode(error) ?? -1] ?? otherwise;
}
