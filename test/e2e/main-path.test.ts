/** The main path with a real dev server, worker, sockets and files. */

import { describe, expect, it } from 'vitest';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { useTestFolder } from '../support/files.js';
import { useSharedDevServer } from '../support/temporal.js';
import { testWorker } from '../support/worker.js';

const env = await useSharedDevServer();
const folder = await useTestFolder();

describe('uploadAndWaitActive', () => {
  it('uploads a video, waits through PROCESSING and returns the ACTIVE file', async () => {
    await using emulator = await GeminiFilesEmulator.start({ outcome: 'NEVER' });
    const video = await folder.file('clip.mp4', 3_000_000);
    const { run, client } = await testWorker(env, { baseUrl: emulator.url, allowedRoots: [folder.path] });
    const result = await run(async () => {
      const ended = client.uploadAndWaitActive(video.path, { pollInterval: '1s', jitter: 0 });
      // After the first check has been answered with PROCESSING.
      await emulator.waitFor((requests) =>
        requests.some((one) => one.operation === 'get' && one.status === 200),
      );
      for (const name of emulator.files.keys()) emulator.activate(name);
      return ended;
    });

    const [file] = emulator.files.values();
    expect(emulator.files.size).toBe(1);
    expect(result).toEqual({
      provider: 'google',
      id: file?.name,
      uri: file?.uri,
      state: 'ACTIVE',
      mimeType: 'video/mp4',
      sizeBytes: 3_000_000,
      sha256: video.sha256,
      displayName: 'clip.mp4',
      expirationTime: file?.expirationTime,
      polls: 2,
      waitedMs: expect.any(Number) as number,
    });
    expect(result.waitedMs).toBeGreaterThanOrEqual(2500);
    expect(emulator.requests.map((request) => request.operation)).toEqual(['start', 'upload', 'get', 'get']);
  });

  it('does not wait for a file that is ACTIVE in the answer to its upload', async () => {
    await using emulator = await GeminiFilesEmulator.start();
    const text = await folder.file('notes.txt', 1000);
    const { run, client } = await testWorker(env, { baseUrl: emulator.url, allowedRoots: [folder.path] });
    const [uri, result] = await run(() =>
      Promise.all([client.preuploadAndWaitActive(text.path), client.uploadAndWaitActive('notes.txt')]),
    );
    expect(uri).toMatch(new RegExp(`^${emulator.url}/v1beta/files/[0-9a-f-]{36}$`));
    expect(result).toMatchObject({
      polls: 0,
      waitedMs: 0,
      state: 'ACTIVE',
      mimeType: 'text/plain',
      sha256: text.sha256,
    });
    expect(emulator.requests.filter((request) => request.operation === 'get')).toEqual([]);
  });
});
