/**
 * A network disk that fails for a moment: the attempt fails as retryable, and the next one continues. One that hangs: the attempt ends
 * with its cancellation.
 */

import type * as FileSystem from 'node:fs/promises';
import type { FileHandle } from 'node:fs/promises';
import { symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { UploadInput } from '../../src/contract/activities.js';
import { openSource } from '../../src/sources/index.js';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { runActivity } from '../support/activity.js';
import { connectionTo, NAME } from '../support/connection.js';
import { useTestFolder } from '../support/files.js';
import { stopwatch } from '../support/stopwatch.js';

/** Calls that fail, each once, by name and how many of them come before it. */
const failing = new Map<string, number>();
/** The same for a call that hangs until `released`, and what is called when it does. */
let hanging: { call: string; before: number; onHang: () => void; released: Promise<void> } | undefined;
const calls: string[] = [];
async function answer(call: string): Promise<void> {
  calls.push(call);
  if (hanging?.call === call && (hanging.before -= 1) < 0) {
    const { onHang, released } = hanging;
    hanging = undefined;
    onHang();
    await released;
  }
  const left = failing.get(call);
  if (left === undefined) return;
  failing.set(call, left - 1);
  if (left > 0) return;
  failing.delete(call);
  throw Object.assign(new Error(`ESTALE: stale file handle, ${call}`), { code: 'ESTALE', syscall: call });
}

vi.mock('node:fs/promises', async (original) => {
  const real = await original<typeof FileSystem>();
  const failingHandle = (handle: FileHandle) =>
    new Proxy(handle, {
      get(target, field) {
        const value: unknown = Reflect.get(target, field, target);
        if (typeof value !== 'function') return value;
        const call = value as (...args: unknown[]) => unknown;
        return (...args: unknown[]) =>
          Promise.resolve(String(field))
            .then(answer)
            .then(() => call.apply(target, args));
      },
    });
  return {
    ...real,
    realpath: async (...args: Parameters<typeof real.realpath>) => {
      await answer('realpath');
      return real.realpath(...args);
    },
    open: async (...args: Parameters<typeof real.open>) => {
      await answer('open');
      return failingHandle(await real.open(...args));
    },
  };
});

const MIB = 1024 * 1024;
const folder = await useTestFolder();
const film = await folder.file('film.mp4', 20 * MIB);
const root = join(folder.path, 'mount');
await symlink(folder.path, root);
const input: UploadInput = { name: NAME, path: 'film.mp4' };

let emulator: GeminiFilesEmulator;
beforeEach(async () => {
  emulator = await GeminiFilesEmulator.start({ outcome: 'ACTIVE', processing: 0 });
});
afterEach(async () => {
  failing.clear();
  hanging = undefined;
  calls.length = 0;
  vi.useRealTimers();
  await emulator.close();
});

const attempt = (info: Parameters<typeof runActivity>[2]['info'] = {}, roots = [root]) =>
  runActivity('geminiFilesUpload', input, { connection: connectionTo(emulator.url), roots, info });

describe.each([
  ['for the root', 'realpath', 0, 1],
  ['for the file', 'open', 0, 1],
  ['for the open file', 'stat', 0, 1],
  ['for the look at its content', 'read', 0, 1],
  // The session was opened, and nothing was sent in it.
  ['for the first bytes', 'read', 1, 2],
  ['in the middle', 'read', 12, 1],
  ['for the last look at the file', 'stat', 2, 1],
] as const)('a call that fails once, %s (%s)', (_, call, before, sessions) => {
  it('ends the attempt, not the upload', async () => {
    failing.set(call, before);
    const first = attempt();
    const error: unknown = await first.result.catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(ApplicationFailure);
    expect(error).toMatchObject({
      message: expect.stringContaining('ESTALE') as string,
      nonRetryable: false,
    });
    expect(failing.size).toBe(0);

    const heartbeatDetails = first.heartbeats.at(-1);
    const second = attempt({ attempt: 2, heartbeatDetails });
    await expect(second.result).resolves.toMatchObject({ name: NAME, sha256: film.sha256 });
    expect(emulator.requests.filter(({ operation }) => operation === 'start')).toHaveLength(sessions);
    expect(emulator.files.size).toBe(1);
  });
});

describe.each([
  ['for the root', 'realpath', 0],
  ['for the file', 'open', 0],
  ['for the open file', 'stat', 0],
  ['for the look at its content', 'read', 0],
  ['for the first bytes', 'read', 1],
  ['in the middle', 'read', 12],
  ['for the last look at the file', 'stat', 2],
] as const)('a call that hangs, %s (%s)', (_, call, before) => {
  it('does not hold up the cancellation', async () => {
    let release: () => void = () => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    const hangs = new Promise<void>((resolve) => (hanging = { call, before, onHang: resolve, released }));
    const { result, cancel } = attempt();
    await hangs;
    const elapsed = stopwatch();
    cancel();
    await expect(result).rejects.toBeInstanceOf(CancelledFailure);
    expect(elapsed()).toBeLessThan(2000);
    release();
  });
});

it('a close that hangs does not hold up the result', async () => {
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  hanging = { call: 'close', before: 0, onHang: () => undefined, released };
  await expect(attempt().result).resolves.toMatchObject({ name: NAME });
  expect(hanging).toBeUndefined();
  release();
});

it('a root that does not answer does not concern a file below another one', async () => {
  failing.set('realpath', 1);
  await expect(attempt({}, [root, join(folder.path, 'other')]).result).resolves.toMatchObject({ name: NAME });
  expect(failing.size).toBe(0);
});

describe('a file whose opening hangs', () => {
  const opening = (signal = new AbortController().signal) =>
    openSource({ path: 'film.mp4' }, { allowedRoots: [root] }, { attempt: 1, signal });
  const fakeTime = () => vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });

  const closes = () => calls.filter((call) => call === 'close').length;

  /** Lets the next call of this name hang. Resolves when it does, to what lets it return. */
  const hang = (call: string) =>
    new Promise<() => void>((resolve) => {
      let release: () => void = () => undefined;
      const released = new Promise<void>((done) => (release = done));
      hanging = { call, before: 0, onHang: () => resolve(release), released };
    });

  it.each(['realpath', 'open', 'stat'])(
    'at %s is given up in a minute, and closed once it is open',
    async (call) => {
      fakeTime();
      const hangs = hang(call);
      const given = expect(opening()).rejects.toMatchObject({
        name: 'SourceError',
        message: 'film.mp4 could not be read: its disk did not answer in 60000 ms',
        retryable: true,
      });
      const release = await hangs;
      await vi.advanceTimersByTimeAsync(60_000);
      await given;
      vi.useRealTimers();
      expect(calls).not.toContain('close');
      release();
      await expect.poll(() => calls).toContain('close');
    },
  );

  it('is not joined by another one while two have not returned', async () => {
    fakeTime();
    const cancel = new AbortController();
    const releases: (() => void)[] = [];
    for (const signal of [cancel.signal, undefined]) {
      const hangs = hang('open');
      opening(signal).catch(() => undefined);
      releases.push(await hangs);
    }
    cancel.abort();
    await vi.advanceTimersByTimeAsync(60_000);
    const before = calls.length;
    await expect(opening()).rejects.toMatchObject({
      name: 'SourceError',
      message: expect.stringMatching(
        /^film\.mp4 was not opened: 2 calls to a disk have not returned, .*UV_THREADPOOL_SIZE/,
      ) as unknown,
      retryable: true,
    });
    expect(calls).toHaveLength(before);
    vi.useRealTimers();
    releases[0]?.();
    await expect.poll(() => calls).toContain('close');
    await (await opening()).close();
    releases[1]?.();
    await expect.poll(closes).toBe(3);
  });

  it('does not count while it is waited for: it is several calls, which take longer on a busy disk', async () => {
    fakeTime();
    const cancel = new AbortController();
    const releases: (() => void)[] = [];
    for (let count = 0; count < 2; count += 1) {
      const hangs = hang('open');
      opening(cancel.signal).catch(() => undefined);
      releases.push(await hangs);
    }
    await vi.advanceTimersByTimeAsync(59_000);
    await (await opening()).close();
    cancel.abort();
    vi.useRealTimers();
    releases.forEach((release) => release());
    await expect.poll(closes).toBe(3);
  });

  it('is refused while two reads of open files have hung for half a minute, although they are waited for', async () => {
    const sources = await Promise.all([opening(), opening()]);
    fakeTime();
    const releases: (() => void)[] = [];
    const reads: Promise<unknown>[] = [];
    for (const source of sources) {
      const hangs = hang('read');
      reads.push(source.read(0, 10)[Symbol.asyncIterator]().next());
      releases.push(await hangs);
    }
    await vi.advanceTimersByTimeAsync(29_000);
    await (await opening()).close();
    await vi.advanceTimersByTimeAsync(1000);
    await expect(opening()).rejects.toMatchObject({ name: 'SourceError', retryable: true });
    vi.useRealTimers();
    releases.forEach((release) => release());
    await Promise.all(reads);
    await (await opening()).close();
    await Promise.all(sources.map((source) => source.close()));
  });

  it('counts only from some seconds on: a call that was cancelled may just be on its way', async () => {
    const cancel = new AbortController();
    const releases: (() => void)[] = [];
    for (let count = 0; count < 4; count += 1) {
      const hangs = hang('realpath');
      opening(cancel.signal).catch(() => undefined);
      releases.push(await hangs);
    }
    cancel.abort();
    await (await opening()).close();
    releases.forEach((release) => release());
  });
});
