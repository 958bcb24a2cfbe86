/** Uploads of one worker under its throttle, on real sockets: the rate is a fraction of what options allow, to be quick. */

import { open } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { FileSource, uploadFile, type UploadEvent } from '../../src/gemini/index.js';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { createUploadThrottle } from '../../src/worker/upload-throttle.js';
import { connectionTo } from '../support/connection.js';
import { useTestFolder, type TestFile } from '../support/files.js';
import { bytesReceived } from '../support/upload.js';

const KIB = 1024;
const RATE = 256 * KIB;
const STALL_MS = 1000;

const folder = await useTestFolder();

/** Uploads on one throttle, as the activities of a worker do. */
function uploads(emulator: GeminiFilesEmulator, file: TestFile) {
  const throttle = createUploadThrottle({ maxUploadBytesPerSecond: RATE });
  const events: UploadEvent[] = [];
  const upload = async (name: string, signal?: AbortSignal, onQueued?: () => void) => {
    const pace = throttle.pace?.();
    if (!pace) throw new Error('there is no limit');
    const source = await FileSource.of(await open(file.path), file.path);
    try {
      return await uploadFile(connectionTo(emulator.url, { stallTimeoutMs: STALL_MS }), {
        source,
        name,
        displayName: name,
        mimeType: 'application/octet-stream',
        onEvent: (event) => events.push(event),
        pace: (bytes, own) => {
          const turn = pace(bytes, own);
          onQueued?.();
          return turn;
        },
        ...(signal && { signal }),
      });
    } finally {
      await source.close();
    }
  };
  return { upload, events };
}

const sendsOf = (emulator: GeminiFilesEmulator, name: string) =>
  emulator.requests.filter(({ operation, file }) => operation === 'upload' && file === name);

describe('maxUploadBytesPerSecond', () => {
  it('feeds many uploads one after the other, at the whole rate, each byte once', async () => {
    await using emulator = await GeminiFilesEmulator.start();
    // More than half of what is saved up at first: two would fit at once.
    const file = await folder.file('many.bin', 160 * KIB);
    const { upload, events } = uploads(emulator, file);
    const names = Array.from({ length: 12 }, (_, index) => `files/many-${index}`);
    const done: string[] = [];
    const began = performance.now();
    const all: Promise<unknown>[] = [];
    // One after the other, so that it is known who came first.
    for (const name of names) {
      await new Promise<void>((queued, fail) => {
        all.push(upload(name, undefined, queued).then(() => done.push(name), fail));
      });
    }
    await Promise.all(all);
    const seconds = (performance.now() - began) / 1000;

    const bytes = names.length * file.sizeBytes;
    // Each alone waits longer than the stall timeout for its bytes.
    expect(bytes / RATE).toBeGreaterThan((5 * STALL_MS) / 1000);
    expect(seconds).toBeGreaterThanOrEqual(bytes / RATE - 1);
    // A quarter more than the rate needs.
    expect(seconds).toBeLessThanOrEqual((bytes / RATE) * 1.25);
    expect(done).toEqual(names);
    expect(events).toEqual([]);
    expect(bytesReceived(emulator)).toBe(bytes);
    // One request each, begun when those before it have sent their bytes, and not left open meanwhile.
    const begun = names.flatMap((name) => sendsOf(emulator, name)).map(({ startedAt }) => startedAt);
    expect(begun).toHaveLength(names.length);
    const before = ((names.length - 1) * file.sizeBytes) / RATE - 1;
    expect(((begun.at(-1) ?? 0) - (begun[0] ?? 0)) / 1000).toBeGreaterThanOrEqual(before * 0.8);
  });

  it('lets a cancelled upload go at once, before it has sent a request for its bytes', async () => {
    await using emulator = await GeminiFilesEmulator.start();
    const file = await folder.file('cancelled.bin', 2 * RATE);
    const { upload } = uploads(emulator, file);
    const first = new AbortController();
    const second = new AbortController();
    const sending = upload('files/first', first.signal);
    await emulator.waitFor((all) => all.some(({ operation }) => operation === 'upload'));
    const waiting = upload('files/second', second.signal);
    await emulator.waitFor((all) => all.filter(({ operation }) => operation === 'start').length === 2);
    second.abort(new Error('not wanted any more'));
    await expect(waiting).rejects.toThrow('not wanted any more');
    expect(sendsOf(emulator, 'files/second')).toEqual([]);
    first.abort(new Error('nor this one'));
    await expect(sending).rejects.toThrow('nor this one');
  });

  it('goes to the next uploads while one of them gets no answer; that one is noticed as stalled', async () => {
    await using emulator = await GeminiFilesEmulator.start({
      faults: [{ on: 'upload', do: 'stall', afterBytes: 0, times: 1 }],
    });
    const file = await folder.file('stalled.bin', RATE / 2);
    const { upload, events } = uploads(emulator, file);
    const stalled = upload('files/stalled').then(() => 'stalled');
    await emulator.waitFor((all) => all.some(({ operation }) => operation === 'upload'));
    const next = upload('files/next').then(() => 'next');
    expect(await Promise.race([stalled, next])).toBe('next');
    await stalled;
    expect(events).toMatchObject([{ type: 'interrupted', error: { kind: 'connection' } }]);
  });
});

describe('maxConcurrentUploads', () => {
  const throttle = () => createUploadThrottle({ maxConcurrentUploads: 1 });
  const forever = () => new Promise<never>(() => undefined);
  const aborted = () => AbortSignal.abort(new Error('cancelled'));

  it('lets an upload go at once that is cancelled before or while it waits', async () => {
    const { runInSlot: inTurn } = throttle();
    void inTurn(forever, new AbortController().signal);
    await expect(inTurn(forever, aborted())).rejects.toThrow('cancelled');
    const abort = new AbortController();
    const waiting = inTurn(forever, abort.signal);
    abort.abort(new Error('cancelled'));
    await expect(waiting).rejects.toThrow('cancelled');
  });

  it('gives the slot of one that ended, failed or left to the next, in order', async () => {
    const { runInSlot: inTurn } = throttle();
    const { signal } = new AbortController();
    const order: string[] = [];
    const run = (name: string, error?: Error) =>
      inTurn(async () => {
        order.push(name);
        await Promise.resolve();
        if (error) throw error;
      }, signal);
    const first = run('first', new Error('it failed'));
    const leaving = new AbortController();
    const left = inTurn(forever, leaving.signal);
    const rest = [run('second'), run('third')];
    leaving.abort(new Error('left'));
    await expect(first).rejects.toThrow('it failed');
    await expect(left).rejects.toThrow('left');
    await Promise.all(rest);
    expect(order).toEqual(['first', 'second', 'third']);
  });
});
