/** A file that a user's function finds: behind a URL, or read by the function's own code. */

import { SourceError } from '../contract/errors.js';
import { sourceChanged } from '../gemini/index.js';
import { ConnectionBreak } from './break.js';
import { ChunkReader } from './chunk-reader.js';
import type { FunctionSource, SourcesConfig } from './config.js';
import { connectionsFor } from './connect.js';
import { openHttpSource } from './http-source.js';
import { functionBugType, inTime, ofFunction } from './in-time.js';
import { SOURCE_LIMITS, type SourceLimits } from './limits.js';
import { checkLocated, type CheckedReader, type CheckedUrl } from './located.js';
import { keyName } from './names.js';
import type { OpenContext } from './open-context.js';
import { givenVersion, RangeSource, type RangeReader } from './range-source.js';
import { redactedMessage } from './redact.js';
import { Renewable } from './renewable.js';
import { assertSize } from './size.js';

/** @throws SourceError for what the function throws or returns, and the errors of reading */
export async function openLocated(
  name: string,
  key: string,
  { locate }: FunctionSource,
  config: SourcesConfig,
  { attempt, signal, mimeType }: OpenContext,
): Promise<RangeSource> {
  const { limits = SOURCE_LIMITS } = config;
  const label = `${name}:${key}`;
  const find = async (refused: boolean, ended: AbortSignal) => {
    // In a chain, so that a function that throws at once is caught too.
    const called = Promise.resolve().then(() => locate(key, { attempt, signal: ended, refused }));
    return checkLocated(name, await inTime(called, name, limits, ended));
  };
  const located = await find(false, signal);
  if (located.form === 'read') return openReader(name, key, located, limits, signal);
  const url = new Renewable(located, async (ended) => {
    const again = await find(true, ended);
    if (again.form !== 'url')
      throw new SourceError(`The function of the source ${name} returned a url first, and then a reader`);
    if (again.version !== located.version) throw sourceChanged({ label }, 'its version has changed');
    return again;
  });
  return openUrl(label, keyName(key), url, config, { signal, mimeType });
}

function openUrl(
  label: string,
  name: string,
  located: Renewable<CheckedUrl>,
  config: SourcesConfig,
  { signal, mimeType }: Pick<OpenContext, 'signal' | 'mimeType'>,
): Promise<RangeSource> {
  const route = {
    label,
    target: () => Promise.resolve(located.value.target),
    renew: located.renew,
    accepted: located.accepted,
    // The function's author chose where it begins; addresses are checked on the way.
    mayRedirectTo: () => true,
  };
  return openHttpSource(route, connectionsFor(config), config.limits ?? SOURCE_LIMITS, signal, () => ({
    ...located.value,
    name: located.value.name || name,
    expected: mimeType,
  }));
}

async function openReader(
  name: string,
  key: string,
  located: CheckedReader,
  limits: SourceLimits,
  signal: AbortSignal,
): Promise<RangeSource> {
  const label = `${name}:${key}`;
  assertSize(label, located.sizeBytes);
  const reader: RangeReader = {
    unversioned: false,
    open: (start, end, ended) => {
      // Ends what the reader waits for. This is also needed after a break, which is not a cancellation.
      const stop = new AbortController();
      const chunks: unknown = located.read(start, end, AbortSignal.any([ended, stop.signal]));
      if (!isAsyncIterable(chunks)) {
        // A rejected promise without a handler would end the process.
        void Promise.resolve(chunks).catch(() => undefined);
        throw new SourceError(`The reader of ${label} returned no async iterable`);
      }
      return Promise.resolve({
        position: start,
        end,
        chunks: new ChunkReader(chunks, limits, { exact: true, drop: () => stop.abort() }),
      });
    },
    breakOf: (error) => {
      if (error instanceof ConnectionBreak) return error;
      if (functionBugType(error)) throw ofFunction(name, error);
      return new ConnectionBreak(`its reader failed: ${redactedMessage(error)}`);
    },
    failure: (error) => ofFunction(name, error),
    close: () => undefined,
  };
  return await RangeSource.open(reader, {
    label,
    name: located.name || keyName(key),
    mimeType: located.mimeType,
    fingerprint: { sizeBytes: located.sizeBytes, version: givenVersion(located.version) },
    headBytes: limits.headBytes,
    signal,
  });
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof (value as Partial<AsyncIterable<unknown>> | undefined)?.[Symbol.asyncIterator] === 'function';
}
