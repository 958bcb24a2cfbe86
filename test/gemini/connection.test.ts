import { describe, expect, it } from 'vitest';
import { assertSendable, withoutSecrets } from '../../src/gemini/connection.js';

const baseUrl = new URL('https://host.test');
const apiKey = 'AIza/with+odd=letters';

describe('withoutSecrets', () => {
  const url = new URL('https://host.test/upload?upload_id=ABCDEF%2B123456&upload_protocol=resumable');

  it.each([
    ['the key', `bad key ${apiKey}`, 'bad key [key]'],
    ['the key as in a URL', `?key=${encodeURIComponent(apiKey)}&x=1`, '?key=[key]&x=1'],
    ['both, twice', `${apiKey} ${apiKey}`, '[key] [key]'],
    ['the session', 'no upload ABCDEF+123456', 'no upload [session]'],
    [
      'the session as in a URL',
      url.href,
      'https://host.test/upload?upload_id=[session]&upload_protocol=resumable',
    ],
    ['nothing', 'resumable upload', 'resumable upload'],
  ])('takes out %s', (_, text, without) => {
    expect(withoutSecrets(text, { baseUrl, apiKey }, url)).toBe(without);
  });

  it('takes out keys of Google’s that are not its own too', () => {
    const connection = { baseUrl: new URL('https://host.test'), apiKey: 'mine' };
    expect(withoutSecrets('not AIzaSyA-0123456789_0123456789-012345, mine', connection)).toBe(
      'not AIza…, [key]',
    );
  });

  it('leaves a text alone where there is no key', () => {
    expect(withoutSecrets('text', { baseUrl, apiKey: '' })).toBe('text');
  });
});

describe('assertSendable', () => {
  it('takes a key', () => {
    expect(() => assertSendable({ baseUrl, apiKey }, 'get')).not.toThrow();
  });

  it.each(['', 'a b', 'a\n', 'clé', 'k\u200bey', 'k\0'])('refuses %j without repeating it', (bad) => {
    const work = () => assertSendable({ baseUrl, apiKey: bad }, 'get');
    expect(work).toThrow(expect.objectContaining({ kind: 'credentials', retryable: false }) as Error);
    if (bad) expect(work).not.toThrow(bad);
  });
});
