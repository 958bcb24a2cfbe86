/** A run that ends without an ACTIVE file leaves no file, and reports the outcome of its clean-up. */

import { DefaultLogger, defaultSinks, type LogEntry } from '@temporalio/worker';
import { describe, expect, it } from 'vitest';
import {
  FileNotFoundError,
  InvalidCredentialsError,
  UploadFailedError,
  UploadInactiveError,
} from '../../src/client/index.js';
import { faults } from '../../src/testing/index.js';
import { useTestFolder } from '../support/files.js';
import { ended, MODES, operations, QUICK, scenario, uploadedName } from '../support/scenario.js';
import { useSharedDevServer } from '../support/temporal.js';

const env = await useSharedDevServer();
const folder = await useTestFolder();
const video = await folder.file('clip.mp4', 10_000);

const SHORT = { ...QUICK, timeout: '250ms' } as const;

describe.concurrent.each(MODES)('%s', (_, mode) => {
  it('deletes a file that is not ACTIVE in time', async () => {
    await using at = await scenario(env, folder, {}, mode);
    const { error, status, activities } = await at.run(async () =>
      ended(env, await at.client.start(video.path, SHORT)),
    );
    const id = at.emulator.requests.at(-1)?.file;
    expect(error).toBeInstanceOf(UploadInactiveError);
    const polls = activities.filter((name) => name === 'geminiFilesCheck').length;
    expect(error).toMatchObject({ provider: 'google', id, state: 'PROCESSING', polls, cleanup: 'deleted' });
    expect(status).toBe('FAILED');
    expect(activities.at(-1)).toBe('geminiFilesDelete');
    expect(operations(at.emulator).filter((operation) => operation === 'delete')).toHaveLength(1);
    expect(at.emulator.files.size).toBe(0);
  });

  it("deletes a file that FAILED, and gives the provider's words", async () => {
    await using at = await scenario(env, folder, {}, mode);
    const { error } = await at.run(async () => {
      const handle = await at.client.start(video.path, { ...QUICK, timeout: '1m' });
      at.emulator.fail(await uploadedName(at.emulator), { code: 13, message: 'Unsupported codec.' });
      return ended(env, handle);
    });
    expect(error).toBeInstanceOf(UploadFailedError);
    expect(error).toMatchObject({ state: 'FAILED', cleanup: 'deleted' });
    expect((error as Error).message).toMatch(
      /^The provider failed to process files\/[0-9a-f-]{36} \(.*clip\.mp4\): Unsupported codec\.$/,
    );
    expect((error as Error).cause).not.toHaveProperty('cause.type');
    expect(at.emulator.files.size).toBe(0);
  });

  it('deletes nothing if nothing was sent', async () => {
    await using at = await scenario(env, folder, {}, mode);
    const { error, activities } = await at.run(async () => ended(env, await at.client.start('missing.mp4')));
    expect(error).toBeInstanceOf(FileNotFoundError);
    expect(error).not.toMatchObject({ id: expect.anything() as unknown });
    expect(error).not.toMatchObject({ cleanup: expect.anything() as unknown });
    expect(activities).toEqual(['geminiFilesUpload']);
    expect(at.emulator.requests).toEqual([]);
  });
});

it.concurrent('keeps the file and reports it if cleanupOnTimeout is false', async () => {
  await using at = await scenario(env, folder);
  const settings = { ...SHORT, cleanupOnTimeout: false };
  const { error, activities } = await at.run(async () =>
    ended(env, await at.client.start(video.path, settings)),
  );
  expect(error).toBeInstanceOf(UploadInactiveError);
  expect(error).toMatchObject({ id: await uploadedName(at.emulator), cleanup: 'kept' });
  expect(activities).not.toContain('geminiFilesDelete');
});

it.concurrent(
  'stays an UploadInactiveError if the delete fails; the details and a log line report it',
  async () => {
    const logs: LogEntry[] = [];
    const sinks = defaultSinks(new DefaultLogger('WARN', (entry) => void logs.push(entry)));
    await using at = await scenario(
      env,
      folder,
      { faults: [faults.unavailable('delete', { times: 'always' })] },
      { sinks },
    );
    const { error, activities } = await at.run(async () =>
      ended(env, await at.client.start(video.path, { ...SHORT, cleanupTimeout: '5s' })),
    );
    const id = await uploadedName(at.emulator);
    expect(error).toBeInstanceOf(UploadInactiveError);
    expect(error).toMatchObject({ id, cleanup: 'failed', state: 'PROCESSING' });
    expect(activities.at(-1)).toBe('geminiFilesDelete');
    const deletes = operations(at.emulator).filter((operation) => operation === 'delete');
    expect(deletes.length).toBeGreaterThanOrEqual(2);
    const warnings = logs.filter(({ message }) => message.startsWith('The file could not be deleted'));
    expect(warnings).toHaveLength(1);
    expect(warnings[0]?.meta).toMatchObject({
      file: id,
      reason: expect.stringMatching(/^delete: http.* answered 503 with an empty body$/) as unknown,
    });
  },
);

it.concurrent(
  'repeats a delete whose answer was lost until half a minute after the upload before a denial counts',
  async () => {
    await using at = await scenario(env, folder, { faults: [{ on: 'delete', do: 'loseAnswer' }] });
    const { error } = await at.run(async () => ended(env, await at.client.start(video.path, SHORT)));
    expect(error).toMatchObject({ name: 'UploadInactiveError', cleanup: 'deleted' });
    const { requests } = at.emulator;
    const [first, ...denied] = requests.filter(({ operation }) => operation === 'delete');
    expect(first).toMatchObject({ outcome: 'reset' });
    expect(new Set(denied.map(({ status }) => status))).toEqual(new Set([403]));
    const uploadedAt = requests.find(({ operation }) => operation === 'upload')?.startedAt ?? 0;
    expect((denied.at(-1)?.startedAt ?? 0) - uploadedAt).toBeGreaterThanOrEqual(30_000);
    expect(at.emulator.files.size).toBe(0);
  },
);

