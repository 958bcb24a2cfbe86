/** A run ends with exactly one ACTIVE file, or with none, also if the provider is slower than the worker or an intermediary answers. */

import { describe, expect, it } from 'vitest';
import { UploadInactiveError } from '../../src/client/index.js';
import {
  faults,
  GeminiFilesEmulator,
  type EmulatorOptions,
  type RecordedRequest,
} from '../../src/testing/index.js';
import { useTestFolder } from '../support/files.js';
import { ended, QUICK, scenario } from '../support/scenario.js';
import { useSharedDevServer } from '../support/temporal.js';
import { testWorker } from '../support/worker.js';

const env = await useSharedDevServer();
const folder = await useTestFolder();
const video = await folder.file('clip.mp4', 10_000);

describe.concurrent('a finalize that continues at the provider after its request has ended', () => {
  // A gateway answers 504, the provider carries on, and the run is cancelled meanwhile.
  it.each(['refuse', 'ignore'] as const)(
    'leaves no file after a cancellation (a cancel of the session: %s)',
    async (cancel) => {
      await using at = await scenario(env, folder, {
        faults: [{ on: 'finalize', do: 'slowFinalize', ms: 6000, answer: { status: 504 }, cancel }],
      });
      const { status } = await at.run(async () => {
        const handle = await at.client.start(video.path);
        await at.emulator.waitFor(() => at.emulator.sessions[0]?.state === 'finalizing');
        await handle.cancel();
        return ended(env, handle);
      });
      expect(status).toBe('CANCELLED');
      // The run ended only after the file had appeared and was deleted.
      expect(
        at.emulator.requests.filter(({ operation, status }) => operation === 'delete' && status === 200),
      ).toHaveLength(1);
      expect(at.emulator.files.size).toBe(0);
    },
  );
});

describe.concurrent('a file that is not visible at once', () => {
  const isDenied = ({ status }: RecordedRequest) => status === 403;

  it('is waited for, although the provider denies it for five seconds', async () => {
    await using at = await scenario(env, folder, { outcome: 'ACTIVE', processing: '1s', visibleAfter: '5s' });
    const { result } = await at.run(async () => ended(env, await at.client.start(video.path, QUICK)));
    expect(result).toMatchObject({ state: 'ACTIVE' });
    expect(at.emulator.files.size).toBe(1);
  });

  it('is deleted when it becomes visible, if the wait has ended before', async () => {
    await using at = await scenario(env, folder, { visibleAfter: '10m' });
    const { error } = await at.run(async () => {
      const handle = await at.client.start(video.path, { ...QUICK, timeout: '1s' });
      await at.emulator.waitFor((requests) =>
        requests.some((one) => one.operation === 'delete' && isDenied(one)),
      );
      at.emulator.advance(600_000);
      return ended(env, handle);
    });
    expect(error).toBeInstanceOf(UploadInactiveError);
    expect(error).toMatchObject({ cleanup: 'deleted' });
    expect(at.emulator.files.size).toBe(0);
  });

  // The answer to the finalize is lost; the next start says 409, which proves that the file exists.
  it('is adopted after a 409 to the start of the next attempt', async () => {
    await using at = await scenario(env, folder, {
      outcome: 'ACTIVE',
      processing: '0s',
      visibleAfter: '10m',
      conflictStage: 'start',
      faults: [{ on: 'finalize', do: 'loseAnswer' }, faults.respond('query', 404)],
    });
    const { result } = await at.run(async () => {
      const handle = await at.client.start(video.path, QUICK);
      const conflict = await at.emulator.waitFor(
        (requests) => requests.findIndex(({ status }) => status === 409) + 1,
      );
      await at.emulator.waitFor((requests) => requests.slice(conflict).some(isDenied));
      at.emulator.advance(600_000);
      return ended(env, handle);
    });
    expect(result).toMatchObject({ state: 'ACTIVE' });
    expect(at.emulator.files.size).toBe(1);
  });
});

describe.concurrent('an answer that is not the provider’s', () => {
  const answers: [string, EmulatorOptions['faults']][] = [
    ['a login page with 200', [faults.loginPage('delete')]],
    ['an HTML 403', [faults.htmlError('delete', 403)]],
    ['a redirect', [faults.loginRedirect('delete')]],
    ['an empty 200', [faults.emptyAnswer('delete')]],
  ];
  it.each(answers)('does not count as a delete: %s', async (_, scripted) => {
    await using at = await scenario(env, folder, { faults: scripted ?? [] });
    const { error } = await at.run(async () =>
      ended(env, await at.client.start(video.path, { ...QUICK, timeout: 0 })),
    );
    expect(error).toMatchObject({ name: 'UploadInactiveError', cleanup: 'deleted' });
    at.emulator.assertFaultsConsumed();
    expect(at.emulator.files.size).toBe(0);
  });

  it('does not end a wait: HTML 404 twice, HTML 403, a redirect', async () => {
    await using at = await scenario(env, folder, {
      outcome: 'ACTIVE',
      processing: '0s',
      faults: [
        faults.htmlError('get', 404),
        faults.htmlError('get', 404),
        faults.htmlError('get', 403),
        faults.loginRedirect('get'),
        faults.respond('finalize', 200, { work: 'after', headers: { 'X-Goog-Upload-Status': 'final' } }),
      ],
    });
    const { result } = await at.run(async () => ended(env, await at.client.start(video.path, QUICK)));
    expect(result).toMatchObject({ state: 'ACTIVE' });
    expect(at.emulator.files.size).toBe(1);
  });
});

it.concurrent(
  'a denial to the key of another project proves nothing: the failure says so, and the clean-up is failed',
  async () => {
    await using emulator = await GeminiFilesEmulator.start({
      outcome: 'NEVER',
      apiKeys: ['first-key', 'other-key'],
    });
    const options = { baseUrl: emulator.url, allowedRoots: [folder.path] };
    const first = await testWorker(env, { ...options, apiKey: 'first-key' });
    const settings = { ...QUICK, timeout: '6s', cleanupTimeout: '3s' } as const;
    const handle = await first.run(async () => {
      const started = await first.client.start(video.path, settings);
      await emulator.waitFor((requests) => requests.some(({ operation }) => operation === 'get'));
      return started;
    });
    const second = await testWorker(env, { ...options, taskQueue: first.taskQueue, apiKey: 'other-key' });
    const { error } = await second.run(() => ended(env, handle));
    expect(error).toMatchObject({ name: 'UploadInactiveError', cleanup: 'failed' });
    expect((error as Error).message).toMatch(/API key is not the one that uploaded the file/);
    expect(emulator.files.size).toBe(1);
  },
);
