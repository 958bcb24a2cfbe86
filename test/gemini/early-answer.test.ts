/** A request that is over before its body is: by an answer, by a break, or by a cancellation. Its producer need not answer for that. */

import { createHash, randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sendBytes, uploadFile, type UploadSource } from '../../src/gemini/index.js';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { connectionTo, NAME } from '../support/connection.js';
import { gate } from '../support/gate.js';
import { httpServer } from '../support/raw-server.js';
import { sourceOf } from '../support/bytes-source.js';

const KIB = 1024;
const never = () => new Promise<never>(() => undefined);

/** Gives one chunk and then hangs, in `next` as in `return`. */
function hanging() {
  const calls: string[] = [];
  let first = true;
  const body: AsyncIterable<Uint8Array> = {
    [Symbol.asyncIterator]: () => ({
      next: () => {
        calls.push('next');
        if (!first) return never();
        first = false;
        return Promise.resolve({ value: Buffer.alloc(KIB) });
      },
      return: () => {
        calls.push('return');
        return never();
      },
    }),
  };
  return { body, calls };
}

describe('a producer that hangs', () => {
  const sending = (url: string, body: AsyncIterable<Uint8Array>, signal?: AbortSignal) =>
    sendBytes(
      connectionTo(url),
      { url: `${url}/upload?upload_id=1`, granularity: 1 },
      { offset: 0, contentLength: 4 * KIB, finalize: false, body },
      signal,
    );

  it.each([
    [403, 'rejected'],
    [429, 'unavailable'],
  ])('does not delay an early %i', async (status, kind) => {
    await using at = await httpServer((request, response) => {
      request.once('data', () => response.writeHead(status).end());
    });
    const { body, calls } = hanging();
    await expect(sending(at.url, body)).rejects.toMatchObject({ status, kind });
    expect(calls).toEqual(['next', 'next', 'return']);
  });

  it('does not delay a break, nor a cancellation', async () => {
    await using at = await httpServer((request) => {
      request.once('data', () => request.socket.resetAndDestroy());
    });
    await expect(sending(at.url, hanging().body)).rejects.toMatchObject({ kind: 'connection' });
    const received = gate();
    await using silent = await httpServer((request) => void request.once('data', received.open));
    const cancel = new AbortController();
    const sent = sending(silent.url, hanging().body, cancel.signal);
    await received.pass();
    cancel.abort(new Error('cancelled'));
    await expect(sent).rejects.toThrow('cancelled');
  });
});

it('a source that was read to the end of a request is not told to end: it may serve the next one from the same connection', async () => {
  await using emulator = await GeminiFilesEmulator.start();
  const requestBytes = 8 * 1024 * KIB;
  emulator.addFaults({ on: 'upload', do: 'reset', afterBytes: requestBytes / 2 });
  const source = sourceOf('clip.mp4', randomBytes(2.5 * requestBytes), 'video/mp4');
  const signals: (AbortSignal | undefined)[] = [];
  const read: UploadSource['read'] = (start, end, signal) => {
    signals.push(signal);
    return source.read(start, end, signal);
  };
  await uploadFile(connectionTo(emulator.url), {
    name: NAME,
    displayName: 'clip',
    mimeType: 'video/mp4',
    source: { ...source, read },
    requestBytes,
  });
  // The first reading may have ended before the break.
  expect(signals.slice(1).map((signal) => signal?.aborted)).toEqual([false, false, false]);
});

describe('an upload whose request is over early', () => {
  const content = randomBytes(512 * KIB);
  const half = content.length / 2;

  /** Two chunks; the second one waits for `wait`. Fails if it is read by two at a time. */
  function halves(wait: (read: number, signal: AbortSignal | undefined) => Promise<unknown>) {
    const seen = { reads: 0, open: 0 };
    const source: UploadSource = {
      ...sourceOf('clip.mp4', content),
      async *read(start, end, signal) {
        seen.reads += 1;
        const number = seen.reads;
        if (seen.open > 0) throw new Error('two readers');
        seen.open += 1;
        try {
          yield content.subarray(start, Math.min(half, end));
          await wait(number, signal);
          yield content.subarray(Math.max(start, half), end);
        } finally {
          seen.open -= 1;
        }
      },
    };
    return { source, seen };
  }
  const aborted = (signal: AbortSignal | undefined) =>
    new Promise<never>((_, reject) =>
      signal?.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
    );
  const input = { name: NAME, displayName: 'clip', mimeType: 'video/mp4' };

  it('goes on after a break although the source hung, and the source has one reader at a time', async () => {
    await using emulator = await GeminiFilesEmulator.start();
    emulator.addFaults({ on: 'upload', do: 'reset', afterBytes: half });
    const { source, seen } = halves((read, signal) => (read === 1 ? aborted(signal) : Promise.resolve()));
    const { sha256 } = await uploadFile(connectionTo(emulator.url), { ...input, source });
    expect(sha256).toBe(createHash('sha256').update(content).digest('hex'));
    expect(seen).toEqual({ reads: 2, open: 0 });
  });

  const refusing = (status: number) =>
    httpServer((request, response) => {
      if (request.headers['x-goog-upload-command'] === 'start') {
        const headers = { 'x-goog-upload-status': 'active', 'x-goog-upload-url': '/upload?upload_id=1' };
        request.resume().on('end', () => response.writeHead(200, headers).end());
      } else request.once('data', () => response.writeHead(status).end()).resume();
    });

  it('fails with an early answer although the source hangs, and takes no byte that comes after it', async () => {
    await using at = await refusing(429);
    const late = gate();
    const { source, seen } = halves(() => late.pass());
    const progress: number[] = [];
    const onProgress = (bytes: number) => progress.push(bytes);
    const sent = uploadFile(connectionTo(at.url), { ...input, source, onProgress });
    await expect(sent).rejects.toMatchObject({ kind: 'unavailable', status: 429 });
    expect(seen.open).toBe(1);
    late.open();
    await expect.poll(() => seen.open).toBe(0);
    expect(progress).toEqual([half]);
  });

  it('fails with the reason of a step that refuses then', async () => {
    await using emulator = await GeminiFilesEmulator.start();
    emulator.addFaults({ on: 'upload', do: 'reset', afterBytes: half });
    let reading: AbortSignal | undefined;
    const { source } = halves((_, signal) => Promise.resolve((reading = signal)));
    const events: string[] = [];
    const beforeStep = async (step: string) => {
      if (step !== 'finalize') return;
      await aborted(reading).catch(() => undefined);
      throw new Error('superseded');
    };
    const onEvent = ({ type }: { type: string }) => events.push(type);
    await expect(
      uploadFile(connectionTo(emulator.url), { ...input, source, beforeStep, onEvent }),
    ).rejects.toThrow('superseded');
    expect(events).toEqual([]);
  });
});
