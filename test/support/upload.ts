/** One attempt at an upload, without Temporal, against an emulator. */

import { open } from 'node:fs/promises';
import {
  FileSource,
  uploadFile,
  type GeminiConnection,
  type GeminiFile,
  type ResumePoint,
  type UploadFileInput,
} from '../../src/gemini/index.js';
import type { GeminiFilesEmulator } from '../../src/testing/index.js';
import { connectionTo, NAME } from './connection.js';
import type { TestFile } from './files.js';

export const MiB = 1024 * 1024;

export interface UploadRun {
  readonly result: Promise<GeminiFile>;
  /** The resume points for the next attempt. */
  readonly checkpoints: readonly ResumePoint[];
  readonly abort: AbortController;
}

export interface UploadRunOptions extends Partial<Omit<UploadFileInput, 'source'>> {
  readonly connection?: Partial<Omit<GeminiConnection, 'baseUrl'>>;
}

export function startUploading(url: string, file: TestFile, options: UploadRunOptions = {}): UploadRun {
  const { connection, ...input } = options;
  const checkpoints: ResumePoint[] = [];
  const abort = new AbortController();
  const work = async () => {
    const source = await FileSource.of(await open(file.path), file.path);
    try {
      return await uploadFile(connectionTo(url, connection), {
        name: NAME,
        displayName: 'sample',
        mimeType: 'application/octet-stream',
        signal: abort.signal,
        onCheckpoint: (point) => checkpoints.push(point),
        ...input,
        source,
      });
    } finally {
      await source.close();
    }
  };
  const result = work();
  // Looked at later.
  result.catch(() => undefined);
  return { result, checkpoints, abort };
}

export const uploading = (url: string, file: TestFile, options?: UploadRunOptions) =>
  startUploading(url, file, options).result;

/**
 * A line a request: `upload 0+64 200` with offset and bytes of data in MiB, then the status or how it ended. Bytes of a
 * request that was refused are left out: how many were under way is chance.
 */
export function story({ requests }: GeminiFilesEmulator): string[] {
  return requests.map(({ operation, command, offset, bytes, status, outcome }) => {
    const what = command.includes('finalize') ? 'finalize' : operation;
    const count = status !== undefined && status >= 400 ? '' : `+${bytes / MiB}`;
    const data = operation === 'upload' ? ` ${(offset ?? Number.NaN) / MiB}${count}` : '';
    return `${what}${data} ${outcome === 'answered' ? status : outcome}`;
  });
}

/** Bytes of file data that came in. */
export function bytesReceived({ requests }: GeminiFilesEmulator): number {
  return requests.filter((one) => one.operation === 'upload').reduce((sum, one) => sum + one.bytes, 0);
}
