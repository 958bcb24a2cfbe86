const TYPES = [TypeError, RangeError, ReferenceError, SyntaxError];

/** The class of an error of the code, which no later attempt of the same code avoids; undefined for any other error. */
export function bugType(error: unknown): (typeof TYPES)[number] | undefined {
  const type = TYPES.find((one) => error instanceof one);
  // `fetch`, in a user's function, throws a TypeError for a broken connection, with the reason as its cause.
  return (error as Error | undefined)?.cause instanceof Error ? undefined : type;
}
