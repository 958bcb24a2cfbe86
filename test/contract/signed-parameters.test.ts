/** Which URLs are refused as a source because of what their query or their path has. */

import { describe, expect, it } from 'vitest';
import { resolveUploadOptions } from '../../src/contract/options.js';
import { refusalOf } from '../support/refusal.js';

const host = 'https://media.example.com';
const MD5 = 's3cr3t'.padEnd(32, '0');

function expectRefusal(source: string): void {
  const text = refusalOf({ source });
  expect(text).toMatch(/^Invalid option source: .* use a named source$/);
  expect(text).not.toContain('s3cr3t');
}

describe('a query that signs by the value of an ordinary word', () => {
  it.each([
    ['nginx', `md5=${MD5.slice(0, 22)}&expires=2147483647`],
    ['nginx', `e=2147483647&st=${MD5.slice(0, 22)}`],
    ['Discord', `ex=65d903de&is=65c68ede&hm=${MD5}${MD5}&`],
    ['Facebook', `_nc_cat=1&oh=00_${MD5}&oe=65D903DE`],
    ['imgix', `w=400&expires=2147483647&s=${MD5}`],
    ['a hash', `hash=${MD5}&ttl=3600`],
    ['a hash', `h=${MD5}&t=2147483647`],
    ['a hash', `h=${MD5}&Expires=2030-01-01T00:00:00Z`],
    ['a hash', `h=${MD5}&exp=20300101T000000Z`],
    ['a hash, encoded', `%68ash=${MD5}&Expir%65s=2147483647`],
    ['Cloudflare', `verify=2147483647-${MD5}`],
    ['Kaltura', `ks=${MD5}`],
    ['others', `verifier=${MD5}`],
    ['Akamai', `tok=exp=2147483647~acl=/*~hmac=s3cr3t`],
    ['Akamai, encoded', `tok=exp%3D2147483647~acl%3D%2F*~hmac%3Ds3cr3t`],
    ['a URL in a value', `url=https://b.example/a?X-Amz-Signature=s3cr3t`],
    ['a URL in a value, encoded', `a=1&url=https%3A%2F%2Fb.example%2Fa%3Fb%3D1%26X-Amz-Signature%3Ds3cr3t`],
    ['a URL in a value, encoded twice', `url=https%253A%252F%252Fb.example%252Fa%253Fsig%253Ds3cr3t`],
    ['a URL in a URL in a value', `url=https%3A%2F%2Fb%3Fu%3Dhttps%253A%252F%252Fc%253Ftoken%253Ds3cr3t`],
    ['a URL with a fragment in a value', `url=https%3A%2F%2Fb.example%2F%23access_token%3Ds3cr3t`],
    ['a URL of another host in a value', 'a=1&url=%2F%2Fb.example%2Fa%3Fsig%3Ds3cr3t'],
    ['a URL without a scheme in a value', 'url=b.example/a%3FX-Amz-Signature%3Ds3cr3t'],
    ['a URL behind a space in a value', 'url=+https%3A%2F%2Fb.example%2Fa%3Fsig%3Ds3cr3t'],
    [
      'a URL with a query and a fragment in a value',
      'url=https%3A%2F%2Fb%2F%3Fa%3D1%23access_token%3Ds3cr3t',
    ],
    ['a URL in a value, with a token', `url=https%3A%2F%2Fb.example%2Fa%3Fkey%3D${MD5}`],
    ['a name with a query in a value', 'file=a.mp4%3FX-Amz-Signature%3Ds3cr3t'],
    ['a path with a query in a value', 'file=my_dir/a.mp4%3FX-Amz-Signature%3Ds3cr3t'],
    ['a query in a value', 'url=%3Fsig%3Ds3cr3t'],
    ['a URL in quotes in a value', 'url=%22https%3A%2F%2Fb%2Fa%3Fsig%3Ds3cr3t%22'],
    ['a URL with a password in a value', 'url=https%3A%2F%2Fb%2Fa%3Fpass%3Ds3cr3t%26user%3Dme'],
    ['a URL in a value, with a UUID', 'url=https%3A%2F%2Fb%2Fa%3Fkey%3D3b241101-e2bb-4255-8caf-4136c566a962'],
    ['a URL in a value, with a key of Google', `url=https%3A%2F%2Fb%2Fa%3Fkey%3DAIzaSy-_B${'c-_'.repeat(9)}`],
    ['an encoded name and value', 'signature%3Ds3cr3t'],
    ['a URL in place of a query, encoded', 'https%3A%2F%2Fb%2Fa%3Fb%3D1%26X-Amz-Signature%3Ds3cr3t'],
    ['a URL in place of a parameter, encoded', 'a&https%3A%2F%2Fb%2Fa%3Fb%3D1%26token%3Ds3cr3t'],
    ['a URL in a value, with an encoded name', 'ur%6C%3Dhttps%3A%2F%2Fb%2Fa%3Fb%3D1%26token%3Ds3cr3t'],
    ['a URL with a user and a password in a value', 'u=https://me:s3cr3t@b/a'],
    ['a URL with a user and a password in a value, encoded', 'u=https%3A%2F%2Fme%3As3cr3t%40b%2Fa'],
    ['a URL with a password in place of a query', 'https://me:s3cr3t@b/a'],
    ['a URL with a password that has a sign', 'https://me:s3=cr3t@b/a'],
    ['a URL in place of a query, with a token', `https://b/a?key=${MD5}`],
    ['a URL with a password and a query in place of a query', 'https://me:s3cr3t@b/a?sig=s3cr3t'],
    ['others', `mac=${MD5}`],
    ['others', `secure=${MD5}`],
    ['others', `signed=${MD5}`],
  ])('is refused, as that of %s: %s', (_, query) => {
    expectRefusal(`${host}/a.mp4?${query}`);
  });

  it.each([
    'v=3',
    'id=5',
    'ks=a-search-of-words&verifier=somebody-with-a-name',
    'ks=2&verifier=user-7',
    'page=a?b=1&url=https%3A%2F%2Fb.example%2Fa%3Fwidth%3D5%26height%3D3',
    'q=is+this+the%3Fkey',
    'redirect=/view?key=chapter1',
    'next=/login?sign=up%26credentials=include',
    'u=https://me@b/12:30',
    'u=https://b:443/me@home',
    'q=what%3Fkey%3D1',
    'title=Is+it%3F+pass=1',
    'title=Is+it%3F+token=1',
    'title=Note:+is+it%3F+token=1',
    'return=https%3A%2F%2Fb.example%2F%3Fsid%3D',
    'return=https%3A%2F%2Fb.example%2F%3Ftoken%3D%26sig',
    'return=https%3A%2F%2Fb.example%2F%3Fcode%3D7%26session%3Dmorning%26sp%3D1%26se%3D2%26ticket%3D5',
    'ks=annual-report-2026-final&verifier=page_12_of_the_book',
    'ks=annual+report+2026+final+version&verifier=2026/annual/report/final',
    'ks=12345678901234567890123&verifier=antidisestablishmentarianism',
    'path=~user/hmac',
    's=large',
    's=a+search+for+long+words',
    `md5=${MD5}`,
    `hash=${MD5}`,
    `id=${MD5}&t=30`,
    `id=${MD5}&expires=2147483647`,
    'h=720&t=30',
    's=large&e=1',
    's=a-search-of-16-characters&e=1',
    'st=2024-01-01T00:00:00Z&e=5',
    `hash=${MD5}&t=30`,
    `h=${MD5}&t=20240101`,
    `hash=${MD5}&exp=soon`,
    'mac=1&secure=true&verify=false&signed=no&hm=2&oh=1',
    `etag=${MD5}&st=2`,
    'machine=a-very-long-name-of-one&secured=a-very-long-name-of-one',
    'signal=1&design=a-very-long-name-of-one&config=a-very-long-name-of-one',
  ])('is not a query like %s', (query) => {
    expect(() => resolveUploadOptions({ source: `${host}/a.mp4?${query}` })).not.toThrow();
  });
});

