/** Uploads that fail under Temporal: what its retries make of them, and what is left at the provider. */

import { open, utimes } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { faults, GeminiFilesEmulator, type EmulatorOptions, type Fault } from '../../src/testing/index.js';
import { useTestFolder } from '../support/files.js';
import { useSharedDevServer } from '../support/temporal.js';
import { bytesReceived, MiB, story } from '../support/upload.js';
import { testWorker, type TestWorker } from '../support/worker.js';
import { stopwatch } from '../support/stopwatch.js';

const env = await useSharedDevServer();
const folder = await useTestFolder();
const file = await folder.file('clip.mp3', 16 * MiB);

/** A worker against an emulator; both end with `work`. */
async function within<T>(
  options: EmulatorOptions,
  work: (emulator: GeminiFilesEmulator, worker: TestWorker) => Promise<T>,
): Promise<T> {
  await using emulator = await GeminiFilesEmulator.start(options);
  const worker = await testWorker(env, { baseUrl: emulator.url, allowedRoots: [folder.path] });
  const result = await worker.run(() => work(emulator, worker));
  emulator.assertFaultsConsumed();
  return result;
}

const operations = (emulator: GeminiFilesEmulator) => emulator.requests.map(({ operation }) => operation);

// Hours of it were seen (python-genai#2489): nothing of what was sent may be sent again when it ends.
it('503 with an empty body: Temporal retries, and the next attempt resumes the upload', async () => {
  const big = await folder.file('big.mp3', 72 * MiB);
  await within({ faults: [faults.unavailable('finalize')] }, async (emulator, { client }) => {
    const result = await client.uploadAndWaitActive(big.path);
    expect(result).toMatchObject({ sha256: big.sha256 });
    expect(story(emulator)).toEqual([
      'start 200',
      'upload 0+64 200',
      'finalize 64 503',
      'query 200',
      'finalize 64+8 200',
    ]);
    expect(bytesReceived(emulator)).toBe(80 * MiB);
    expect(emulator.files.size).toBe(1);
  });
});

// The provider asks for a delay; the retry policy would come sooner.
it('429 with RetryInfo: the next attempt comes when the provider said', async () => {
  await within(
    { faults: [faults.rateLimited('start', { retryDelaySeconds: 2.5 })] },
    async (emulator, { client }) => {
      const elapsed = stopwatch();
      await client.uploadAndWaitActive(file.path);
      const [first, second] = emulator.requests;
      expect((second?.startedAt ?? 0) - (first?.startedAt ?? 0)).toBeGreaterThanOrEqual(2500);
      expect(elapsed()).toBeLessThan(5000);
    },
  );
});

// Waiting does not free storage: only deleting does, or 48 hours.
it.each(['none', 'int64-max'] as const)(
  'a full storage (RetryInfo: %s): one attempt, QuotaExceededError',
  async (quotaRetryInfo) => {
    await within({ storageQuotaBytes: MiB, quotaRetryInfo }, async (emulator, { client }) => {
      await expect(client.uploadAndWaitActive(file.path)).rejects.toMatchObject({
        name: 'QuotaExceededError',
        status: 429,
        kind: 'quota',
        operation: 'start',
        message: expect.stringContaining('file_storage_bytes') as string,
      });
      expect(operations(emulator)).toEqual(['start', 'delete']);
    });
  },
);

// The answer to start is lost: its session holds no file, and a second start makes the only one.
it("start's answer lost: one file", async () => {
  await within({ faults: [{ on: 'start', do: 'loseAnswer' }] }, async (emulator, { client }) => {
    expect(await client.uploadAndWaitActive(file.path)).toMatchObject({ sha256: file.sha256 });
    expect(operations(emulator)).toEqual(['start', 'get', 'start', 'upload']);
    expect(emulator.files.size).toBe(1);
  });
});

