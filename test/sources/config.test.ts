/** The worker option `sources`: what it takes, and what it says of what it does not take. */

import { describe, expect, it } from 'vitest';
import { InvalidOptionsError } from '../../src/contract/errors.js';
import { resolveSources } from '../../src/sources/index.js';
import { isAllowedOrigin } from '../../src/sources/origins.js';

const s3 = { type: 's3', bucket: 'media', region: 'eu-central-1' };
const https = { allowedOrigins: ['https://media.example.com'] };

describe('resolveSources', () => {
  it('permits nothing by default', () => {
    for (const options of [undefined, {}, { https: undefined, store: undefined }]) {
      const { https, named } = resolveSources(options, {});
      expect([https, named.size]).toEqual([undefined, 0]);
    }
  });

  it.each<[string, unknown, string]>([
    ['a list', [], 'sources'],
    ['text', 'https', 'sources'],
    ['null', null, 'sources'],
    ['https without origins', { https: {} }, 'sources.https.allowedOrigins'],
    ['https of true', { https: true }, 'sources.https'],
    ['no origin', { https: { allowedOrigins: [] } }, 'sources.https.allowedOrigins'],
    ['an http origin', { https: { allowedOrigins: ['http://a.example'] } }, 'sources.https.allowedOrigins'],
    [
      'an origin with a path',
      { https: { allowedOrigins: ['https://a.example/x'] } },
      'sources.https.allowedOrigins',
    ],
    [
      'an origin with a user',
      { https: { allowedOrigins: ['https://u@a.example'] } },
      'sources.https.allowedOrigins',
    ],
    ['a name without scheme', { https: { allowedOrigins: ['a.example'] } }, 'sources.https.allowedOrigins'],
    [
      'a wildcard in the middle',
      { https: { allowedOrigins: ['https://a.*.example'] } },
      'sources.https.allowedOrigins',
    ],
    [
      'a wildcard of an address',
      { https: { allowedOrigins: ['https://*.127.0.0.1'] } },
      'sources.https.allowedOrigins',
    ],
    [
      'an address without length',
      { https: { ...https, allowedAddresses: ['10.0.0.1'] } },
      'sources.https.allowedAddresses',
    ],
    [
      'an octal address',
      { https: { ...https, allowedAddresses: ['010.0.0.0/8'] } },
      'sources.https.allowedAddresses',
    ],
    [
      'a short address',
      { https: { ...https, allowedAddresses: ['10/8'] } },
      'sources.https.allowedAddresses',
    ],
    [
      'a network with a zone',
      { https: { ...https, allowedAddresses: ['fe80::1%eth0/64'] } },
      'sources.https.allowedAddresses',
    ],
    [
      'a length that is too great',
      { https: { ...https, allowedAddresses: ['10.0.0.0/33'] } },
      'sources.https.allowedAddresses',
    ],
    [
      'headers for every origin',
      { https: { allowedOrigins: ['*'], headers: { authorization: 'S3CRET' } } },
      'sources.https.headers',
    ],
    [
      'an origin with a password',
      { https: { allowedOrigins: ['https://user:S3CRET@example.com'] } },
      'sources.https.allowedOrigins',
    ],
    [
      'an origin with a signature',
      { https: { allowedOrigins: ['https://example.com/?sig=S3CRET'] } },
      'sources.https.allowedOrigins',
    ],
    ['a host header', { https: { ...https, headers: { host: 'S3CRET' } } }, 'sources.https.headers'],
    [
      'a header of two lines',
      { https: { ...https, headers: { authorization: 'S3CRET\r\nx: y' } } },
      'sources.https.headers',
    ],
    ['another field', { https: { ...https, origins: [] } }, 'sources.https.origins'],
    ['a reserved name', { gs: s3 }, 'sources.gs'],
    ['a name in capitals', { Store: s3 }, 'sources.Store'],
    ['a long name', { ['a'.repeat(33)]: s3 }, 'sources.aaa'],
    ['a number', { store: 5 }, 'sources.store'],
    ['another type', { store: { ...s3, type: 'gcs' } }, 'sources.store.type'],
    ['no bucket', { store: { type: 's3', region: 'x' } }, 'sources.store.bucket'],
    ['a bucket that is a path', { store: { ...s3, bucket: 'a/b' } }, 'sources.store.bucket'],
    ['no region', { store: { type: 's3', bucket: 'media' } }, 'sources.store.region'],
    ['a region that is a host', { store: { ...s3, region: 'x.evil.test/' } }, 'sources.store.region'],
    ['plain http', { store: { ...s3, endpoint: 'http://10.0.0.1:9000' } }, 'sources.store.endpoint'],
    [
      'an endpoint with a password',
      { store: { ...s3, endpoint: 'https://u:S3CRET@minio.example' } },
      'sources.store.endpoint',
    ],
    ['a prefix that leads out', { store: { ...s3, prefix: 'a/../..' } }, 'sources.store.prefix'],
    [
      'a style that is no boolean',
      { store: { ...s3, forcePathStyle: 'false' } },
      'sources.store.forcePathStyle',
    ],
    [
      'virtual-host style for a bucket with a dot',
      { store: { ...s3, bucket: 'my.media', forcePathStyle: false } },
      'sources.store.forcePathStyle',
    ],
    [
      'virtual-host style at an address',
      { store: { ...s3, endpoint: 'http://127.0.0.1:9000', forcePathStyle: false } },
      'sources.store.forcePathStyle',
    ],
    [
      'half of the credentials',
      { store: { ...s3, credentials: { accessKeyId: 'S3CRET' } } },
      'sources.store.credentials',
    ],
    [
      'credentials with another field',
      { store: { ...s3, credentials: { accessKeyId: 'a', secretAccessKey: 'S3CRET', token: 'b' } } },
      'sources.store.credentials',
    ],
    [
      'credentials of two lines',
      { store: { ...s3, credentials: { accessKeyId: 'a', secretAccessKey: 'S3CRET\n' } } },
      'sources.store.credentials',
    ],
  ])('refuses %s by the name of its field', (_, options, field) => {
    const resolve = () => resolveSources(options, {});
    expect(resolve).toThrow(InvalidOptionsError);
    expect(resolve).toThrow(`Invalid option ${field}`);
    expect(resolve).not.toThrow('S3CRET');
  });
});

