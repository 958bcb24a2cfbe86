import { describe, expect, it } from 'vitest';
import { resolveUploadOptions } from '../../src/contract/options.js';
import { showAnySource } from '../../src/contract/refused-source.js';
import { fileNameOf, parseSource, showSource, summaryOf } from '../../src/contract/source.js';
import { refusalOf } from '../support/refusal.js';

const host = 'https://media.example.com';

describe('the place of a file', () => {
  it.each([
    [{ path: 'a.mp4', source: `${host}/a.mp4` }, 'both'],
    [{}, 'neither'],
    [{ path: undefined, source: undefined }, 'neither'],
  ])('is refused if it is not exactly one: %j', (input, got) => {
    expect(refusalOf(input)).toBe(
      `Invalid options path and source: expected exactly one of them, got ${got}`,
    );
  });

  it('is the source if it is given alone', () => {
    const options = resolveUploadOptions({ source: `${host}/a.mp4`, path: undefined });
    expect(options.source).toBe(`${host}/a.mp4`);
    expect(options).not.toHaveProperty('path');
  });
});

describe('source', () => {
  it.each([
    `${host}/a.mp4`,
    `${host}`,
    `${host}:8443/a/b%20c.mp4?version=3&expires=1`,
    'https://MEDIA.example.com/ü/🎬.mp4',
    'https://xn--mnchen-3ya.example/a.mp4',
    'https://192.0.2.1/a.mp4',
    'https://[2001:db8::1]:444/a.mp4',
    `${host}/@user/a.mp4`,
    `${host}/a.mp4?pages=2&keys=3&station=4`,
    `${host}/a.mp4?signal=1&hmacs=2&signatures=3&signs=4&codec=5&passage=6&side=7`,
    'media:folder/clip 1+2%#ü👨‍👩‍👧.mp4',
    'a:b',
    `${'n'.repeat(32)}:k`,
    `media:${'k'.repeat(2042)}`,
    `${host}/${'🎬'.repeat(2022)}`,
  ])('takes %s', (source) => {
    expect(() => resolveUploadOptions({ source })).not.toThrow();
  });

  it.each([
    ['', 'that is not empty'],
    ['a.mp4', 'NAME:KEY'],
    [':key', 'NAME:KEY'],
    ['Media:key', 'NAME:KEY'],
    [`${'n'.repeat(33)}:k`, 'NAME:KEY'],
    ['1media:key', 'NAME:KEY'],
    ['media:', 'expected a key'],
    ['http://media.example.com/a.mp4', 'not http'],
    ['https:media.example.com', 'not https'],
    ['HTTPS://media.example.com/a.mp4', 'NAME:KEY'],
    ['file:///etc/passwd', 'not file'],
    ['data:text/plain,x', 'not data'],
    ['blob:https://a/b', 'not blob'],
    ['gs://bucket/key', 'not gs: give the bucket a name'],
    ['s3://bucket/key', 'not s3: give the bucket a name'],
    [`media:${'k'.repeat(2043)}`, 'at most 2048 characters'],
    ['media:a\nb', 'control characters'],
    ['media:a\u202eb', 'control characters'],
    [`${host}/a\tb`, 'control characters'],
    [`${host}/a b`, 'without spaces'],
    [`${host}/a\u00a0b`, 'without spaces'],
    [`${host}\\@evil.example/a`, 'without spaces and backslashes'],
    [`https://user:pass@media.example.com/a`, 'user name and password'],
    [`https://media.example.com@evil.example/a`, 'user name and password'],
    [`${host}/a#t=10`, 'a fragment; leave it out, or use a named source'],
    ['https://', 'a host'],
    ['https:///media.example.com/a', 'a host'],
    ['https://?a', 'a host'],
    ['https://mediа.example.com/a', 'a host in ASCII'], // a Cyrillic letter
    ['https://ⓜedia.example.com/a', 'a host in ASCII'],
    ['https://media。example.com/a', 'a host in ASCII'],
    ['https://med%69a.example.com/a', 'a host in ASCII'],
    ['https://media.example.com:99999/a', 'a host'],
    ['https://[::1%25eth0]/a', 'a host'],
    ['https://[::zz]/a', 'a host'],
    ['https://256.1.1.1/a', 'a host'],
    ['media:\ud83c', 'whole Unicode'],
  ])('refuses %j', (source, expectation) => {
    const text = refusalOf({ source });
    expect(text).toMatch(/^Invalid option source: expected /);
    expect(text).toContain(expectation);
    expect(text).not.toContain('got');
  });

  it.each([5, null, ['https://a.example/'], { url: host }])('refuses %j', (source) => {
    expect(refusalOf({ source })).toBe('Invalid option source: expected a string');
  });

  // Amazon S3 (4 and 2), CloudFront, Google Cloud Storage (4 and 2), Azure, Alibaba, Tencent, Huawei, Swift, Akamai, Firebase, others.
  it.each([
    'X-Amz-Signature',
    'X-Amz-Security-Token',
    'x-amz-credential',
    'AWSAccessKeyId',
    'Signature',
    'Key-Pair-Id',
    'X-Goog-Signature',
    'x-goog-credential',
    'GoogleAccessId',
    'sig',
    'se',
    'sp',
    'OSSAccessKeyId',
    'x-oss-signature',
    'q-signature',
    'q-ak',
    'x-cos-security-token',
    'AccessKeyId',
    'x-obs-security-token',
    'temp_url_sig',
    'hdnts',
    '__token__',
    'token',
    'access_token',
    'accessToken',
    'id_token',
    'key',
    'api_key',
    'apikey',
    'api-key',
    'Authorization',
    'X-Bz-Authorization',
    'auth',
    'client_secret',
    'password',
    'jwt',
    'rlkey',
    'tempauth',
    'sign',
    'code',
    'pass',
    'pw',
    'sid',
    'PHPSESSID',
    'jsessionid',
    'passphrase',
    'ticket',
    'sas',
    'hmac',
    'hmac_sha256',
    'HMAC-SHA256',
    'hmac256',
    'signature_v2',
    'signature2',
    'signature[v2]',
    'nauthsig',
    'lsig',
    'x_sig',
    'url-sig',
    'wmsAuthSign',
    '__gda__',
    'X%2DAmz%2DSignature',
    'SI%47',
    '%74oken',
  ])('refuses the query parameter %s and does not show its value', (name) => {
    for (const query of [`${name}=s3cr3tvalue`, `a=1&${name}=s3cr3tvalue&b=2`, `a=1;${name}=s3cr3tvalue`]) {
      const text = refusalOf({ source: `${host}/a.mp4?${query}` });
      expect(text).toMatch(/^Invalid option source: .* use a named source$/);
      expect(text).not.toContain('s3cr3t');
    }
  });
});

