import { describe, expect, it } from 'vitest';
import { InvalidOptionsError } from '../../src/contract/errors.js';
import { assertSendable, hiderFor, withoutSecrets } from '../../src/gemini/connection.js';
import { getFile, parseBaseUrl, startUpload } from '../../src/gemini/index.js';

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
      `x?upload_id=${encodeURIComponent('ABCDEF+123456')}`,
      'x?upload_id=[session]',
    ],
    ['all of the URL but its origin', url.href, 'https://host.test[session]'],
    ['nothing', 'resumable upload', 'resumable upload'],
  ])('takes out %s', (_, text, without) => {
    expect(withoutSecrets(text, { baseUrl, apiKey }, url)).toBe(without);
  });

  it.each([
    ['in the path', '/prefix/upload/sessions/SECRET-01/x', 'SECRET-01 of sessions', '[session] of [session]'],
    ['that is short', '/prefix/upload/v1beta/files?upload_id=AbC123', 'AbC123', '[session]'],
    [
      'whose parts are short',
      '/u/ab1/cd2?e=f',
      'no /u/ab1/cd2?e=f, no /u/ab1/cd2',
      'no [session], no [session]',
    ],
    ['of base64', '/upload?upload_id=AbC+12/z==', 'AbC+12/z== or AbC 12/z==', '[session] or [session]'],
    ['that is escaped', '/upload/AbC%2D12%2z', 'AbC%2D12%2z', '[session]'],
    ['that was escaped', '/upload/AbC%2D12', 'AbC%2D12 is AbC-12', '[session] is [session]'],
    ['without a name', '/upload?AbC123', 'AbC123', '[session]'],
    [
      'of which one part holds another',
      '/upload/ABCDEFGH?id=ABCDEF',
      'ABCDEFGH ABCDEF',
      '[session] [session]',
    ],
    [
      'but no word of the protocol',
      '/prefix/upload/v1beta/files',
      'prefix upload v1beta',
      'prefix upload v1beta',
    ],
  ])('takes out a session %s', (_, path, text, without) => {
    const connection = { baseUrl: new URL('https://host.test/prefix'), apiKey };
    expect(withoutSecrets(text, connection, new URL(path, baseUrl))).toBe(without);
  });

  it('takes out keys of Google’s that are not its own too', () => {
    const connection = { baseUrl: new URL('https://host.test'), apiKey: 'mine' };
    expect(withoutSecrets('not AIzaSyA-0123456789_0123456789-012345, mine', connection)).toBe(
      'not AIza…, [key]',
    );
  });

  it('leaves a text unchanged if there is no key', () => {
    expect(withoutSecrets('text', { baseUrl, apiKey: '' })).toBe('text');
  });
});

describe('hiderFor', () => {
  it('leaves a file’s name alone, of which the key of a test may be a part', () => {
    expect(hiderFor({ baseUrl, apiKey: 'any' })('company.mp4')).toBe('company.mp4');
    expect(hiderFor({ baseUrl, apiKey })(`company of ${apiKey}.mp4`)).toBe('company of [key].mp4');
  });

  it('leaves words of the upload URL alone too, and takes out what is as long as a session', () => {
    const hide = hiderFor(
      { baseUrl, apiKey: 'any' },
      new URL('/gateway/upload?id=SESSION-0123456789', baseUrl),
    );
    expect(hide('https://host.test/gateway/v1beta/files/a?id=SESSION-0123456789')).toBe(
      'https://host.test/gateway/v1beta/files/a?id=[session]',
    );
  });
});

describe('assertSendable', () => {
  it.each(['http://192.0.2.2', 'ftp://host.test'])('refuses %s, unless it is allowed', (insecure) => {
    const connection = { baseUrl: new URL(insecure), apiKey };
    const refusal = `Invalid option baseUrl: expected https (plain http only to this machine, or with allowInsecureBaseUrl), got ${connection.baseUrl.origin}`;
    expect(() => assertSendable(connection, 'get')).toThrow(new InvalidOptionsError(refusal));
    const allowed = () => assertSendable({ ...connection, allowInsecureBaseUrl: true }, 'get');
    if (insecure.startsWith('http:')) expect(allowed).not.toThrow();
    else expect(allowed).toThrow(refusal);
  });

  it('takes a key', () => {
    expect(() => assertSendable({ baseUrl, apiKey }, 'get')).not.toThrow();
  });

  it.each(['', 'a b', 'a\n', 'clé', 'k\u200bey', 'k\0'])('refuses %j without repeating it', (bad) => {
    const work = () => assertSendable({ baseUrl, apiKey: bad }, 'get');
    expect(work).toThrow(expect.objectContaining({ kind: 'credentials', retryable: false }) as Error);
    if (bad) expect(work).not.toThrow(bad);
  });

  it.each([
    ['apiKey', undefined],
    ['apiKey', 42],
    ['apiKey', ['sk-secret-1']],
    ['baseUrl', undefined],
    ['baseUrl', 'https://user:sk-secret-1@host.test'],
    ['requestTimeoutMs', '20s'],
    ['requestTimeoutMs', 0],
    ['stallTimeoutMs', Number.NaN],
    ['stallTimeoutMs', Infinity],
    ['dataAnswerTimeoutMs', -1],
    ['onOutcome', {}],
  ])('refuses a wrong %s (%j) without showing a secret', (field, value) => {
    const work = () => assertSendable({ baseUrl, apiKey, [field]: value }, 'get');
    expect(work).toThrow(InvalidOptionsError);
    expect(work).toThrow(new RegExp(`^Invalid option ${field}: (expected|required)`));
    expect(work).not.toThrow('sk-secret-1');
  });

  it.each([null, undefined, 'x'])('refuses %j as connection', (connection) => {
    const work = () => assertSendable(connection as never, 'get');
    expect(work).toThrow(new InvalidOptionsError('Invalid options: expected an object'));
  });
});

it.each([null, 42, {}])('parseBaseUrl refuses %j', (baseUrl) => {
  expect(() => parseBaseUrl(baseUrl as never)).toThrow(InvalidOptionsError);
});

it('an upload and a request for a file refuse a wrong connection before they use it', async () => {
  const connection = { apiKey, baseUrl: null } as never;
  const file = { name: 'files/a', displayName: 'a', mimeType: 'text/plain', sizeBytes: 1 };
  for (const request of [startUpload(connection, file), getFile(connection, 'files/a')])
    await expect(request).rejects.toThrow(/^Invalid option baseUrl: expected a URL/);
});