it('names a parameter of a refused query without its value', () => {
  expect(refusalOf({ source: `${host}/a.mp4?signature%3Ds3cr3t` })).toContain(
    'the query parameter signature,',
  );
  expect(refusalOf({ source: `${host}/a.mp4?u=%2Fa%3Fsig%3Ds3cr3t` })).toContain('the query parameter sig,');
  for (const query of ['https://me:s3cr3t@b/a?sig=1', `${'a'.repeat(100)}token=1`])
    expect(refusalOf({ source: `${host}/a.mp4?${query}` })).toContain('parameter whose name is not shown,');
});

it('takes no time to be checked, however many URLs are in each other', () => {
  const began = performance.now();
  for (const piece of [
    '?a=',
    '%3Fa%3D',
    '?=',
    '%23&;=',
    '%2525',
    'x~hmac',
    'u=/?',
    'a=https:',
    '&ks=a',
    'k=+',
    'a',
  ])
    expect(() =>
      resolveUploadOptions({ source: `${host}/?${piece.repeat(2000 / piece.length)}` }),
    ).not.toThrow();
  expect(performance.now() - began).toBeLessThan(500);
});

it.each([
  'https%3A%2F%2Fb%2Fa%3FX-Amz-Signature%3Ds3cr3t',
  'proxy/https%3A%2F%2Fb%2Fa%3Fb%3D1%26sig%3Ds3cr3t',
  'https%253A%252F%252Fb%252Fa%253FX-Amz-Signature%253Ds3cr3t?w=5',
  'https://b/a%3Ftoken=s3cr3t',
  'https://me:s3cr3t@b/a',
  'https%3A%2F%2Fme:s3cr3t%40b/a',
  'unsafe/b.s3.amazonaws.com%2Fa%3FX-Amz-Signature%3Ds3cr3t',
])('a signed URL in a path is refused: %s', (path) => {
  expectRefusal(`${host}/${path}`);
});

it.each([
  'https%3A%2F%2Fb%2Fa%3Fwidth%3D5',
  'is%20it%3F.mp4',
  'token=5/key=6;sig=7',
  'a%3Fkey=1',
  'C%23%20auth%3Djwt.mp4',
  'a%23sig%3Dc.mp4',
  'Why%3F%20secret%3Dmoney.mp4',
])('a path like %s is not refused', (path) => {
  expect(() => resolveUploadOptions({ source: `${host}/${path}` })).not.toThrow();
});

it('shows no control characters of a parameter', () => {
  const text = refusalOf({ source: `${host}/a.mp4?a%1b%5b31m%0atoken=s3cr3t` });
  expect(text).toContain('a query parameter whose name is not shown,');
  expect(text).not.toMatch(/[\x00-\x1f]/);
});
