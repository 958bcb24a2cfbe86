/** One upload against a hostile server: attempts as Temporal makes them, and the properties of each, whatever the answers were. */

import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { expect } from 'vitest';
import { FileChangedError, UploadFailedError } from '../../src/contract/errors.js';
import {
  FileSource,
  GeminiApiError,
  parseBaseUrl,
  uploadFile,
  type GeminiFile,
  type ResumePoint,
} from '../../src/gemini/index.js';
import type { Act, HostileServer, World } from './hostile-server.js';

const KEY = 'AIza-key-of-the-fuzzed-upload-0123';
const NAME = 'files/fuzzed';

export interface UploadCase {
  readonly sizeBytes: number;
  readonly granularity: number;
  /** Of one request, in granules. */
  readonly requestGranules: number;
  readonly script: readonly Act[];
  readonly attempts: number;
  /** Bound of each request. Short only if the server is to exceed it: a busy machine is slow too. */
  readonly timeoutMs: number;
}

export interface UploadEnd {
  readonly file?: GeminiFile;
  readonly error?: unknown;
  readonly attempts: number;
  readonly world: World;
}

/** Much longer than any case takes. */
const HANG_MS = 30_000;

export async function runUpload(server: HostileServer, path: string, one: UploadCase): Promise<UploadEnd> {
  const content = Buffer.from(Array.from({ length: one.sizeBytes }, (_, at) => (at * 37) % 251));
  await using handle = await fresh(path, content);
  const { world, url } = server.open(one.granularity, one.script);
  let point: ResumePoint | undefined;
  let end: { file?: GeminiFile; error?: unknown } = {};
  let attempts = 0;
  while (attempts < one.attempts) {
    attempts += 1;
    const source = await FileSource.of(handle.file, path);
    end = await bounded(
      uploadFile(
        {
          baseUrl: parseBaseUrl(url),
          apiKey: KEY,
          stallTimeoutMs: one.timeoutMs,
          requestTimeoutMs: one.timeoutMs,
        },
        {
          source,
          name: NAME,
          displayName: 'fuzzed',
          mimeType: 'text/plain',
          requestBytes: one.requestGranules * one.granularity,
          mayExist: attempts > 1,
          ...(point && { resume: point }),
          onCheckpoint: (reached) => void (point = reached),
        },
      ),
    );
    if (!(end.error instanceof GeminiApiError && end.error.retryable)) break;
  }
  server.close(url);
  const result = { ...end, attempts, world };
  judge(result, content, one);
  return result;
}

async function fresh(path: string, content: Buffer): Promise<{ file: FileHandle } & AsyncDisposable> {
  const file = await open(path, 'w+');
  await file.write(content, 0, content.length, 0);
  return { file, [Symbol.asyncDispose]: () => file.close() };
}

async function bounded(work: Promise<GeminiFile>): Promise<{ file?: GeminiFile; error?: unknown }> {
  let timer: NodeJS.Timeout | undefined;
  const hang = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('it hangs')), HANG_MS);
  });
  try {
    return { file: await Promise.race([work, hang]) };
  } catch (error) {
    return { error };
  } finally {
    clearTimeout(timer);
  }
}

/** No crash, no hang, no more requests than progress and patience allow, no secret shown, and no false success. */
function judge({ file, error, attempts, world }: UploadEnd, content: Buffer, one: UploadCase): void {
  // Each attempt: two sessions, in each of them new ground a granule at a time, with five tries and as many questions for it.
  expect(world.requests).toBeLessThanOrEqual(attempts * 2 * (one.sizeBytes + 2) * 12);
  if (file === undefined) {
    const known =
      error instanceof GeminiApiError ||
      error instanceof UploadFailedError ||
      error instanceof FileChangedError;
    if (!known) throw error;
    expect(error.message.length).toBeLessThan(2000);
    const said = `${error.message} ${error.stack ?? ''} ${String(error.cause)}`;
    expect(said).not.toContain(KEY);
    for (const { id } of world.sessions) expect(said).not.toContain(id);
    if (error instanceof GeminiApiError && error.retryAfterMs !== undefined)
      expect(error.retryAfterMs).toBeGreaterThanOrEqual(0);
    return;
  }
  const sha256 = createHash('sha256').update(content).digest('hex');
  expect(file).toMatchObject({ name: NAME, sizeBytes: content.length, sha256 });
  // The server has it; or it said so itself, of this name and size, with this hash or none.
  const really = world.files.get(NAME)?.equals(content) === true;
  const said = world.claims.some(
    ({ name, sizeBytes, sha256Hash }) =>
      name === NAME && Number(sizeBytes) === content.length && !isOther(sha256Hash, sha256),
  );
  expect(really || said).toBe(true);
}

/** Whether a claimed hash is a valid one of another content. */
function isOther(hash: unknown, sha256: string): boolean {
  if (typeof hash !== 'string') return false;
  const bytes = Buffer.from(hash, 'base64');
  const readings = [hash, bytes.toString('latin1'), bytes.toString('hex')].filter((one) =>
    /^[0-9a-f]{64}$/.test(one),
  );
  return readings.length > 0 && !readings.includes(sha256);
}
