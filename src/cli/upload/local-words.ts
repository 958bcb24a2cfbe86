import { FileNotFoundError } from '../../contract/errors.js';
import { errorMessage } from '../../util/error-message.js';

/** The error for a file on the user's own machine, without the words about a worker's host. Other errors are returned unchanged. */
export function inLocalWords(error: unknown): unknown {
  if (!(error instanceof FileNotFoundError)) return error;
  const [, path] = /^There is no file (.*) on the worker's host \(\w+\)$/s.exec(errorMessage(error)) ?? [];
  return path === undefined ? error : new FileNotFoundError(`not found: ${path}`, { cause: error });
}
