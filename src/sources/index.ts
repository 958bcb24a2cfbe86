/** Where the bytes of an upload come from. */

import type { UploadSource } from '../gemini/index.js';
import { openAllowedFile } from './open-allowed-file.js';

export { MAX_FILE_BYTES, openAllowedFile } from './open-allowed-file.js';

/** What the worker permits. */
export interface SourcePolicy {
  /** Absolute folders (or files) below which files may be read. */
  readonly allowedRoots: readonly string[];
}

/** Opens what the input names. The caller closes it. */
export function openSource(input: { readonly path: string }, policy: SourcePolicy): Promise<UploadSource> {
  return openAllowedFile(input.path, policy.allowedRoots);
}
