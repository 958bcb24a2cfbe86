/** A key from a function that stops working is asked for once more before the error. */

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { sealSession, startUpload } from '../../src/gemini/index.js';
import { GeminiFilesEmulator, type Fault } from '../../src/testing/index.js';
import { resolveSettings } from '../../src/worker/internal.js';
import { failureOf, runActivity, type ActivityRun } from '../support/activity.js';
import { NAME } from '../support/connection.js';
import { testFolder, type TestFile, type TestFolder } from '../support/files.js';

const OLD = 'AIza-the-key-before-its-rotation';
const NEW = 'AIza-the-key-after-its-rotation-';
const MiB = 1024 * 1024;

/** The provider's answer to a revoked key; the emulator checks the key of a data request only by such a fault. */
const revoked: Omit<Fault & { do: 'respond' }, 'on'> = {
  do: 'respond',
  status: 401,
  json: {
    error: { code: 401, message: 'API keys are not supported by this API.', status: 'UNAUTHENTICATED' },
  },
};

let folder: TestFolder;
let file: TestFile;
let emulator: GeminiFilesEmulator;
beforeAll(async () => {
  folder = await testFolder();
  file = await folder.file('clip.mp4', 20 * MiB);
});
afterAll(() => folder[Symbol.asyncDispose]());
beforeEach(async () => void (emulator = await GeminiFilesEmulator.start({ apiKeys: [NEW] })));
afterEach(async () => {
  emulator.assertFaultsConsumed();
  await emulator.close();
});

/** A secret manager that brings `keys`, in order, and the last one from then on. */
function vault(...keys: readonly string[]) {
  const asked: string[] = [];
  const apiKey = () => {
    const key = keys[Math.min(asked.length, keys.length - 1)] ?? '';
    asked.push(key);
    return Promise.resolve(key);
  };
  return { apiKey, asked };
}

const settings = (apiKey: string | (() => Promise<string>)) =>
  resolveSettings({ apiKey, baseUrl: emulator.url, allowedRoots: [folder.path] }, {});

function start<N extends 'geminiFilesUpload' | 'geminiFilesCheck' | 'geminiFilesDelete'>(
  name: N,
  apiKey: string | (() => Promise<string>),
  info: object = {},
  more: object = {},
) {
  const input = { name: NAME, ...(name === 'geminiFilesUpload' && { path: 'clip.mp4' }), ...more };
  return runActivity(name, input as never, { deps: settings(apiKey), info }) as ActivityRun<unknown>;
}
const operations = () => emulator.requests.map(({ operation }) => operation);
const keysSent = () => emulator.requests.map(({ headers }) => headers['x-goog-api-key']);

describe.each([
  // Whether the refused start did anything is not known: the name is looked for.
  ['geminiFilesUpload', ['start', 'get', 'start', 'upload']],
  ['geminiFilesCheck', ['get', 'get']],
  ['geminiFilesDelete', ['delete', 'delete']],
] as const)('%s', (name, requests) => {
  it('asks for the key once more, and continues with the new key', async () => {
    const { apiKey, asked } = vault(OLD, NEW);
    await start(name, apiKey).result;
    expect(asked).toEqual([OLD, NEW]);
    expect(operations()).toEqual(requests);
    expect(keysSent()).toEqual([OLD, ...requests.slice(1).map(() => NEW)]);
  });

  it('asks once, not for ever: a second key that is refused is the error', async () => {
    const { apiKey, asked } = vault(OLD, `${OLD}2`, NEW);
    expect(await failureOf(start(name, apiKey).result)).toMatchObject({
      type: 'InvalidCredentialsError',
      retryable: false,
    });
    expect(asked).toHaveLength(2);
    expect(operations()).toEqual(requests.slice(0, 2));
  });

  it('does not try the same key again, of a function or not', async () => {
    const { apiKey, asked } = vault(OLD);
    expect(await failureOf(start(name, apiKey).result)).toMatchObject({ type: 'InvalidCredentialsError' });
    expect(asked).toEqual([OLD, OLD]);
    expect(await failureOf(start(name, OLD).result)).toMatchObject({ type: 'InvalidCredentialsError' });
    expect(operations()).toEqual([requests[0], requests[0]]);
  });

  it('does not ask again for another error than the key’s', async () => {
    const { apiKey, asked } = vault(NEW);
    emulator.addFaults({ on: requests[0], do: 'respond', status: 400, text: 'no' });
    await failureOf(start(name, apiKey).result);
    expect(asked).toEqual([NEW]);
  });
});