describe('an origin', () => {
  const permits = (rule: string, url: string) => {
    const { https } = resolveSources({ https: { allowedOrigins: [rule] } }, {});
    return isAllowedOrigin(new URL(url), https!.allowedOrigins);
  };

  it.each([
    ['https://media.example.com', 'https://media.example.com/x'],
    ['https://MEDIA.example.com:443', 'https://media.example.com/x'],
    ['https://media.example.com:8443', 'https://media.example.com:8443/'],
    ['https://bücher.example', 'https://xn--bcher-kva.example/'],
    ['https://*.example.com', 'https://a.example.com/'],
    ['https://*.example.com', 'https://a.b.example.com/'],
    ['https://*.example.com:8443', 'https://a.example.com:8443/'],
    ['*', 'https://anything.test:8443/'],
  ])('%s permits %s', (rule, url) => expect(permits(rule, url)).toBe(true));

  it.each([
    ['https://media.example.com', 'http://media.example.com/'],
    ['https://media.example.com', 'https://media.example.com:8443/'],
    ['https://media.example.com', 'https://media.example.com./'],
    ['https://media.example.com', 'https://media.example.com.evil.test/'],
    ['https://*.example.com', 'https://example.com/'],
    ['https://*.example.com', 'https://evilexample.com/'],
    ['https://*.example.com', 'https://a.example.com:8443/'],
    ['https://*.example.com', 'https://a.example.com.evil.test/'],
    ['*', 'http://anything.test/'],
  ])('%s does not permit %s', (rule, url) => expect(permits(rule, url)).toBe(false));
});
