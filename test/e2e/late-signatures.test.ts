/**
 * URLs of Google Cloud Storage, Azure and S3 that a function signs at each attempt, by the stores' own libraries, and read from servers in
 * their place. Azurite and versitygw check each signature; fake-gcs-server does not. For `npm run test:release`.
 */

import { spawn, type ChildProcess } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromAzure } from '../../examples/sources/azure.js';
import { fromGoogleCloud } from '../../examples/sources/google-cloud.js';
import { fromS3 } from '../../examples/sources/s3.js';
import type { LocateFile } from '../../src/sources/options.js';
import { freePort } from '../../src/util/free-port.js';
import { testFolder, type TestFolder } from '../support/files.js';
import { goProgram, npmFolder } from '../support/installed.js';
import { lateSource, send, tlsFile } from '../support/late-signature.js';
import { KEYS, putIntoS3 } from '../support/s3-put.js';
import { open, readAll } from '../support/sources.js';
import { eventually } from '../support/eventually.js';

const content = randomBytes(300_000);
const TLS = [tlsFile('certificate'), tlsFile('key')] as const;

let folder: TestFolder | undefined;
let npm: string;
const servers: ChildProcess[] = [];

beforeAll(async () => {
  folder = await testFolder();
  npm = await npmFolder('stores', [
    '@google-cloud/storage@7.22.0',
    '@azure/storage-blob@12.28.0',
    'azurite@3.35.0',
  ]);
}, 300_000);

afterAll(async () => {
  for (const server of servers) {
    const ended = once(server, 'exit');
    server.kill();
    await ended;
  }
  await folder?.[Symbol.asyncDispose]();
});

/** Starts a server, and waits until `ready` succeeds. */
async function start(command: string, args: readonly string[], ready: () => Promise<number>): Promise<void> {
  servers.push(spawn(command, args, { stdio: 'ignore', ...(folder && { cwd: folder.path }) }));
  await eventually(async () => expect([200, 201]).toContain(await ready()));
}

const library = <T>(name: string) => createRequire(join(npm, 'package.json'))(name) as T;
const encoded = (key: string) => key.split('/').map(encodeURIComponent).join('/');

/** Reads the key by the function, which is called once, and returns the signed URL. */
async function readsAll(locate: LocateFile, key: string): Promise<string> {
  const { sources, calls } = lateSource(locate);
  const source = await open(`store:${key}`, sources);
  expect((await readAll(source, 100_000)).equals(content)).toBe(true);
  await source.close();
  expect(calls.contexts.map(({ attempt, refused }) => ({ attempt, refused }))).toEqual([
    { attempt: 1, refused: false },
  ]);
  return calls.urls[0] ?? '';
}

/** A function whose first URL is refused is called again, and reads with the second one. */
async function readsAfterRefusal(
  locate: LocateFile,
  spoil: (url: string) => string,
  key: string,
): Promise<void> {
  const { sources, calls } = lateSource(async (name, context) => {
    const located = await locate(name, context);
    return 'url' in located && !context.refused ? { url: spoil(located.url) } : located;
  });
  const source = await open(`store:${key}`, sources);
  expect((await readAll(source)).equals(content)).toBe(true);
  await source.close();
  expect(calls.contexts.map(({ refused }) => refused)).toEqual([false, true]);
  const never = lateSource(async (name, context) => {
    const located = await locate(name, context);
    return 'url' in located ? { url: spoil(located.url) } : located;
  });
  const failure = await open(`store:${key}`, never.sources).catch((error: unknown) => error);
  expect(failure).toMatchObject({ name: 'SourceNotAllowedError' });
  for (const url of never.calls.urls) expect(String(failure)).not.toContain(new URL(url).search);
}

describe('Google Cloud Storage', () => {
  let locate: LocateFile;
  let origin: string;

  beforeAll(async () => {
    const port = await freePort();
    origin = `https://127.0.0.1:${port}`;
    const program = await goProgram('github.com/fsouza/fake-gcs-server', 'v1.56.1');
    const where = ['-host', '127.0.0.1', '-port', String(port), '-public-host', `127.0.0.1:${port}`];
    const tls = ['-cert-location', TLS[0], '-private-key-location', TLS[1]];
    await start(program, ['-scheme', 'https', '-backend', 'memory', ...where, ...tls], () =>
      send('POST', `${origin}/storage/v1/b`, Buffer.from('{"name":"media"}')),
    );
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const private_key = privateKey.export({ type: 'pkcs8', format: 'pem' });
    const { Storage } = library<{
      Storage: new (options: object) => { bucket(name: string): Parameters<typeof fromGoogleCloud>[0] };
    }>('@google-cloud/storage');
    const storage = new Storage({
      apiEndpoint: origin,
      projectId: 'test',
      credentials: { client_email: 'worker@test.invalid', private_key },
    });
    locate = fromGoogleCloud(storage.bucket('media'));
  }, 300_000);

  for (const key of KEYS)
    it(`finds the key ${key}`, async () => {
      const to = `${origin}/upload/storage/v1/b/media/o?uploadType=media&name=${encodeURIComponent(key)}`;
      expect(await send('POST', to, content, { 'content-type': 'video/mp4' })).toBe(200);
      const url = new URL(await readsAll(locate, key));
      expect(url.searchParams.get('X-Goog-Expires')).toBe('3600');
    });
});

