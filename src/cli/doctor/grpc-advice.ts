/** What the user can do about an error of Temporal, by its gRPC status. */

/** The codes that an operator can act on, of those in https://grpc.io/docs/guides/status-codes/. */
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
  [GRPC.deadlineExceeded]: 'The server did not complete the call in time: check its health and its log.',
  [GRPC.permissionDenied]: 'Grant this API key or certificate access to this namespace.',
  [GRPC.resourceExhausted]: "The server's rate limit is reached: try again later.",
  [GRPC.unimplemented]:
    'The server does not implement the call: check that the address is that of a Temporal frontend.',
  [GRPC.unavailable]: 'The server is unavailable: check its health and its log, and try again.',
  [GRPC.unauthenticated]: 'Correct the API key (TEMPORAL_API_KEY) or the client certificate.',
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