describe('a source in text', () => {
  it('is shown without its query', () => {
    expect(showSource(`${host}/a/b.mp4?version=3`)).toBe(`${host}/a/b.mp4`);
    expect(showSource('media:a?b#c')).toBe('media:a?b#c');
  });

  it.each([
    [`${host}/a.mp4?X-Amz-Signature=secret`, `${host}/a.mp4`],
    [`${host}/a.mp4#secret`, `${host}/a.mp4`],
    ['https://user:secret@example.com/a.mp4', 'https://example.com/a.mp4'],
    ['https:/user:secret@example.com/a.mp4', 'https://example.com/a.mp4'],
    ['https:user:secret@example.com/a.mp4', 'https://example.com/a.mp4'],
    ['https:\\\\user:secret@example.com\\a.mp4', 'https://example.com/a.mp4'],
    ['https://user:sec/ret@example.com/a.mp4', 'https:…'],
    ['https://user:sec?ret@example.com/a.mp4', 'https:…'],
    ['https://user:sec#ret@example.com/a.mp4', 'https:…'],
    ['https://user:secret\\@example.com/a.mp4', 'https:…'],
    ['https://example.com/a@b/c.mp4?sig=secret', 'https:…'],
    ['http://user/secret@example.com/a.mp4', 'http:…'],
    ['secret', '…'],
    [`${host}/https%3A%2F%2Fb%2Fa%3FX-Amz-Signature%3Dsecret`, 'https:…'],
    [`${host}/https%3A%2F%2Fme%3Asecret%40b%2Fa?sig=secret`, 'https:…'],
    ['jdbc:mysql://user:secret@example.com/db', 'jdbc:…'],
    ['s3:user:secret@example.com/a.mp4', 's3:…'],
    ['blob:https://user:secret@example.com/a.mp4', 'blob:…'],
    ['User:secret@example.com/a.mp4', 'user:…'],
    ['data:text/plain,secret', 'data:…'],
    ['file:///secret', 'file:…'],
    ['mysql://user:secret@example.com/db', 'mysql://example.com/db'],
    ['http://user:secret@example.com/a.mp4?sig=secret', 'http://example.com/a.mp4'],
    ['archive:talks/me@home.mp4', 'archive:talks/me@home.mp4'],
    ['media:folder//sub@x/clip.mp4', 'media:folder//sub@x/clip.mp4'],
    ['media:12:30/me@home.mp4', 'media:12:30/me@home.mp4'],
    ['media:mysql://user:sec/ret@example.com/db', 'media:…'],
    ['media:mysql://me@example.com:secret@example.com/db', 'media:…'],
    ['redis:user:secret@example.com/0', 'redis:…'],
    ['redis::secret@example.com/0', 'redis:…'],
    ['redis://secret@example.com/0', 'redis://example.com/0'],
  ])('%s, which may be refused, is shown without what may be a secret', (source, shown) => {
    expect(showAnySource(source)).toBe(shown);
  });

  it('takes no time to be shown, whatever its length', () => {
    const began = performance.now();
    expect(showAnySource('//@'.repeat(1_000_000))).toBe('…');
    expect(performance.now() - began).toBeLessThan(1000);
  });

  it('is read as a URL, or as a name and a key', () => {
    expect(parseSource(`${host}/a`)).toEqual({ type: 'https', url: `${host}/a` });
    expect(parseSource('media:a:b')).toEqual({ type: 'named', name: 'media', key: 'a:b' });
  });

  it.each([
    [{ path: '/data/a%20b.mp4' }, 'a%20b.mp4'],
    [{ source: `${host}/folder/a%20%C3%BC.mp4?version=3/4` }, 'a ü.mp4'],
    [{ source: `${host}/100%.mp4` }, '100%.mp4'],
    [{ source: 'media:folder/a%20b.mp4' }, 'a%20b.mp4'],
    [{ source: 'media:a.mp4' }, 'a.mp4'],
    [{ path: `${host}/a.mp4?sig=secret` }, 'a.mp4'],
  ])('has the name of its file: %j', (origin, name) => {
    expect(fileNameOf(origin)).toBe(name);
  });

  it('keeps its origin and its end in a summary', () => {
    expect(summaryOf({ path: '/data/a.mp4' })).toBe('a.mp4');
    expect(summaryOf({ source: `${host}/a.mp4?version=3` })).toBe(`${host}/a.mp4`);
    const long = summaryOf({ source: `${host}/${'🎬'.repeat(1000)}/clip.mp4` });
    expect(long.length).toBeLessThanOrEqual(120);
    expect(long).toMatch(/^https:\/\/media\.example\.com\/.*….*\/clip\.mp4$/u);
    expect(long.isWellFormed()).toBe(true);
  });
});
