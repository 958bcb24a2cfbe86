/** Objects of S3 and compatible stores: where they are, and how requests for them are signed. */

import { createHash, createHmac } from 'node:crypto';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import dns from 'node:dns';
import { once } from 'node:events';
import { syncBuiltinESMExports } from 'node:module';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { resolveSources } from '../../src/sources/index.js';
import type { S3Source } from '../../src/sources/config.js';
import { objectUrl } from '../../src/sources/s3.js';
import { open, readAll } from '../support/sources.js';

const CREDENTIALS = {
  accessKeyId: 'AKIDEXAMPLE',
  secretAccessKey: 'wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY',
};
const MINUTE = 60_000;
const content = Buffer.alloc(150_000, 'object ');
const KEYS = [
  'clip.mp4',
  'a b/c  d.mp3',
  'plus+and%25 50%.txt',
  'hash#?query&=;.txt',
  'Grüße/ä.pdf',
  '🎬 film.mp4',
  "it's (1)!*.txt",
  '//double//',
  '~tilde_-.',
  'back\\slash',
];

let server: Server;
const objects = new Map<string, Buffer>();
const seen: { path: string; valid: boolean; headers: IncomingMessage['headers'] }[] = [];
let refuse = 0;
/** How much the store's clock is ahead of this machine's, and how much more so at each request. */
let aheadMs = 0;
let leapMs = 0;
/** Of the header alone, as a server before the store writes it. */
let dateAheadMs = 0;
/** Requests that are refused for credentials that have expired. */
let expired = 0;
beforeAll(async () => {
  server = createServer((request, response) => {
    const path = request.url ?? '';
    const now = Date.now() + (aheadMs += leapMs);
    const inTime = Math.abs(signedAt(request) - now) <= 15 * MINUTE;
    const isExpired = expired-- > 0;
    const valid = refuse-- <= 0 && !isExpired && inTime && signatureIsValid(request);
    response.setHeader('date', new Date(now + dateAheadMs).toUTCString());
    seen.push({ path, valid, headers: request.headers });
    const object = objects.get(decodeURIComponent(path));
    const refusal = inTime ? 'SignatureDoesNotMatch' : 'RequestTimeTooSkewed';
    if (isExpired) return response.writeHead(400).end('<Error><Code>ExpiredToken</Code></Error>');
    if (!valid) return response.writeHead(403).end(`<Error><Code>${refusal}</Code></Error>`);
    if (!object) return response.writeHead(404).end('<Error><Code>NoSuchKey</Code></Error>');
    const [, from, to] = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '') ?? [];
    const end = Math.min(Number(to) + 1, object.length);
    response.writeHead(206, { etag: '"md5"', 'content-range': `bytes ${from}-${end - 1}/${object.length}` });
    return response.end(object.subarray(Number(from), end));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  objects.clear();
  seen.length = 0;
  refuse = 0;
  aheadMs = 0;
  leapMs = 0;
  dateAheadMs = 0;
  expired = 0;
});

function signedAt({ headers }: IncomingMessage): number {
  const parts = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(String(headers['x-amz-date']));
  const [year = 0, month = 0, ...rest] = (parts ?? []).slice(1).map(Number);
  return Date.UTC(year, month - 1, ...rest);
}

/** What the store computes of the request that arrived (AWS Signature, version 4). */
function signatureIsValid({ method = '', url = '', headers }: IncomingMessage): boolean {
  const [, key, scope = '', names = '', given] =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([^,]+), SignedHeaders=([^,]+), Signature=(\w+)$/.exec(
      headers.authorization ?? '',
    ) ?? [];
  if (key !== CREDENTIALS.accessKeyId) return false;
  const [path = '', query = ''] = url.split('?');
  const encoded = encodeURIComponent(decodeURIComponent(path))
    .replaceAll('%2F', '/')
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  const canonicalHeaders = names
    .split(';')
    .map((name) => `${name}:${String(headers[name])}\n`)
    .join('');
  const canonical = [method, encoded, query, canonicalHeaders, names, headers['x-amz-content-sha256']].join(
    '\n',
  );
  const sha256 = createHash('sha256').update(canonical).digest('hex');
  const signing = scope
    .split('/')
    .reduce<Buffer>(
      (derived, part) => createHmac('sha256', derived).update(part).digest(),
      Buffer.from(`AWS4${CREDENTIALS.secretAccessKey}`),
    );
  const text = ['AWS4-HMAC-SHA256', headers['x-amz-date'], scope, sha256].join('\n');
  return createHmac('sha256', signing).update(text).digest('hex') === given;
}

function sources(options: Record<string, unknown> = {}, env = {}, others = {}) {
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return resolveSources(
    {
      store: {
        type: 's3',
        bucket: 'my-bucket',
        region: 'eu-central-1',
        endpoint,
        credentials: CREDENTIALS,
        ...options,
      },
      ...others,
    },
    env,
  );
}

describe('an object', () => {
  it.each(KEYS)('of the key %s is found and read', async (key) => {
    objects.set(`/my-bucket/${key}`, content);
    const source = await open(`store:${key}`, sources());
    expect((await readAll(source, 70_000)).equals(content)).toBe(true);
    await source.close();
    expect(source.label).toBe(`store:${key}`);
    expect(seen.length).toBeGreaterThan(1);
    for (const { headers } of seen) expect(headers['user-agent']).toMatch(/^temporal-gemini-files\/\d/);
  });

  it.each(['media', 'media/', 'ä b/+'])('is below the prefix %s', async (prefix) => {
    objects.set(`/my-bucket/${prefix.replace(/\/$/, '')}/x.mp4`, content);
    const source = await open('store:x.mp4', sources({ prefix }));
    await source.close();
    expect(source.name).toBe('x.mp4');
  });

  it.each(['../x', 'a/../../x', './x', 'a/..', '..', '.'])(
    'outside of the prefix is refused: %s',
    async (key) => {
      await expect(open(`store:${key}`, sources({ prefix: 'media' }))).rejects.toMatchObject({
        name: 'SourceNotAllowedError',
      });
      expect(seen).toEqual([]);
    },
  );

  it.each(['%2e%2e/x', '..%2fx', '…/x'])('whose key only looks as if it led out is read: %s', async (key) => {
    objects.set(`/my-bucket/media/${key}`, content);
    const source = await open(`store:${key}`, sources({ prefix: 'media' }));
    await source.close();
  });

  it('that is not there is not found, and nobody learns where', async () => {
    const failed = open('store:x', sources());
    await expect(failed).rejects.toMatchObject({ name: 'FileNotFoundError', status: 404 });
    await expect(failed).rejects.not.toThrow(/127|AKID|Signature/);
  });
});

describe('credentials', () => {
  it('come from the environment, at the time of opening', async () => {
    objects.set('/my-bucket/x', content);
    const env: Record<string, string> = {};
    const configured = sources({ credentials: undefined }, env);
    await expect(open('store:x', configured)).rejects.toMatchObject({ name: 'MissingCredentialsError' });
    Object.assign(env, {
      AWS_ACCESS_KEY_ID: CREDENTIALS.accessKeyId,
      AWS_SECRET_ACCESS_KEY: CREDENTIALS.secretAccessKey,
      AWS_SESSION_TOKEN: 'session',
    });
    const source = await open('store:x', configured);
    await source.close();
    expect(seen.at(-1)?.headers['x-amz-security-token']).toBe('session');
  });

  it('of a function are asked for once more if they are refused', async () => {
    objects.set('/my-bucket/x', content);
    let calls = 0;
    const credentials = () => ({
      ...CREDENTIALS,
      secretAccessKey: (calls += 1) === 1 ? 'expired' : CREDENTIALS.secretAccessKey,
      expiration: new Date(),
    });
    const source = await open('store:x', sources({ credentials }));
    await source.close();
    expect(calls).toBe(2);
    refuse = 9;
    await expect(open('store:x', sources({ credentials }))).rejects.toMatchObject({
      name: 'SourceNotAllowedError',
      status: 403,
    });
    expect(calls).toBe(4);
  });

  it('that are fixed are not tried again', async () => {
    const wrong = { ...CREDENTIALS, secretAccessKey: 'wrong-S3CRET' };
    const failed = open('store:x', sources({ credentials: wrong }));
    await expect(failed).rejects.toMatchObject({ name: 'SourceNotAllowedError', status: 403 });
    await expect(failed).rejects.not.toThrow(/S3CRET|AKID/);
    expect(seen.length).toBe(1);
  });

  it.each([
    [
      () => {
        throw new Error('secret=S3CRET');
      },
      'SourceError',
    ],
    [() => 5, 'MissingCredentialsError'],
    [() => ({ accessKeyId: 'a', secretAccessKey: 'S3CRET\n' }), 'MissingCredentialsError'],
  ])('that a function does not return are told of without them', async (credentials, name) => {
    const failed = open('store:x', sources({ credentials }));
    await expect(failed).rejects.toMatchObject({ name });
    await expect(failed).rejects.not.toThrow('S3CRET');
  });
});

describe('a clock that differs from the store', () => {
  it.each([60, -60, 24 * 60])('by %i minutes is corrected after one refusal', async (minutes) => {
    aheadMs = minutes * MINUTE;
    objects.set('/my-bucket/x', content);
    let calls = 0;
    const credentials = () => {
      calls += 1;
      return CREDENTIALS;
    };
    const source = await open('store:x', sources({ credentials }));
    expect((await readAll(source, 70_000)).equals(content)).toBe(true);
    await source.close();
    expect(seen.map(({ valid }) => valid)).toEqual([false, true, true, true, true]);
    // They were not to blame.
    expect(calls).toBe(1);
  });

  it('is corrected again if it is set in the middle of a file', async () => {
    objects.set('/my-bucket/x', content);
    const source = await open('store:x', sources());
    aheadMs = 60 * MINUTE;
    expect((await readAll(source, 70_000)).equals(content)).toBe(true);
    await source.close();
    expect(seen.map(({ valid }) => valid)).toEqual([true, false, true, true, true]);
  });

  it('more at each answer is followed once, and the failure says what the store said', async () => {
    leapMs = 60 * MINUTE;
    const failed = open('store:x', sources());
    await expect(failed).rejects.toMatchObject({ name: 'SourceNotAllowedError', status: 403 });
    await expect(failed).rejects.toThrow('store:x answered 403 (RequestTimeTooSkewed): ');
    expect(seen).toHaveLength(2);
  });

  it('only by the header that a server before the store writes does not keep new credentials from working', async () => {
    objects.set('/my-bucket/x', content);
    dateAheadMs = 60 * MINUTE;
    expired = 1;
    let calls = 0;
    const credentials = () => {
      calls += 1;
      return CREDENTIALS;
    };
    const source = await open('store:x', sources({ credentials }));
    await source.close();
    expect(calls).toBe(2);
    expect(seen.map(({ valid }) => valid)).toEqual([false, true]);
  });

  it('by less than the store tolerates does not make it ask again', async () => {
    aheadMs = 4 * MINUTE;
    const wrong = { ...CREDENTIALS, secretAccessKey: 'wrong' };
    await expect(open('store:x', sources({ credentials: wrong }))).rejects.toThrow(
      'store:x answered 403 (SignatureDoesNotMatch): ',
    );
    expect(seen).toHaveLength(1);
  });
});

describe('at AWS, where no endpoint is set', () => {
  const inVpc = {
    https: { allowedOrigins: ['https://media.example.com'], allowedAddresses: ['127.0.0.0/8'] },
  };
  /** As a VPC resolves the name of a private interface endpoint. */
  const resolvesTo = (address: string, family: number) => {
    const lookup = vi.spyOn(dns, 'lookup');
    lookup.mockImplementation(((_host: string, _options: object, callback: (...found: unknown[]) => void) =>
      callback(null, [{ address, family }])) as never);
    syncBuiltinESMExports();
    onTestFinished(() => {
      lookup.mockRestore();
      syncBuiltinESMExports();
    });
    return lookup;
  };
  const openAtAws = (others: object) => open('store:clip.mp4', sources({ endpoint: undefined }, {}, others));

  it.each([
    ['127.0.0.1', 4, {}],
    ['10.1.2.3', 4, inVpc],
    ['fd00::1', 6, inVpc],
    ['169.254.169.254', 4, inVpc],
  ])('the address %s is refused, unless the operator permits it', async (address, family, others) => {
    const lookup = resolvesTo(address, family);
    await expect(openAtAws(others)).rejects.toMatchObject({
      name: 'SourceNotAllowedError',
      message: expect.stringMatching(
        /^The address of my-bucket\.s3\.eu-central-1\.amazonaws\.com is not public/,
      ) as string,
    });
    expect(lookup).toHaveBeenCalledTimes(1);
  });

  it('a private address that the operator permits is connected to', async () => {
    const lookup = resolvesTo('127.0.0.1', 4);
    // Whatever listens there is not AWS: nothing, or a server without its certificate.
    await expect(openAtAws(inVpc)).rejects.toMatchObject({ name: 'SourceError' });
    expect(lookup.mock.calls.map(([host]) => host)).toEqual(['my-bucket.s3.eu-central-1.amazonaws.com']);
  });
});

describe('the URL of an object', () => {
  const urlOf = (source: Partial<S3Source>, key = 'a b/c.mp4') =>
    objectUrl(
      {
        type: 's3',
        bucket: 'media',
        region: 'eu-central-1',
        prefix: '',
        credentials: () => undefined,
        renewable: false,
        ...source,
      },
      key,
    ).href;

  it.each<[string, Partial<S3Source>, string]>([
    ['in virtual-host style at AWS', {}, 'https://media.s3.eu-central-1.amazonaws.com/a%20b/c.mp4'],
    ['in China', { region: 'cn-north-1' }, 'https://media.s3.cn-north-1.amazonaws.com.cn/a%20b/c.mp4'],
    [
      'in path style for a bucket with a dot',
      { bucket: 'my.media' },
      'https://s3.eu-central-1.amazonaws.com/my.media/a%20b/c.mp4',
    ],
    [
      'in path style for an old name',
      { bucket: 'My_Media' },
      'https://s3.eu-central-1.amazonaws.com/My_Media/a%20b/c.mp4',
    ],
    [
      'in path style at an endpoint',
      { endpoint: new URL('https://minio.example:9000/base/') },
      'https://minio.example:9000/base/media/a%20b/c.mp4',
    ],
    [
      'in virtual-host style at an endpoint that wants it',
      { endpoint: new URL('https://oss.example:9000/base/'), forcePathStyle: false },
      'https://media.oss.example:9000/base/a%20b/c.mp4',
    ],
    [
      'in path style at AWS, if it is asked for',
      { forcePathStyle: true },
      'https://s3.eu-central-1.amazonaws.com/media/a%20b/c.mp4',
    ],
    [
      'with its prefix',
      { prefix: 'pre fix/' },
      'https://media.s3.eu-central-1.amazonaws.com/pre%20fix/a%20b/c.mp4',
    ],
  ])('is %s', (_, source, url) => expect(urlOf(source)).toBe(url));
});
