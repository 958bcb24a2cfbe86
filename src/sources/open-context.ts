export interface OpenContext {
  /** Number of the attempt, from 1. */
  readonly attempt: number;
  /** Ends every read of the source. */
  readonly signal: AbortSignal;
}
