/** A file that a user's function finds: behind a URL, or read by the function's own code. */

import { ERROR_CLASSES, isGeminiFilesError, SourceError, type GeminiFilesError } from '../contract/errors.js';
import { sourceChanged } from '../gemini/index.js';
import { isAllowedAddress } from './addresses.js';
import { ConnectionBreak } from './break.js';
import { ChunkReader } from './chunk-reader.js';
import type { FunctionSource, SourcesConfig } from './config.js';
import { Connections } from './http-get.js';
import { openHttpSource } from './http-source.js';
import { SOURCE_LIMITS, type SourceLimits } from './limits.js';
import { checkLocated, type CheckedReader, type CheckedUrl } from './located.js';
import { keyName } from './names.js';
import type { OpenContext } from './open-context.js';
import { RangeSource, type RangeReader } from './range-source.js';
import { redactedMessage } from './redact.js';
import { Renewable } from './renewable.js';
import { assertSize } from './size.js';

/** @throws SourceError for what the function throws or returns, and the errors of reading */
export async function openLocated(
  name: string,
  key: string,
  { locate }: FunctionSource,
  config: SourcesConfig,
  { attempt, signal }: OpenContext,
): Promise<RangeSource> {
  const { limits = SOURCE_LIMITS } = config;
  const label = `${name}:${key}`;
  const find = async (refused: boolean, ended: AbortSignal) => {
    // In a chain, so that a function that throws at once is caught too.
    const called = Promise.resolve().then(() => locate(key, { attempt, signal: ended, refused }));
    return checkLocated(name, await inTime(called, name, limits, ended));
  };
  const located = await find(false, signal);
  if (located.form === 'read') return openReader(label, keyName(key), located, limits, signal);
  const url = new Renewable(located, async (ended) => {
    const again = await find(true, ended);
    if (again.form !== 'url')
      throw new SourceError(`The function of the source ${name} returned a url first, and then a reader`);
    if (again.version !== located.version) throw sourceChanged({ label }, 'its version has changed');
    return again;
  });
  return openUrl(label, keyName(key), url, config, signal);
}

function openUrl(
  label: string,
  name: string,
  located: Renewable<CheckedUrl>,
  { https, ca, limits = SOURCE_LIMITS }: SourcesConfig,
  signal: AbortSignal,
): Promise<RangeSource> {
  const connections = new Connections({
    isAllowedAddress: (address) => isAllowedAddress(address, https?.allowedAddresses ?? []),
    limits,
    ca,
  });
  const route = {
    label,
    target: () => Promise.resolve(located.value.target),
    renew: located.renew,
    accepted: located.accepted,
    // The function's author chose where it begins; addresses are checked on the way.
    mayRedirectTo: () => true,
  };
  return openHttpSource(route, connections, limits, signal, () => ({
    ...located.value,
    name: located.value.name || name,
  }));
}

async function openReader(
  label: string,
  name: string,
  located: CheckedReader,
  limits: SourceLimits,
  signal: AbortSignal,
): Promise<RangeSource> {
  assertSize(label, located.sizeBytes);
  const reader: RangeReader = {
    open: (start, end, ended) => {
      const chunks = located.read(start, end, ended);
      if (!isAsyncIterable(chunks))
        throw new SourceError(`The reader of ${label} returned no async iterable`);
      return Promise.resolve({
        position: start,
        end,
        chunks: new ChunkReader(chunks, limits, { exact: true }),
      });
    },
    breakOf: (error) =>
      error instanceof ConnectionBreak
        ? error
        : new ConnectionBreak(`its reader failed: ${redactedMessage(error)}`),
    close: () => undefined,
  };
  return await RangeSource.open(reader, {
    label,
    name: located.name || name,
    mimeType: located.mimeType,
    fingerprint: { sizeBytes: located.sizeBytes, version: located.version },
    unversioned: false,
    headBytes: limits.headBytes,
    signal,
  });
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof (value as Partial<AsyncIterable<unknown>> | undefined)?.[Symbol.asyncIterator] === 'function';
}

/** Waits for a user's function: it may never answer, and it may throw anything. */
async function inTime<T>(
  work: Promise<T>,
  name: string,
  { answerMs }: SourceLimits,
  signal: AbortSignal,
): Promise<T> {
  const late = AbortSignal.timeout(answerMs);
  const ended = AbortSignal.any([signal, late]);
  try {
    return await new Promise<T>((resolve, reject) => {
      ended.addEventListener('abort', () => reject(ended.reason as Error), { once: true });
      work.then(resolve, reject);
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
function ofFunction(name: string, error: unknown): GeminiFilesError {
  const message = `The function of the source ${name} failed: ${redactedMessage(error)}`;
  if (isGeminiFilesError(error) && error.name !== 'SourceError')
    return new ERROR_CLASSES[error.name](message);
  const { retryable, retryAfterMs, nonRetryable } = Object(error) as Record<string, unknown>;
  return new SourceError(message, {
    retryable: isGeminiFilesError(error) ? retryable === true : nonRetryable !== true,
    ...(typeof retryAfterMs === 'number' && { retryAfterMs }),
  });
}
