import { FileNotFoundError } from '../../contract/errors.js';

/**
 * The error for a file on the user's own machine, without the words about a worker's host. Other errors are returned unchanged.
 *
 * @param path - which was opened; undefined for a source
 */
export function inLocalWords(error: unknown, path: string | undefined): unknown {
  if (path === undefined || !(error instanceof FileNotFoundError)) return error;
  return new FileNotFoundError(`not found: ${path}`, { cause: error });
}
