/** Files from an https server and from a function, through everything that is real: Temporal, workers as processes, TLS. */

import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GeminiFilesClient } from '../../src/client/index.js';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { useTestFolder } from '../support/files.js';
import { ended, QUICK, scenario, type Ended } from '../support/scenario.js';
import { SourceServer } from '../support/source-server.js';
import { useDevServer } from '../support/temporal.js';
import { killHard, workerProcess } from '../support/worker-process.js';

const MiB = 1024 * 1024;
const content = randomBytes(24 * MiB);
const sha256 = createHash('sha256').update(content).digest('hex');

const env = await useDevServer();
const folder = await useTestFolder();
const extraCaCerts = join(folder.path, 'ca.pem');
let server: SourceServer;
beforeAll(async () => {
  server = await SourceServer.start();
  await writeFile(extraCaCerts, server.ca);
});
afterAll(() => server[Symbol.asyncDispose]());

// At once, since both wait for Temporal to notice the dead worker.
describe.concurrent('a file from an https server', () => {
  /** Kills a worker in the middle of the upload, calls `meanwhile`, and lets another one continue. */
  async function handedOver(
    emulator: GeminiFilesEmulator,
    path: string,
    meanwhile: () => void,
  ): Promise<Ended> {
    const taskQueue = `test-${randomUUID()}`;
    const { address, namespace = 'default' } = env;
    const options = {
      address,
      namespace,
      taskQueue,
      baseUrl: emulator.url,
      apiKey: 'test-key',
      allowedRoots: [],
      extraCaCerts,
      sources: { https: { allowedOrigins: [server.origin], allowedAddresses: ['127.0.0.0/8'] } },
    } as const;
    const client = new GeminiFilesClient(env.client, { taskQueue });
    server.files.set(path, { content });
    const source = server.url(`${path}?version=3`);
    const handle = await client.start({ source }, QUICK);
    const first = await workerProcess({ ...options, limits: { maxUploadBytesPerSecond: 12 * MiB } });
    await emulator.waitFor((requests) => requests.some(({ bytes }) => bytes > 12 * MiB));
    await killHard(first);
    meanwhile();
    const second = await workerProcess(options);
    return ended(env, handle).finally(() => killHard(second));
  }

  it('is uploaded by another worker in the same session, when the first one was killed', async ({
    expect,
  }) => {
    await using emulator = await GeminiFilesEmulator.start({ outcome: 'ACTIVE', processing: 0 });
    const { result, activities } = await handedOver(emulator, '/film.mp4', () => undefined);
    expect(result).toMatchObject({ state: 'ACTIVE', sha256, displayName: 'film.mp4', mimeType: 'video/mp4' });
    expect(activities).toEqual(['geminiFilesUpload']);
    expect(emulator.requests.filter(({ operation }) => operation === 'start')).toHaveLength(1);
    // Every request after the first one asks for the version that the first one found.
    const ofFilm = server.requests.filter(({ path }) => path.startsWith('/film'));
    const [, ...later] = ofFilm.map(({ headers }) => headers['if-range']);
    expect(later).toContain('"v1"');
  });

  it('that changed meanwhile is FileChangedError, and nothing is left at the provider', async ({
    expect,
  }) => {
    await using emulator = await GeminiFilesEmulator.start();
    const { error } = await handedOver(emulator, '/changing.mp4', () =>
      server.files.set('/changing.mp4', { content: randomBytes(24 * MiB), etag: '"v2"' }),
    );
    expect(error).toMatchObject({ name: 'FileChangedError', cleanup: 'deleted' });
    expect(emulator.files.size).toBe(0);
    expect(emulator.sessions.map(({ state }) => state)).not.toContain('active');
  });
});

describe('a worker in this process', () => {
  it('reads from a function, and shows the source in the summaries of the run', async () => {
    const store = (key: string) => ({
      sizeBytes: content.length,
      version: '1',
      name: `${key}.mp4`,
      async *read(start: number, end: number) {
        await Promise.resolve();
        for (let at = start; at < end; at += MiB) yield content.subarray(at, Math.min(at + MiB, end));
      },
    });
    await using at = await scenario(env, folder, { outcome: 'ACTIVE' }, { sources: { store } });
    const { result, events } = await at.run(async () => {
      const handle = await at.client.start({ source: 'store:talks/intro' }, QUICK);
      return ended(env, handle);
    });
    expect(result).toMatchObject({ sha256, displayName: 'talks/intro.mp4', mimeType: 'video/mp4' });
    const summaries = events.map(({ userMetadata }) => String(userMetadata?.summary?.data ?? ''));
    expect(summaries).toContain('"upload store:talks/intro"');
  });

  it('that permits no source fails with SourceNotAllowedError, and connects nowhere', async () => {
    await using at = await scenario(env, folder);
    const { connections } = server;
    const ends = await at.run(() =>
      Promise.all(
        [server.url('/film.mp4?version=s3cr3t'), 'store:film.mp4'].map(async (source) =>
          ended(env, await at.client.start({ source }, QUICK)),
        ),
      ),
    );
    for (const { error, activities } of ends) {
      expect(error).toMatchObject({ name: 'SourceNotAllowedError' });
      expect(String(error)).not.toContain('s3cr3t');
      expect(activities).toEqual(['geminiFilesUpload']);
    }
    expect(server.connections).toBe(connections);
    expect(at.emulator.requests).toEqual([]);
  });
});
