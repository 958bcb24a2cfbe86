/** What to do about an error of Temporal's, by its gRPC status. */

/** The codes that say something to an operator; https://grpc.io/docs/guides/status-codes/ has them all. */
export const GRPC = {
  deadlineExceeded: 4,
  notFound: 5,
  permissionDenied: 7,
  resourceExhausted: 8,
  unimplemented: 12,
  unavailable: 14,
  unauthenticated: 16,
} as const;

const ADVICE: Readonly<Record<number, string>> = {
  [GRPC.deadlineExceeded]:
    'The server took the connection and gave no answer: look at its health and its log.',
  [GRPC.permissionDenied]: 'Give this API key or certificate the right to it, on this very namespace.',
  [GRPC.resourceExhausted]: "The server's rate limit is reached: try again later.",
  [GRPC.unimplemented]:
    'The server does not know the call: check that the address is that of a Temporal frontend.',
  [GRPC.unavailable]: 'The server has trouble: look at its health and its log, and try again.',
  [GRPC.unauthenticated]: 'Correct the API key (TEMPORAL_API_KEY) or the client certificate.',
};

/** The code of a gRPC error, also where it is the cause of another; undefined where there is none. */
export function grpcCode(error: unknown): number | undefined {
  for (let at = error; at instanceof Error; at = at.cause) {
    const { code } = at as { code?: unknown };
    if (typeof code === 'number') return code;
  }
  return undefined;
}

/** @param otherwise - for all that has no advice of its own here */
export function grpcAdvice(error: unknown, otherwise: string): string {
  return ADVICE[grpcCode(error) ?? -1] ?? otherwise;
}
