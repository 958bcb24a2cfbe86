import { FileNotFoundError } from '../../contract/errors.js';
import { errorMessage } from '../../util/error-message.js';

/** The error of a file that is read on the user's own machine, where there is no other host to name. Other errors are returned as they are. */
export function inLocalWords(error: unknown): unknown {
  if (!(error instanceof FileNotFoundError)) return error;
  const [, path] = /^There is no file (.*) on the worker's host \(\w+\)$/s.exec(errorMessage(error)) ?? [];
  return path === undefined ? error : new FileNotFoundError(`not found: ${path}`, { cause: error });
}
