import type { GeminiConnection } from '../gemini/index.js';

/** What the activities are given by the worker. */
export interface ActivityDependencies {
  /**
   * The connection under a credentials profile; without a name, the worker's own.
   *
   * @throws MissingCredentialsError where there is no key
   */
  readonly connect: (profile?: string) => Promise<GeminiConnection>;
  /** Absolute folders (or files) below which files may be read. */
  readonly allowedRoots: readonly string[];
}
