/** The activities `geminiFilesCheck` and `geminiFilesDelete`. */

import type { Client } from '@temporalio/client';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keyFingerprint, sealSession, startUpload } from '../../src/gemini/index.js';
import { faults, GeminiFilesEmulator } from '../../src/testing/index.js';
import { failureOf, runActivity } from '../support/activity.js';
import { connectionTo, KEY, NAME } from '../support/connection.js';

let emulator: GeminiFilesEmulator;
beforeEach(async () => void (emulator = await GeminiFilesEmulator.start()));
afterEach(async () => {
  emulator.assertFaultsConsumed();
  await emulator.close();
});

const check = () =>
  runActivity('geminiFilesCheck', { name: NAME }, { connection: connectionTo(emulator.url) }).result;
const remove = (session?: string, info: object = {}) =>
  runActivity(
    'geminiFilesDelete',
    { name: NAME, ...(session !== undefined && { session }) },
    { connection: connectionTo(emulator.url), info },
  ).result;
const addFile = () => emulator.addFile({ name: NAME, content: 'words', apiKey: KEY });
const operations = () => emulator.requests.map((one) => one.operation);

describe('geminiFilesCheck', () => {
  it('finds the file', async () => {
    addFile();
    expect(await check()).toMatchObject({ found: true, file: { name: NAME, state: 'ACTIVE', sizeBytes: 5 } });
    expect(operations()).toEqual(['get']);
  });

  it('takes a missing state for PROCESSING', async () => {
    addFile();
    emulator.addFaults({ on: 'get', do: 'omitState' });
    expect(await check()).toMatchObject({ found: true, file: { state: 'PROCESSING' } });
  });

  it('reports what the provider denies: its 403 for an unknown name, and a 404', async () => {
    expect(await check()).toMatchObject({
      found: false,
      status: 403,
      message: expect.stringContaining('or it may not exist') as string,
    });
    emulator.addFaults(faults.error('get', 404, 'File not found.'));
    expect(await check()).toMatchObject({ found: false, status: 404 });
  });

  it("takes a key's 403 for what it is", async () => {
    emulator.addFaults(
      faults.error('get', 403, 'Your API key was reported as leaked. Please use another API key.'),
    );
    expect(await failureOf(check())).toMatchObject({ type: 'InvalidCredentialsError', retryable: false });
  });

  it.each([
    ['no JSON', faults.respond('get', 200, { text: '<html>' })],
    ['null', faults.respond('get', 200, { text: 'null' })],
    ['no file', faults.respond('get', 200, { json: {} })],
    ['a list', faults.respond('get', 200, { text: '[]' })],
    ['nothing', faults.respond('get', 200)],
    ['half of it', { on: 'get', do: 'cutAnswer', afterBytes: 10 } as const],
    ['a reset', { on: 'get', do: 'reset' } as const],
  ])('an answer with %s is to be asked for again, in one request a try', async (_, fault) => {
    addFile();
    emulator.addFaults(fault);
    expect(await failureOf(check())).toMatchObject({ type: 'ProviderError', retryable: true });
    expect(operations()).toEqual(['get']);
  });
});

