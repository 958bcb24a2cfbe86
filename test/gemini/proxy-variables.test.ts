/** Which proxy the environment names for a URL. */

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { proxyFor, proxyNameFor } from '../../src/gemini/proxy.js';

const VARIABLES = ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY', 'NO_PROXY'];
beforeEach(() => {
  for (const name of VARIABLES.flatMap((name) => [name, name.toLowerCase()])) vi.stubEnv(name, undefined);
});
afterEach(() => vi.unstubAllEnvs());

const google = new URL('https://generativelanguage.googleapis.com/v1beta/files');
const proxyOf = (url: URL | string = google) => proxyFor(new URL(url))?.url.href;

describe('a proxy', () => {
  it.each([
    ['HTTPS_PROXY', 'http://corp:3128', 'http://corp:3128/'],
    ['https_proxy', 'http://corp:3128', 'http://corp:3128/'],
    ['ALL_PROXY', 'http://corp:3128', 'http://corp:3128/'],
    ['all_proxy', 'http://corp:3128', 'http://corp:3128/'],
    ['HTTPS_PROXY', 'https://corp', 'https://corp/'],
    ['HTTPS_PROXY', 'HTTP://Corp:80/', 'http://corp/'],
    ['HTTPS_PROXY', 'corp:3128', 'http://corp:3128/'],
    ['https_proxy', '10.1.2.3:8080', 'http://10.1.2.3:8080/'],
    ['HTTPS_PROXY', 'http://[fd00::1]:3128', 'http://[fd00::1]:3128/'],
    ['HTTPS_PROXY', '', undefined],
    ['HTTP_PROXY', 'http://corp:3128', undefined],
  ])('of an https URL by %s=%s is %s', (name, value, proxy) => {
    vi.stubEnv(name, value);
    expect(proxyOf()).toBe(proxy);
  });

  it('of an http URL is that of HTTP_PROXY', () => {
    vi.stubEnv('HTTPS_PROXY', 'http://secure:1');
    vi.stubEnv('HTTP_PROXY', 'plain:2');
    expect(proxyOf('http://gateway.test/x')).toBe('http://plain:2/');
  });

  it.each([
    'http://localhost:1',
    'http://127.0.0.1:1',
    'https://127.9.9.9',
    'http://[::1]:1',
    'https://LOCALHOST',
    'http://localhost.:1',
    'http://127.0.0.1.:1',
  ])('is never used for %s', (url) => {
    for (const name of ['HTTPS_PROXY', 'HTTP_PROXY', 'ALL_PROXY']) vi.stubEnv(name, 'http://corp:3128');
    expect(proxyOf(url)).toBeUndefined();
  });
});

describe('NO_PROXY', () => {
  it.each([
    ['files.corp.test', 'https://files.corp.test', true],
    ['FILES.corp.test', 'https://files.corp.test', true],
    ['corp.test', 'https://files.corp.test', false],
    ['.corp.test', 'https://files.corp.test', true],
    ['*.corp.test', 'https://files.corp.test', true],
    ['.corp.test', 'https://corp.test.evil.test', false],
    ['files.corp.test:8443', 'https://files.corp.test:8443', true],
    ['files.corp.test:8443', 'https://files.corp.test', false],
    ['files.corp.test:443', 'https://files.corp.test', true],
    ['10.1.2.3', 'https://10.1.2.3', true],
    ['10.1.2.4', 'https://10.1.2.3', false],
    ['a.test, files.corp.test', 'https://files.corp.test', true],
    ['a.test files.corp.test', 'https://files.corp.test', true],
    ['files.corp.test', 'https://files.corp.test.', true],
    ['files.corp.test.', 'https://files.corp.test', true],
    ['.corp.test', 'https://files.corp.test.', true],
    ['.corp.test.', 'https://files.corp.test', true],
    ['files.corp.test.:8443', 'https://files.corp.test:8443', true],
    ['files.corp.test.', 'https://other.corp.test.', false],
    ['[fd00::1]', 'https://[fd00::1]', true],
    ['[fd00::2]', 'https://[fd00::1]', false],
    ['*', 'https://files.corp.test', true],
    ['', 'https://files.corp.test', false],
  ])('%j lets %s pass it by: %s', (value, url, direct) => {
    vi.stubEnv('HTTPS_PROXY', 'http://corp:3128');
    vi.stubEnv('no_proxy', value);
    expect(proxyOf(url)).toBe(direct ? undefined : 'http://corp:3128/');
  });
});

describe('user and password', () => {
  it.each([
    ['http://anna:s3cret@corp:3128', 'anna:s3cret'],
    ['http://anna:p%40ss%2Fword@corp:3128', 'anna:p@ss/word'],
    ['http://anna:100%@corp:3128', 'anna:100%'],
    ['anna:s3cret@corp:3128', 'anna:s3cret'],
    ['http://anna@corp:3128', 'anna:'],
  ])('of %s go into a header, and into nothing else', (value, credentials) => {
    vi.stubEnv('HTTPS_PROXY', value);
    const { url, authorization } = proxyFor(google) ?? {};
    expect(Buffer.from((authorization ?? '').replace('Basic ', ''), 'base64').toString()).toBe(credentials);
    expect(url?.href).toBe('http://corp:3128/');
    expect(proxyNameFor(google)).toBe('http://corp:3128');
  });
});

describe('what is no such proxy', () => {
  it.each([
    ['socks5://anna:s3cret@corp:1080', /socks5:\/\/, which is not supported/],
    ['http://anna:s3cret@:3128', /not a URL/],
    ['http://anna:s3cret@corp:port', /not a URL/],
  ])('%s is reported without its password', (value, message) => {
    vi.stubEnv('ALL_PROXY', value);
    expect(() => proxyFor(google)).toThrow(message);
    expect(() => proxyFor(google)).not.toThrow(/s3cret/);
    expect(proxyNameFor(google)).toBeUndefined();
  });
});
