/** The id of the hold of a content. */

import { expect, it } from 'vitest';
import { toContentHoldId } from '../../src/contract/hold-target.js';

const identity = {
  sha256: 'ab'.repeat(32),
  sizeBytes: 5,
  mimeType: 'video/mp4',
  baseUrlSha256: 'cd'.repeat(32),
};
const id = toContentHoldId(identity, 'team-a');

it.each([
  ['content', toContentHoldId({ ...identity, sha256: 'ac'.repeat(32) }, 'team-a')],
  ['API', toContentHoldId({ ...identity, baseUrlSha256: 'ce'.repeat(32) }, 'team-a')],
  ['MIME type', toContentHoldId({ ...identity, mimeType: 'audio/mp4' }, 'team-a')],
  ['credentials profile', toContentHoldId(identity, 'team-b')],
  ['credentials profile, which is the default', toContentHoldId(identity, undefined)],
])('differs for another %s', (_, other) => expect(other).not.toBe(id));

it('is the same for the same file, however its MIME type is written', () => {
  expect(toContentHoldId({ ...identity }, 'team-a')).toBe(id);
  expect(toContentHoldId({ ...identity, mimeType: 'Video/MP4' }, 'team-a')).toBe(id);
});
