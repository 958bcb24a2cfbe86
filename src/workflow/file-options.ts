import type { ResolvedUploadOptions } from '../contract/options.js';
import type { ResolvedWaitOptions } from '../contract/wait-options.js';

/** The options of a run: of one that uploads a file, or of one that waits for a file that somebody else uploaded. */
export type FileOptions = ResolvedUploadOptions | ResolvedWaitOptions;

/** The file as messages name it. */
export function describeFile(name: string, options: FileOptions): string {
  return 'path' in options ? `${name} (${options.path})` : name;
}
