/** A source that does not answer: neither a cancellation nor an early answer waits for it. */

import { open } from 'node:fs/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { endedBy } from '../../src/gemini/ended-by.js';
import { FileSource, uploadFile, type UploadFileInput, type UploadSource } from '../../src/gemini/index.js';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { sourceOf } from '../support/bytes-source.js';
import { connectionTo, NAME } from '../support/connection.js';
import { useTestFolder } from '../support/files.js';
import { httpServer } from '../support/raw-server.js';
import { withRead } from '../support/slow-disk.js';
import { MiB } from '../support/upload.js';

const folder = await useTestFolder();
const file = await folder.file('film.mp4', 24 * MiB);

const HANGS_AT = 9 * MiB;

let emulator: GeminiFilesEmulator;
beforeEach(async () => void (emulator = await GeminiFilesEmulator.start()));
afterEach(() => emulator.close());

/** An event that others wait for. */
function event(): { promise: Promise<void>; happen: () => void } {
  let happen: () => void = () => undefined;
  const promise = new Promise<void>((resolve) => (happen = resolve));
  return { promise, happen };
}

/** The file on a disk whose read at `at` hangs, the first time, until `release`. */
async function onHangingDisk(at: number) {
  const [hanging, released] = [event(), event()];
  let hangs = true;
  const handle = withRead(await open(file.path), async (read, position) => {
    if (position === at && hangs) {
      hangs = false;
      hanging.happen();
      await released.promise;
    }
    return read();
  });
  const source = await FileSource.of(handle, file.path);
  return { source, hanging: hanging.promise, release: released.happen };
}

const uploading = (source: UploadSource, more: Partial<UploadFileInput> = {}, url = emulator.url) =>
  uploadFile(connectionTo(url), {
    source,
    name: NAME,
    displayName: 'film',
    mimeType: 'video/mp4',
    ...more,
  });

describe('an upload whose disk hangs', () => {
  it.each([
    ['at the first byte', 0],
    ['in the middle', HANGS_AT],
  ])('ends when it is cancelled, %s', async (_, at) => {
    const { source, hanging, release } = await onHangingDisk(at);
    const abort = new AbortController();
    const sent: number[] = [];
    const result = uploading(source, { signal: abort.signal, onProgress: (bytes) => sent.push(bytes) });
    await hanging;
    abort.abort(new Error('not wanted any more'));
    await expect(result).rejects.toThrow('not wanted any more');
    expect(emulator.requests.at(-1)).toMatchObject({ operation: 'cancel', status: 200 });
    const count = sent.length;
    await source.close();
    release();
    // The bytes that come now are nobody's.
    await new Promise((resolve) => setImmediate(resolve));
    expect(sent).toHaveLength(count);
  });

  /** A provider that answers the first data with `status`, when all is there that came before the disk hung. */
  const hasty = (status: number) => {
    const commands: string[] = [];
    const server = httpServer((request, response) => {
      const command = String(request.headers['x-goog-upload-command']);
      const active = { 'x-goog-upload-status': 'active' };
      const isFirst = command.startsWith('upload') && !commands.some((one) => one.startsWith('upload'));
      commands.push(command);
      if (isFirst) {
        let received = 0;
        request.on('data', (chunk: Buffer) => {
          received += chunk.length;
          if (received === HANGS_AT) response.writeHead(status, active).end('Invalid offset');
        });
        return;
      }
      request.resume().on('end', () => {
        if (command === 'start')
          response.writeHead(200, { ...active, 'x-goog-upload-url': '/upload?upload_id=1' }).end();
        else if (command === 'query')
          response.writeHead(200, { ...active, 'x-goog-upload-size-received': '0' }).end();
        else if (command === 'upload') response.writeHead(200, active).end();
        else
          response.writeHead(200, { 'x-goog-upload-status': 'final' }).end(JSON.stringify({ file: stored }));
      });
    });
    return { server, commands };
  };
  const stored = { name: NAME, state: 'ACTIVE', sizeBytes: String(file.sizeBytes), sha256Hash: file.sha256 };

  it('hears an answer that comes early, and goes on when the disk does', async () => {
    const { source, hanging, release } = await onHangingDisk(HANGS_AT);
    const { server, commands } = hasty(409);
    await using at = await server;
    const interrupted = event();
    const onEvent: UploadFileInput['onEvent'] = ({ type }) => type === 'interrupted' && interrupted.happen();
    const result = uploading(source, { onEvent }, at.url);
    await Promise.all([hanging, interrupted.promise]);
    release();
    await expect(result).resolves.toMatchObject({ sha256: file.sha256 });
    expect(commands.slice(0, 3)).toEqual(['start', 'upload, finalize', 'query']);
    expect(commands.at(-1)).toBe('upload, finalize');
    await source.close();
  });

  it('ends at once with an early answer that is the last word', async () => {
    const { source, release } = await onHangingDisk(HANGS_AT);
    await using at = await hasty(503).server;
    await expect(uploading(source, {}, at.url)).rejects.toMatchObject({ kind: 'unavailable', status: 503 });
    release();
    await source.close();
  });
});

describe('a source that ends with a signal', () => {
  const never = new Promise<never>(() => undefined);
  const silent: UploadSource = {
    ...sourceOf('a.mp4', 'content'),
    read: () => ({ [Symbol.asyncIterator]: () => ({ next: () => never, return: () => never }) }),
    assertUnchanged: () => never,
    assertContent: () => never,
  };
  it.each<[string, (source: UploadSource, own: AbortSignal) => Promise<unknown>]>([
    ['read', (source) => source.read(0, 1)[Symbol.asyncIterator]().next()],
    ['read with a signal of its own', (source, own) => source.read(0, 1, own)[Symbol.asyncIterator]().next()],
    ['assertUnchanged', (source) => source.assertUnchanged()],
    ['assertContent', (source) => source.assertContent('')],
  ])('%s', async (_, call) => {
    const abort = new AbortController();
    const source = endedBy(silent, abort.signal);
    const given = call(source, new AbortController().signal);
    abort.abort(new Error('ended'));
    await expect(given).rejects.toThrow('ended');
    await expect(call(source, new AbortController().signal)).rejects.toThrow('ended');
  });

  it('begins no reader before the last one has ended', async () => {
    const events: string[] = [];
    const { promise, happen } = event();
    const slow: UploadSource = {
      ...sourceOf('a.mp4', 'content'),
      async *read(start) {
        events.push(`begins at ${start}`);
        try {
          if (start === 0) await promise;
          yield Buffer.from('x');
        } finally {
          events.push(`ends at ${start}`);
        }
      },
    };
    const source = endedBy(slow, undefined);
    const own = new AbortController();
    const first = source.read(0, 1, own.signal)[Symbol.asyncIterator]().next();
    own.abort(new Error('left'));
    await expect(first).rejects.toThrow('left');
    const second = source.read(1, 2)[Symbol.asyncIterator]().next();
    happen();
    expect(await second).toMatchObject({ done: false });
    expect(events).toEqual(['begins at 0', 'ends at 0', 'begins at 1']);
  });
});
