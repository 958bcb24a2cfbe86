import { describe, expect, it } from 'vitest';
import { InvalidOptionsError } from '../../src/contract/errors.js';
import { joinBaseUrl, parseBaseUrl, rebaseUploadUrl } from '../../src/gemini/endpoint.js';

describe('parseBaseUrl', () => {
  it.each([
    [undefined, 'https://generativelanguage.googleapis.com/'],
    ['https://gateway.test/gemini/', 'https://gateway.test/gemini/'],
    ['http://127.0.0.1:8080', 'http://127.0.0.1:8080/'],
    ['http://localhost:8080', 'http://localhost:8080/'],
    ['http://[::1]:8080', 'http://[::1]:8080/'],
    ['http://localhost.:8080', 'http://localhost.:8080/'],
  ])('takes %j', (text, href) => {
    expect(parseBaseUrl(text).href).toBe(href);
  });

  it('accepts plain http elsewhere only if allowed', () => {
    expect(() => parseBaseUrl('http://gateway.test')).toThrow(
      'Invalid option baseUrl: expected https (plain http only to this machine, or with allowInsecureBaseUrl), got http://gateway.test',
    );
    expect(parseBaseUrl('http://gateway.test', true).href).toBe('http://gateway.test/');
  });

  it.each([
    'gateway.test',
    '',
    'ftp://gateway.test',
    'file:///etc/passwd',
    'http://127.0.0.1.gateway.test',
    'http://localhost.gateway.test',
    'http://localhost..',
    'https://gateway.test?key=x',
    'https://gateway.test#x',
  ])('refuses %j', (text) => {
    expect(() => parseBaseUrl(text)).toThrow(InvalidOptionsError);
  });

  it.each(['https://me:pa55word@gateway.test', 'https://me:pa55word@gate way'])(
    'refuses %j without repeating it',
    (text) => {
      const error = catchError(() => parseBaseUrl(text));
      expect(error).toBeInstanceOf(InvalidOptionsError);
      expect((error as Error).message).not.toContain('pa55word');
    },
  );
});

const catchError = (work: () => unknown): unknown => {
  try {
    return work();
  } catch (error) {
    return error;
  }
};

describe('below', () => {
  it.each([
    ['https://host.test', 'https://host.test/v1beta/files'],
    ['https://host.test/gemini', 'https://host.test/gemini/v1beta/files'],
    ['https://host.test/gemini//', 'https://host.test/gemini/v1beta/files'],
  ])('keeps the path prefix of %s', (base, href) => {
    expect(joinBaseUrl(new URL(base), '/v1beta/files').href).toBe(href);
  });
});

describe('pinSessionUrl', () => {
  const path = '/upload/v1beta/files?upload_id=AbC-_%2B~1&upload_protocol=resumable';
  const pinned = (base: string, named: string) => rebaseUploadUrl(new URL(base), named)?.href;

  it.each([
    ['the same host', 'https://host.test', `https://host.test${path}`],
    ['another host', 'https://host.test', `https://evil.test${path}`],
    ['another port', 'https://host.test', `https://host.test:8443${path}`],
    ['plain http', 'https://host.test', `http://host.test${path}`],
    ['a user', 'https://host.test', `https://me:word@host.test${path}`],
    ['no scheme', 'https://host.test', `//evil.test${path}`],
    ['a path alone', 'https://host.test', path],
  ])('sends to the base URL for %s, with every byte of the query', (_, base, named) => {
    expect(pinned(base, named)).toBe(`https://host.test${path}`);
  });

  it.each([`https://host.test${path}`, `https://host.test/gemini${path}`, `https://host.test${path}#x`])(
    'keeps the path prefix of the base URL for %s',
    (named) => {
      expect(pinned('https://host.test/gemini/', named)).toBe(`https://host.test/gemini${path}`);
    },
  );

  it.each([
    ['?key=SECRET&upload_id=1', '?upload_id=1'],
    ['?upload_id=1&key=SECRET', '?upload_id=1'],
    ['?upload_id=1&k%65y=SECRET', '?upload_id=1'],
    ['?key=SECRET', ''],
    ['?upload_id=1&monkey=2', '?upload_id=1&monkey=2'],
  ])('drops a key that the server echoes: %s', (query, left) => {
    expect(pinned('https://host.test', `https://host.test/u${query}`)).toBe(`https://host.test/u${left}`);
  });

  it.each(['', ' ', 'javascript:alert(1)', 'data:,x', 'https://'])('makes nothing of %j', (named) => {
    expect(pinned('https://host.test', named)).toBeUndefined();
  });
});
