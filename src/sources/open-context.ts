export interface OpenContext {
  /** Number of the attempt, from 1. */
  readonly attempt: number;
  /** Ends every read of the source. */
  readonly signal: AbortSignal;
  /** What the input says that the file is: no page may come in place of it, unless this is the type of a page. */
  readonly mimeType?: string | undefined;
  /** Called with the `<Code>` of a store's error, such as `NoSuchBucket`. */
  readonly onStoreError?: ((code: string | undefined) => void) | undefined;
}
