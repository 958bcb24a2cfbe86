/** Opening sources in tests. */

import { createHash } from 'node:crypto';
import type { UploadSource } from '../../src/gemini/index.js';
import { openSource, resolveSources, type OpenContext, type SourcesConfig } from '../../src/sources/index.js';
import { SOURCE_LIMITS, type SourceLimits } from '../../src/sources/limits.js';
import type { SourceServer } from './source-server.js';

/** Short, for servers that keep their reader waiting. */
export const SHORT: SourceLimits = {
  ...SOURCE_LIMITS,
  answerMs: 400,
  stallMs: 100,
  slowMs: 100,
  slowBytes: 64,
};

/** What permits the server and nothing else. */
export function sourcesFor(
  server: SourceServer,
  options: Record<string, unknown> = {},
  limits?: SourceLimits,
): SourcesConfig {
  const { https, ...named } = options;
  return {
    ...resolveSources(
      {
        https: { allowedOrigins: [server.origin], allowedAddresses: ['127.0.0.0/8'], ...(https as object) },
        ...named,
      },
      {},
    ),
    ca: server.ca,
    ...(limits && { limits }),
  };
}

export function open(
  source: string,
  sources: SourcesConfig,
  signal: OpenContext['signal'] = new AbortController().signal,
  attempt = 1,
): Promise<UploadSource> {
  return openSource({ source }, { allowedRoots: [], sources }, { attempt, signal });
}

/** The bytes of a range, copied, since a chunk may be reused. */
export async function bytesOf(source: UploadSource, start = 0, end = source.sizeBytes): Promise<Buffer> {
  const copies: Buffer[] = [];
  for await (const chunk of source.read(start, end)) copies.push(Buffer.from(chunk));
  return Buffer.concat(copies);
}

/** Reads the file in requests of `size`, as an upload does, and returns what came. */
export async function readAll(source: UploadSource, size = source.sizeBytes): Promise<Buffer> {
  const parts: Buffer[] = [];
  for (let at = 0; at < source.sizeBytes; at += size)
    parts.push(await bytesOf(source, at, Math.min(at + size, source.sizeBytes)));
  const all = Buffer.concat(parts);
  await source.assertContent(createHash('sha256').update(all).digest('hex'));
  return all;
}
