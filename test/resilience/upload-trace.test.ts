/** What an attempt hands to the clean-up: with it, a finalize that may still create the file is never forgotten. */

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keyFingerprint, sealSession, type UploadStep } from '../../src/gemini/index.js';
import { errorBody } from '../../src/testing/emulator/error-bodies.js';
import { faults, GeminiFilesEmulator, type Fault } from '../../src/testing/index.js';
import { failureOf, runActivity, type ActivitySetting } from '../support/activity.js';
import { connectionTo, NAME } from '../support/connection.js';
import { useTestFolder } from '../support/files.js';
import { startUploading } from '../support/upload.js';

const folder = await useTestFolder();
const file = await folder.file('notes.txt', 1000);
let emulator: GeminiFilesEmulator;

beforeEach(async () => void (emulator = await GeminiFilesEmulator.start({ apiKeys: ['first', 'second'] })));
afterEach(() => emulator.close());

/** An attempt that the keys are given to one by one, and how it fails. */
function upload(keys: readonly string[], setting: Omit<ActivitySetting, 'roots'> = {}) {
  const left = [...keys];
  const connect = () => {
    const apiKey = left.shift();
    if (apiKey === undefined) return Promise.reject(new Error('The vault is sealed'));
    return Promise.resolve(connectionTo(emulator.url, { apiKey }));
  };
  const deps = { connect, allowedRoots: [folder.path] };
  return failureOf(
    runActivity('geminiFilesUpload', { name: NAME, path: file.path }, { deps, ...setting }).result,
  );
}

/** What an attempt with the first key has left after its finalize was sent. */
const finalizedByFirst = () => ({
  bytesSent: 1000,
  sizeBytes: 1000,
  session: sealSession(
    { url: `${emulator.url}/upload/v1beta/files?upload_id=x`, granularity: 1 },
    'first',
    NAME,
  ),
  keyFingerprint: keyFingerprint('first'),
  finalizing: true,
});

describe('after a change of the key', () => {
  // The file in doubt is in the first key's project: a denial to the second one proves nothing.
  it('the fingerprint stays that of the key which may have created the file', async () => {
    emulator.addFaults(faults.unavailable('finalize'));
    const { details } = await upload(['second'], {
      info: { attempt: 2, heartbeatDetails: finalizedByFirst() },
    });
    expect(details).toMatchObject([
      {},
      { finalizing: true, earlierFinalize: true, keyFingerprint: keyFingerprint('first') },
    ]);
  });

  it('the fingerprint is the new one, if the first session was never finalized', async () => {
    emulator.addFaults(faults.unavailable('finalize'));
    const { finalizing, ...opened } = finalizedByFirst();
    expect(finalizing).toBe(true);
    const { details } = await upload(['second'], { info: { attempt: 2, heartbeatDetails: opened } });
    expect(details).toEqual([
      expect.anything(),
      { session: expect.any(String) as string, finalizing: true, keyFingerprint: keyFingerprint('second') },
    ]);
  });

  // The first finalize broke, then the provider refused the key, and with the next key it refuses the file.
  it('a refusal does not settle the finalize that was sent with the key before', async () => {
    const refused: Fault = {
      on: 'finalize',
      do: 'respond',
      status: 400,
      final: true,
      json: errorBody(400, 'Unsupported MIME type: text/plain'),
    };
    emulator.addFaults(
      { on: 'finalize', do: 'reset', afterBytes: 1000, persist: 'none' },
      faults.error('query', 401, 'API key expired.'),
      refused,
    );
    const { type, details } = await upload(['first', 'second']);
    expect(type).toBe('ProviderError');
    expect(details).toMatchObject([{}, { finalizing: true }]);
  });
});

it('an error of no type of the contract takes along what is known', async () => {
  const heartbeatDetails = finalizedByFirst();
  const { type, details } = await upload([], { info: { attempt: 2, heartbeatDetails } });
  expect(type).toBe('Error');
  const { session, finalizing, keyFingerprint } = heartbeatDetails;
  expect(details).toEqual([{ provider: 'google' }, { session, finalizing, keyFingerprint }]);
});

// The provider kept all bytes of a request that broke, and did not finalize: the next request has no body.
it('a finalize without a body is announced like any other', async () => {
  emulator.addFaults({ on: 'finalize', do: 'reset', afterBytes: 1000, persist: 'all' });
  const steps: UploadStep[] = [];
  const beforeStep = (step: UploadStep) => {
    steps.push(step);
    return Promise.resolve();
  };
  await startUploading(emulator.url, file, { beforeStep, connection: { apiKey: 'first' } }).result;
  expect(emulator.requests.map(({ operation, bytes }) => [operation, bytes])).toMatchObject([
    ['start', expect.anything()],
    ['upload', 1000],
    ['query', 0],
    ['upload', 0],
  ]);
  expect(steps).toEqual(['start', 'finalize', 'finalize']);
});