describe('in mid-upload', () => {
  beforeEach(async () => {
    await emulator.close();
    emulator = await GeminiFilesEmulator.start({ apiKeys: [OLD, NEW] });
  });

  it('continues in the open session, each byte once', async () => {
    // A break first, so that bytes have been confirmed when the key is refused.
    emulator.addFaults({ on: 'upload', do: 'reset', afterBytes: 9 * MiB }, { on: 'upload', ...revoked });
    const { apiKey, asked } = vault(OLD, NEW);
    const run = start('geminiFilesUpload', apiKey);
    expect(await run.result).toMatchObject({ name: NAME, sha256: file.sha256, sizeBytes: file.sizeBytes });
    expect(asked).toEqual([OLD, NEW]);
    expect(operations()).toEqual(['start', 'upload', 'query', 'upload', 'query', 'upload']);
    expect(keysSent()).toEqual([OLD, OLD, OLD, OLD, NEW, NEW]);
    expect(emulator.requests.at(-1)?.offset).toBe(8 * MiB);
    expect(emulator.sessions).toHaveLength(1);
  });

  it('leaves it to the next attempt to open a session if the new key may not use the old one', async () => {
    emulator.addFaults(
      { on: 'upload', ...revoked },
      {
        on: 'query',
        do: 'respond',
        status: 403,
        json: {
          error: { code: 403, message: 'The caller does not have permission', status: 'PERMISSION_DENIED' },
        },
      },
    );
    const first = start('geminiFilesUpload', vault(OLD, NEW).apiKey);
    expect(await failureOf(first.result)).toMatchObject({ type: 'ProviderError', retryable: true });
    const heartbeatDetails = first.heartbeats.at(-1);
    expect(heartbeatDetails).not.toHaveProperty('session');
    const second = start('geminiFilesUpload', NEW, { attempt: 2, heartbeatDetails });
    expect(await second.result).toMatchObject({ name: NAME, sha256: file.sha256 });
    expect(operations()).toEqual(['start', 'upload', 'query', 'get', 'get', 'start', 'upload']);
    expect([...emulator.files.keys()]).toEqual([NAME]);
  });

  it('does not upload twice what was finished when the key was refused', async () => {
    // One project has both keys: what the old one uploaded, the new one sees.
    await emulator.close();
    emulator = await GeminiFilesEmulator.start();
    emulator.addFaults({ on: 'finalize', do: 'loseAnswer' }, { on: 'query', ...revoked });
    const run = start('geminiFilesUpload', vault(OLD, NEW).apiKey);
    expect(await run.result).toMatchObject({ name: NAME, sha256: file.sha256 });
    expect(operations()).toEqual(['start', 'upload', 'query', 'query']);
  });

  it('seals the session under the new key, for the next attempt', async () => {
    emulator.addFaults(
      { on: 'upload', do: 'reset', afterBytes: 9 * MiB },
      { on: 'query', ...revoked },
      { on: 'query', do: 'reset' },
    );
    const first = start('geminiFilesUpload', vault(OLD, NEW).apiKey);
    expect(await failureOf(first.result)).toMatchObject({ type: 'ProviderError', retryable: true });
    const second = start('geminiFilesUpload', NEW, { attempt: 2, heartbeatDetails: first.heartbeats.at(-1) });
    await second.result;
    expect(operations()).toEqual(['start', 'upload', 'query', 'query', 'query', 'upload']);
    expect(emulator.sessions).toHaveLength(1);
  });
});

describe('between two attempts', () => {
  beforeEach(async () => {
    await emulator.close();
    emulator = await GeminiFilesEmulator.start({ apiKeys: [OLD, NEW] });
  });
  const cutOff = async () => {
    emulator.addFaults({ on: 'upload', do: 'reset', afterBytes: 9 * MiB }, { on: 'query', do: 'reset' });
    const first = start('geminiFilesUpload', OLD);
    await failureOf(first.result);
    return { attempt: 2, heartbeatDetails: first.heartbeats.at(-1) };
  };

  it('a session that the new key can not open is left, and one file comes of it, of the same name', async () => {
    const info = await cutOff();
    const second = start('geminiFilesUpload', vault(NEW).apiKey, info);
    expect(await second.result).toMatchObject({ name: NAME, sha256: file.sha256 });
    expect(operations().slice(3)).toEqual(['get', 'start', 'upload']);
    expect([...emulator.files.keys()]).toEqual([NAME]);
    expect(emulator.sessions.map(({ state }) => state)).toEqual(['active', 'final']);
  });

  it('a function that brings the old key first opens the session with it, and continues with the new one', async () => {
    const info = await cutOff();
    emulator.addFaults({ on: 'query', ...revoked });
    await start('geminiFilesUpload', vault(OLD, NEW).apiKey, info).result;
    expect(operations().slice(3)).toEqual(['query', 'query', 'upload']);
    expect(keysSent().slice(3)).toEqual([OLD, NEW, NEW]);
  });

  it('a clean-up ends the session that the old key opens, with the new one', async () => {
    const connection = await settings(OLD).connect();
    const opened = await startUpload(connection, {
      name: NAME,
      displayName: 'x',
      mimeType: 'text/plain',
      sizeBytes: 5,
    });
    emulator.addFaults({ on: 'cancel', ...revoked }, { on: 'delete', ...revoked });
    const session = sealSession(opened, OLD, NAME);
    await start('geminiFilesDelete', vault(OLD, NEW).apiKey, {}, { session }).result;
    expect(operations()).toEqual(['start', 'cancel', 'delete', 'cancel', 'delete']);
    expect(emulator.sessions).toMatchObject([{ state: 'cancelled' }]);
  });
});
