/** What one attempt stores in its heartbeat, and what the next one reads from it. */

import { expect, it } from 'vitest';
import { resumePoint, storedFingerprint } from '../../src/activities/session-carrier.js';
import { connectionTo } from '../support/connection.js';

const connection = connectionTo('http://127.0.0.1:1');
const progress = { bytesSent: 5, sizeBytes: 9, prefixBytes: 5, prefixSha256: 'ab' };

it('reads the fingerprint of a heartbeat that a worker of 0.1.0 wrote', () => {
  const heartbeat = { ...progress, fingerprint: { sizeBytes: 9, mtimeNs: '1700000000000000001' } };
  expect(resumePoint(heartbeat, connection, 'files/a')).toEqual({
    fingerprint: { sizeBytes: 9, version: '1700000000000000001' },
    prefixBytes: 5,
    prefixSha256: 'ab',
  });
});

it('writes a fingerprint that a worker of 0.1.0 can read, and reads it back', () => {
  const fingerprint = storedFingerprint({ sizeBytes: 9, version: '17' });
  expect(fingerprint).toMatchObject({ sizeBytes: 9, mtimeNs: '17' });
  const point = resumePoint({ ...progress, fingerprint }, connection, 'files/a');
  expect(point?.fingerprint).toEqual({ sizeBytes: 9, version: '17' });
});

it('takes the length of the next request only if it is one', () => {
  const fingerprint = storedFingerprint({ sizeBytes: 9, version: '17' });
  const bytesOf = (requestBytes: unknown) =>
    resumePoint({ ...progress, fingerprint, requestBytes: requestBytes as number }, connection, 'files/a')
      ?.requestBytes;
  expect(bytesOf(1024)).toBe(1024);
  for (const other of [0, -1, 1.5, Number.NaN, '1024', null, undefined])
    expect(bytesOf(other)).toBeUndefined();
});