it.concurrent('deletes after a failed upload whose outcome is not known', async () => {
  // The work is done, its answer never comes, and no other request of the upload is let through.
  await using at = await scenario(env, folder, {
    faults: [
      { on: 'finalize', do: 'loseAnswer' },
      { on: 'query', do: 'reset', times: 'always' },
      { on: 'get', do: 'reset', times: 'always' },
      { on: 'finalize', do: 'reset', times: 'always' },
    ],
  });
  const { error, activities } = await at.run(async () =>
    // Time for a worker to begin: the file has to be there. Other tests of this file take longer.
    ended(env, await at.client.start(video.path, { uploadTimeout: '10s' })),
  );
  const { requests } = at.emulator;
  expect(requests.some(({ fault }) => fault?.do === 'loseAnswer')).toBe(true);
  expect(requests.filter(({ operation, status }) => operation === 'delete' && status === 200)).toHaveLength(
    1,
  );
  expect(error).toBeInstanceOf(UploadFailedError);
  expect(error).toMatchObject({ cleanup: 'deleted', id: at.emulator.requests.at(-1)?.file });
  expect((error as Error).message).toMatch(/^The upload did not end in time: /);
  expect(activities).toEqual(['geminiFilesUpload', 'geminiFilesDelete']);
  expect(at.emulator.files.size).toBe(0);
});

it.concurrent(
  'gives up on a server that is dead, and has nothing to clean up: no session was opened',
  async () => {
    await using at = await scenario(env, folder);
    await at.emulator.close();
    const { error, status, activities } = await at.run(async () =>
      // Time for a worker to begin: an upload that nobody has begun may be under way, as far as the workflow knows.
      ended(env, await at.client.start(video.path, { uploadTimeout: '10s' })),
    );
    expect(error).toBeInstanceOf(UploadFailedError);
    expect(error).toMatchObject({ kind: 'connection', polls: 0 });
    expect(error).not.toHaveProperty('cleanup');
    expect((error as Error).message).toContain('ECONNREFUSED');
    expect(status).toBe('FAILED');
    expect(activities).toEqual(['geminiFilesUpload']);
  },
);

it.concurrent(
  'ends on a provider that is not reached for unreachableTimeout, long before uploadTimeout',
  async () => {
    await using at = await scenario(env, folder, {}, { unreachableTimeout: '2s' });
    await at.emulator.close();
    const { error, activities } = await at.run(async () => ended(env, await at.client.start(video.path)));
    expect(error).toMatchObject({ name: 'ProviderError', kind: 'connection' });
    expect(error).not.toHaveProperty('cleanup');
    expect(activities).toEqual(['geminiFilesUpload']);
  },
);

it.concurrent('ends a wait for a file that no check has found after unreachableTimeout', async () => {
  await using at = await scenario(env, folder, {}, { unreachableTimeout: '2s' });
  await at.emulator.close();
  const { error, activities } = await at.run(async () =>
    ended(env, await at.client.startWait('files/of-somebody-else', { timeout: '1h' })),
  );
  expect(error).toMatchObject({ name: 'ProviderError', kind: 'connection', cleanup: 'kept' });
  expect(activities).toEqual(['geminiFilesCheck']);
});

it.concurrent(
  'bounds the clean-up of a run that is cancelled between two attempts that reached nobody',
  async () => {
    await using at = await scenario(env, folder, {}, { unreachableTimeout: '3s' });
    await at.emulator.close();
    const { status, activities } = await at.run(async () => {
      const handle = await at.client.start(video.path);
      for await (const { lastFailure } of at.client.progress(handle, { intervalMs: 50 }))
        if (lastFailure?.nextAttemptAt) break;
      await handle.cancel();
      return ended(env, handle);
    });
    expect(status).toBe('CANCELLED');
    // Temporal does not tell whether an attempt had opened a session, so the file is looked for.
    expect(activities).toEqual(['geminiFilesUpload', 'geminiFilesDelete']);
  },
);

it.concurrent('has nothing to clean up after a key that is refused at the start', async () => {
  await using at = await scenario(env, folder, {
    faults: [faults.error('start', 400, 'API key not valid.')],
  });
  const { error, activities } = await at.run(async () => ended(env, await at.client.start(video.path)));
  expect(error).toMatchObject({ name: 'InvalidCredentialsError', operation: 'start' });
  expect(error).not.toHaveProperty('cleanup');
  expect(activities).toEqual(['geminiFilesUpload']);
});

it.concurrent('ends at once on a key that is refused in a check, and still tries to delete', async () => {
  const refused = faults.error('get', 400, 'API key not valid. Please pass a valid API key.', {
    details: [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: 'API_KEY_INVALID' }],
  });
  await using at = await scenario(env, folder, { faults: [refused] });
  const { error } = await at.run(async () => ended(env, await at.client.start(video.path, QUICK)));
  expect(error).toBeInstanceOf(InvalidCredentialsError);
  const provider = { status: 400, kind: 'credentials', operation: 'get' };
  expect(error).toMatchObject({ ...provider, state: 'PROCESSING', polls: 0, cleanup: 'deleted' });
  expect(operations(at.emulator)).toEqual(['start', 'upload', 'get', 'delete']);
  expect(at.emulator.files.size).toBe(0);
});
