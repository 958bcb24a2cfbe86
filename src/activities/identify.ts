/** Activity `geminiFilesIdentify`: reads the file as an upload would, and sends nothing. */

import { createHash } from 'node:crypto';
import { Context } from '@temporalio/activity';
import type { IdentifyInput, IdentifyResult } from '../contract/identify.js';
import { detectMimeType, type UploadSource } from '../gemini/index.js';
import { openSource } from '../sources/index.js';
import { attemptTime } from './attempt-time.js';
import type { ActivityDependencies } from './dependencies.js';
import { withFailureMapping } from './failures.js';
import { withHeartbeat } from './heartbeat.js';
import { identifyInput } from './input.js';

export async function identify(deps: ActivityDependencies, input: IdentifyInput): Promise<IdentifyResult> {
  const { info } = Context.current();
  const { leftMs } = attemptTime(info);
  const progress = { bytesRead: 0, sizeBytes: 0 };
  return withFailureMapping({ id: () => undefined, leftMs }, () =>
    withHeartbeat(
      () => progress,
      async ({ ended: signal }) => {
        const { credentials, ...file } = identifyInput(input);
        const { baseUrl } = await deps.connect(credentials);
        const source = await openSource(file, deps, { attempt: info.attempt, signal });
        try {
          progress.sizeBytes = source.sizeBytes;
          return {
            mimeType: file.mimeType ?? (await detectMimeType(source)),
            sha256: await hashSource(source, signal, (bytesRead) => Object.assign(progress, { bytesRead })),
            sizeBytes: source.sizeBytes,
            baseUrlSha256: createHash('sha256').update(baseUrl.href).digest('hex'),
          };
        } finally {
          await source.close();
        }
      },
    ),
  );
}

/** @throws FileChangedError if the file changed meanwhile: the hash would be of neither version */
async function hashSource(
  source: UploadSource,
  signal: AbortSignal,
  onRead: (bytes: number) => void,
): Promise<string> {
  const hash = createHash('sha256');
  let bytes = 0;
  for await (const chunk of source.read(0, source.sizeBytes, signal)) {
    signal.throwIfAborted();
    hash.update(chunk);
    onRead((bytes += chunk.length));
  }
  const sha256 = hash.digest('hex');
  await source.assertContent(sha256);
  return sha256;
}