describe('geminiFilesDelete', () => {
  it('deletes', async () => {
    addFile();
    await remove();
    expect(emulator.files.size).toBe(0);
  });

  it('of an upload of which nothing is known ends within unreachableTimeout, also on a server that stays silent', async () => {
    emulator.addFaults({ on: 'delete', do: 'stall' });
    const deps = {
      connect: () => Promise.resolve(connectionTo(emulator.url)),
      allowedRoots: [],
      unreachableTimeoutMs: 120_000,
    };
    const now = Date.now();
    const info = { attempt: 5, scheduledTimestampMs: now - 119_000, currentAttemptScheduledTimestampMs: now };
    const { result } = runActivity('geminiFilesDelete', { name: NAME }, { deps, info });
    expect(await failureOf(result)).toMatchObject({ type: 'ProviderError', retryable: false });
  }, 4000);

  it('of a file that may reappear is certain under a rotated key, too, if an attempt has deleted the file under that key', async () => {
    addFile();
    const input = {
      name: NAME,
      keyFingerprint: keyFingerprint('the key before'),
      settleMs: 30_000,
      mayReappear: true as const,
    };
    const stored: unknown[] = [];
    const client = {
      withAbortSignal: (_: AbortSignal, work: () => Promise<void>) => work(),
      withDeadline: (_: number, work: () => Promise<void>) => work(),
      activity: {
        heartbeat: (_: Uint8Array, details: unknown) => Promise.resolve(void stored.push(details)),
      },
    } as unknown as Client;
    const attempt = (afterMs: number, heartbeatDetails?: unknown) =>
      runActivity('geminiFilesDelete', input, {
        connection: connectionTo(emulator.url),
        client,
        info: {
          scheduledTimestampMs: 1_000_000,
          currentAttemptScheduledTimestampMs: 1_000_000 + afterMs,
          heartbeatDetails,
        },
      });
    expect(await failureOf(attempt(0).result)).toMatchObject({
      message: expect.stringContaining('may still create it') as string,
    });
    expect(stored).toEqual([{ deletedBy: keyFingerprint(KEY) }]);
    await attempt(31_000, stored[0]).result;
    // What another key has deleted, or nobody, says nothing of this key.
    for (const details of [{ deletedBy: keyFingerprint('another') }, undefined, 'text'])
      expect(await failureOf(attempt(31_000, details).result)).toMatchObject({
        message: expect.stringContaining('is not the one that uploaded it') as string,
      });
  });

  it('takes a file that is not there, by 403 or 404, for deleted', async () => {
    await remove();
    emulator.addFaults(faults.error('delete', 404, 'File not found.'));
    await remove();
    expect(operations()).toEqual(['delete', 'delete']);
  });

  it.each([
    ['a page', { text: '<html>Please log in</html>' }],
    ['JSON of somebody else', { json: { login: 'required' } }],
    ['a list', { text: '[]' }],
    ['null', { text: 'null' }],
    ['nothing', {}],
  ])('does not take a 200 with %s for deleted, but is tried again', async (_, body) => {
    addFile();
    emulator.addFaults(faults.respond('delete', 200, body));
    expect(await failureOf(remove())).toMatchObject({
      type: 'ProviderError',
      retryable: true,
      message: expect.stringMatching(/answered 200 without the \{\} of a delete/) as unknown,
    });
    expect(emulator.files.size).toBe(1);
    await remove();
    expect(emulator.files.size).toBe(0);
    expect(operations()).toEqual(['delete', 'delete']);
  });

  it('does not mind that its answer was lost: the next attempt meets 403', async () => {
    addFile();
    emulator.addFaults({ on: 'delete', do: 'loseAnswer' });
    expect(await failureOf(remove())).toMatchObject({ type: 'ProviderError', retryable: true });
    await remove();
    expect(emulator.files.size).toBe(0);
  });

  describe('with the session of an upload that was cut off', () => {
    const openUpload = async () => {
      const connection = connectionTo(emulator.url);
      const input = { name: NAME, displayName: 'x', mimeType: 'text/plain', sizeBytes: 5 };
      return sealSession(await startUpload(connection, input), KEY, NAME);
    };

    it('ends it first', async () => {
      await remove(await openUpload());
      expect(operations()).toEqual(['start', 'cancel', 'delete']);
      expect(emulator.sessions).toMatchObject([{ state: 'cancelled' }]);
    });

    it.each([
      ['ended', 'terminateSession'],
      ['expired', 'expireSession'],
      ['cancelled', 'cancelSession'],
    ] as const)('goes on where it is %s already', async (_, what) => {
      const session = await openUpload();
      emulator.addFaults({ on: 'cancel', do: what });
      await remove(session);
      expect(operations()).toEqual(['start', 'cancel', 'delete']);
    });

    it('asks a session that does not answer again, one request an attempt, and deletes in the third all the same', async () => {
      const session = await openUpload();
      addFile();
      emulator.addFaults(faults.unavailable('cancel', { times: 3 }));
      expect(await failureOf(remove(session))).toMatchObject({ type: 'ProviderError', retryable: true });
      expect(await failureOf(remove(session, { attempt: 2 }))).toMatchObject({ retryable: true });
      expect(operations().slice(-2)).toEqual(['cancel', 'cancel']);
      await remove(session, { attempt: 3 });
      expect(operations().slice(-2)).toEqual(['cancel', 'delete']);
      expect(emulator.files.size).toBe(0);
    });

    it('leaves a session alone that is not its own to open', async () => {
      await remove('v1.nonsense');
      await remove(sealSession({ url: 'https://elsewhere.test/u?upload_id=1', granularity: 1 }, KEY, NAME));
      expect(operations()).toEqual(['delete', 'delete']);
    });
  });
});
