import { describe, expect, it } from 'vitest';
import { unsealSession, sealSession } from '../../src/gemini/seal.js';

const session = { url: 'https://host.test/upload?upload_id=SECRET', granularity: 8388608 };
const sealed = sealSession(session, 'key-1', 'files/a');

/** `text` with the character at `at` exchanged for another of the alphabet. */
const tampered = (text: string, at: number) =>
  text.slice(0, at) + (text[at] === 'A' ? 'B' : 'A') + text.slice(at + 1);

describe('a sealed session', () => {
  it('opens under the same key and name', () => {
    expect(unsealSession(sealed, 'key-1', 'files/a')).toEqual(session);
  });

  it('shows nothing of what it holds', () => {
    const bytes = Buffer.from(sealed.slice(3), 'base64url').toString('latin1');
    for (const part of ['host.test', 'SECRET', 'upload', 'key-1', '8388608']) {
      expect(sealed).not.toContain(part);
      expect(bytes).not.toContain(part);
    }
  });

  it('is another each time', () => {
    expect(sealSession(session, 'key-1', 'files/a')).not.toBe(sealed);
  });

  it.each([
    ['another key', sealed, 'key-2', 'files/a'],
    ["another file's name", sealed, 'key-1', 'files/b'],
    ['a changed first byte', tampered(sealed, 3), 'key-1', 'files/a'],
    ['a changed tag', tampered(sealed, 25), 'key-1', 'files/a'],
    ['a changed text', tampered(sealed, sealed.length - 4), 'key-1', 'files/a'],
    ['a cut text', sealed.slice(0, -4), 'key-1', 'files/a'],
    ['hardly anything', 'v1.AAAA', 'key-1', 'files/a'],
    ['another version', `v2.${sealed.slice(3)}`, 'key-1', 'files/a'],
    ['nothing', '', 'key-1', 'files/a'],
  ])('does not open for %s', (_, text, key, name) => {
    expect(unsealSession(text, key, name)).toBeUndefined();
  });
});