// `cleanupOnTimeout: false` keeps a file that the upload has verified, and no other.
describe('nothing is left at the provider', () => {
  // Damaged on the way, or mixed up there.
  it.each([true, false])(
    'of a file whose hash there is not ours (cleanupOnTimeout: %s)',
    async (cleanupOnTimeout) => {
      await within({ faults: [{ on: 'finalize', do: 'wrongHash' }] }, async (emulator, { client }) => {
        await expect(client.uploadAndWaitActive(file.path, { cleanupOnTimeout })).rejects.toMatchObject({
          name: 'UploadFailedError',
          cleanup: 'deleted',
        });
        expect(operations(emulator)).toEqual(['start', 'upload', 'cancel', 'delete']);
        expect(emulator.files.size).toBe(0);
      });
    },
  );

  // A program writes into the file while it is read, and sets its time back: only the change time shows it, and only at the end.
  it('of a file that changed while its last request was under way', async () => {
    const changing = await folder.file('changing.mp3', 16 * MiB);
    const when = new Date('2026-01-02T03:04:05Z');
    await utimes(changing.path, when, when);
    await within(
      // Most of the bytes are still to come when the file changes.
      { faults: [{ on: 'upload', do: 'pace', bytesPerSecond: 3 * MiB }] },
      async (emulator, { client }) => {
        const result = client.uploadAndWaitActive(changing.path, { cleanupOnTimeout: false });
        const failed = expect(result).rejects.toMatchObject({ name: 'FileChangedError', cleanup: 'deleted' });
        await emulator.waitFor((all) => all.some(({ bytes }) => bytes > 2 * MiB));
        const handle = await open(changing.path, 'r+');
        await handle.write('other', 0);
        await handle.close();
        await utimes(changing.path, when, when);
        await failed;
        expect(operations(emulator)).toContain('delete');
        expect(emulator.files.size).toBe(0);
      },
    );
  });

  // After Ctrl-C the transfer must stop at once, and the sent bytes must not become a file.
  it('of an upload that was cancelled, and its transfer ends within two seconds', async () => {
    await within(
      { faults: [{ on: 'upload', do: 'pace', bytesPerSecond: MiB }] },
      async (emulator, { client }) => {
        const handle = await client.start(file.path);
        await emulator.waitFor((all) => all.some(({ bytes }) => bytes > MiB));
        const elapsed = stopwatch();
        await handle.cancel();
        await emulator.waitFor((all) => all.some(({ outcome }) => outcome === 'broken'));
        expect(elapsed()).toBeLessThan(2000);
        await expect(handle.result()).rejects.toThrow();
        expect(emulator.sessions).toMatchObject([{ state: 'cancelled' }]);
        expect(operations(emulator)).toEqual(['start', 'upload', 'cancel', 'delete']);
        expect(emulator.files.size).toBe(0);
      },
    );
  });

  // The time is up in mid-transfer; the session in the last heartbeat is still open, and the transfer must not end in a file.
  it('of an upload that did not end in its time', async () => {
    await within(
      { faults: [{ on: 'upload', do: 'pace', bytesPerSecond: MiB }] },
      async (emulator, { client }) => {
        const handle = await client.start(file.path, { uploadTimeout: '4s' });
        await expect(handle.result()).rejects.toMatchObject({
          name: 'UploadFailedError',
          // The message is the activity's: Temporal's timeout did not have to end it.
          message: expect.stringMatching(
            /^The upload of files\/\S+ did not end within its uploadTimeout$/,
          ) as string,
          cleanup: 'deleted',
        });
        const { events } = await handle.workflow.fetchHistory();
        expect(events?.filter((event) => event.activityTaskTimedOutEventAttributes)).toEqual([]);
        expect(emulator.sessions).toMatchObject([{ state: 'cancelled' }]);
        expect(emulator.files.size).toBe(0);
      },
    );
  });
});

// Three layers that each try three times make 27 requests of one. Here only Temporal repeats: attempts at 0, 1, 3 and 7 s fit into
// 14 s (in a minute they are six, with those at 15 and 31 s), and each makes one request. So for the delete: 0 and 1 s fit into 2.9 s.
// A retry that would come later ends the activity at once, so these times last no longer than they have to.
describe('a dead server gets one request an attempt', () => {
  const always = { times: 'always' } as const;
  const midUpload: Fault = { on: 'upload', do: 'reset', afterBytes: MiB };
  const cases: [string, Fault[], string[]][] = [
    [
      'where it answers 503',
      [faults.unavailable('*', always)],
      ['start', 'get', 'get', 'get', 'delete', 'delete'],
    ],
    // No session was opened, so there is nothing to clean up.
    ['where it resets', [{ on: '*', do: 'reset', ...always }], ['start', 'get', 'get', 'get']],
    [
      'where it answers 503 from mid-upload on',
      [midUpload, faults.unavailable('*', { ...always, skip: 1 })],
      ['start', 'upload', 'query', 'query', 'query', 'query', 'cancel', 'cancel'],
    ],
    [
      'where it resets from mid-upload on',
      [midUpload, { on: '*', do: 'reset', ...always, skip: 1 }],
      ['start', 'upload', 'query', 'query', 'query', 'query', 'cancel', 'cancel'],
    ],
  ];

  it.concurrent.each(cases)('%s', async (_, script, expected) => {
    await within({ faults: script }, async (emulator, { client }) => {
      const times = { uploadTimeout: '14s', cleanupTimeout: '2900ms' } as const;
      const result = client.uploadAndWaitActive(file.path, times);
      const cleanup = expected.at(-1) === 'get' ? {} : { cleanup: 'failed' };
      await expect(result).rejects.toMatchObject({ name: 'UploadFailedError', ...cleanup });
      expect(operations(emulator)).toEqual(expected);
    });
  });
});
