/** Calls of a user's function: bounded in time, and without secrets in their errors. */

import { ERROR_CLASSES, isGeminiFilesError, SourceError, type GeminiFilesError } from '../contract/errors.js';
import type { SourceLimits } from './limits.js';
import { hasNodeCode } from './node-code.js';
import { redactedMessage } from './redact.js';
import { bugType } from '../util/bug-type.js';
import { withTimeout } from '../util/with-timeout.js';

/** Waits for a user's function: it may never answer, and it may throw anything. */
export async function inTime<T>(
  work: Promise<T>,
  name: string,
  { answerMs }: SourceLimits,
  signal: AbortSignal,
): Promise<T> {
  const late = withTimeout(answerMs);
  const ended = AbortSignal.any([signal, late]);
  try {
    return await new Promise<T>((resolve, reject) => {
      const end = () => reject(ended.reason as Error);
      work.then(resolve, reject);
      if (ended.aborted) end();
      else ended.addEventListener('abort', end, { once: true });
    });
  } catch (error) {
    signal.throwIfAborted();
    if (late.aborted)
      throw new SourceError(`The function of the source ${name} did not answer in ${answerMs} ms`, {
        retryable: true,
      });
    throw ofFunction(name, error);
  }
}

/** An error of the contract keeps its type: the function may know that there is no such file. */
export function ofFunction(name: string, error: unknown): GeminiFilesError {
  const reason = redactedMessage(error);
  const message = `The function of the source ${name} failed: ${reason}`;
  try {
    return withMessage(message, error, reason);
  } catch {
    // A field that cannot be read: what its getter throws can have a secret too.
    return new SourceError(message, { retryable: true });
  }
}

function withMessage(message: string, error: unknown, reason: string): GeminiFilesError {
  if (isGeminiFilesError(error) && error.name !== 'SourceError')
    return new ERROR_CLASSES[error.name](message);
  const { retryable, retryAfterMs, nonRetryable } = Object(error) as Record<string, unknown>;
  const cause = bugOf(error, reason);
  return new SourceError(message, {
    retryable: isGeminiFilesError(error) ? retryable === true : nonRetryable !== true,
    ...(typeof retryAfterMs === 'number' && { retryAfterMs }),
    ...(cause && { cause }),
  });
}

/** The class of a programming error of the function; undefined for any other error. */
export function functionBugType(error: unknown): ReturnType<typeof bugType> {
  try {
    // `JSON.parse` throws a SyntaxError for the answer of a server that is down.
    return error instanceof SyntaxError || hasNodeCode(error) ? undefined : bugType(error);
  } catch {
    return undefined;
  }
}

/** A programming error again, without what it may have quoted. The activity sees by its class that it does not pass by itself. */
function bugOf(error: unknown, reason: string): Error | undefined {
  const Type = functionBugType(error);
  if (!Type) return undefined;
  const bug = new Type(reason);
  bug.stack = String(bug);
  return bug;
}