describe('Azure', () => {
  // Azurite's own account, which is public.
  const account = 'devstoreaccount1';
  const accountKey =
    'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';
  interface Container {
    getBlobClient(key: string): {
      generateSasUrl(options: { permissions: object; expiresOn: Date }): Promise<string>;
    };
  }
  interface Library {
    StorageSharedKeyCredential: new (name: string, key: string) => object;
    ContainerClient: new (url: string, credential: object) => Container;
    BlobSASPermissions: { parse(text: string): object };
    AccountSASPermissions: { parse(text: string): object };
    BlobServiceClient: new (
      url: string,
      credential: object,
    ) => { generateAccountSasUrl(expiresOn: Date, permissions: object, resourceTypes: string): string };
  }
  let container: Container;
  let permissions: Library['BlobSASPermissions'];

  beforeAll(async () => {
    const { StorageSharedKeyCredential, ContainerClient, BlobServiceClient, ...sas } =
      library<Library>('@azure/storage-blob');
    permissions = sas.BlobSASPermissions;
    const port = await freePort();
    const service = `https://127.0.0.1:${port}/${account}`;
    const credential = new StorageSharedKeyCredential(account, accountKey);
    container = new ContainerClient(`${service}/media`, credential);
    const soon = new Date(Date.now() + 600_000);
    const signed = new BlobServiceClient(service, credential).generateAccountSasUrl(
      soon,
      sas.AccountSASPermissions.parse('rwc'),
      'co',
    );
    const create = `${service}/media?restype=container&${new URL(signed).search.slice(1)}`;
    const program = createRequire(join(npm, 'package.json')).resolve('azurite/dist/src/blob/main.js');
    const options = ['--inMemoryPersistence', '--disableTelemetry', '--silent', '--skipApiVersionCheck'];
    const where = ['--blobHost', '127.0.0.1', '--blobPort', String(port), '--cert', TLS[0], '--key', TLS[1]];
    await start(process.execPath, [program, ...options, ...where], () =>
      send('PUT', create, Buffer.alloc(0)),
    );
  });

  const put = async (key: string) => {
    const expiresOn = new Date(Date.now() + 600_000);
    const write = await container
      .getBlobClient(key)
      .generateSasUrl({ permissions: permissions.parse('cw'), expiresOn });
    expect(await send('PUT', write, content, { 'x-ms-blob-type': 'BlockBlob' })).toBe(201);
  };

  for (const key of KEYS)
    it(`finds the key ${key}`, async () => {
      await put(key);
      const url = new URL(await readsAll(fromAzure(container, permissions.parse('r')), key));
      expect(url.searchParams.get('sig')).toMatch(/^.{43}=$/);
    });

  it('signs again if the store refuses the first signature', async () => {
    await put('clip.mp4');
    const spoil = (url: string) => url.replace(/sig=[^&]*/, 'sig=AAAA');
    await readsAfterRefusal(fromAzure(container, permissions.parse('r')), spoil, 'clip.mp4');
  });
});

describe('S3', () => {
  const credentials = { accessKeyId: 'AKIDLATE', secretAccessKey: 'secret/of+late' };
  let origin: string;

  beforeAll(async () => {
    if (!folder) return;
    const program = await goProgram('github.com/versity/versitygw/cmd/versitygw', 'v1.8.0');
    const data = join(folder.path, 'data');
    await mkdir(data);
    const address = `127.0.0.1:${await freePort()}`;
    origin = `https://${address}`;
    const { accessKeyId, secretAccessKey } = credentials;
    const account = ['--access', accessKeyId, '--secret', secretAccessKey];
    await start(
      program,
      [...account, '--port', address, '--cert', TLS[0], '--key', TLS[1], 'posix', data],
      () => putIntoS3(origin, credentials, '/media', undefined, send),
    );
  }, 300_000);

  const signing = () => fromS3(`${origin}/media`, 'us-east-1', () => Promise.resolve(credentials));

  for (const key of KEYS)
    it(`finds the key ${key}`, async () => {
      expect(await putIntoS3(origin, credentials, `/media/${encoded(key)}`, content, send)).toBe(200);
      const url = new URL(await readsAll(signing(), key));
      expect(url.searchParams.get('X-Amz-Signature')).toMatch(/^[0-9a-f]{64}$/);
    });

  it('signs again if the store refuses the first signature', async () => {
    expect(await putIntoS3(origin, credentials, '/media/clip.mp4', content, send)).toBe(200);
    const spoil = (url: string) => url.replace(/X-Amz-Signature=.{4}/, 'X-Amz-Signature=0000');
    await readsAfterRefusal(signing(), spoil, 'clip.mp4');
  });
});
