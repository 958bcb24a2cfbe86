/** S3 as a server answers that verifies each signature: versitygw, which Go's modules bring. For `npm run test:release`. */

import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import type * as Dns from 'node:dns';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { resolveSources } from '../../src/sources/index.js';
import { freePort } from '../../src/util/free-port.js';
import { testFolder, type TestFolder } from '../support/files.js';
import { goProgram } from '../support/installed.js';
import { KEYS, putIntoS3 } from '../support/s3-put.js';
import { open, readAll } from '../support/sources.js';
import { eventually } from '../support/eventually.js';

const credentials = { accessKeyId: 'AKIDVERSITY', secretAccessKey: 'secret/of+versity' };

// Names below localhost are this machine by RFC 6761, but not to every resolver.
vi.mock('node:dns', async (original) => {
  const dns = await original<typeof Dns>();
  const lookup = (host: string, ...rest: unknown[]) =>
    Reflect.apply(dns.lookup, dns, [host.endsWith('.localhost') ? '127.0.0.1' : host, ...rest]) as void;
  return { ...dns, lookup };
});

describe('S3 of a server that verifies signatures', () => {
  const content = randomBytes(300_000);
  let folder: TestFolder;
  let server: ChildProcess | undefined;
  let endpoint: string;

  beforeAll(async () => {
    const program = await goProgram('github.com/versity/versitygw/cmd/versitygw', 'v1.8.0');
    folder = await testFolder();
    const data = join(folder.path, 'data');
    await mkdir(data);
    const port = await freePort();
    const { accessKeyId, secretAccessKey } = credentials;
    const account = ['--access', accessKeyId, '--secret', secretAccessKey];
    const where = ['--port', `127.0.0.1:${port}`, '--virtual-domain', `localhost:${port}`];
    server = spawn(program, [...account, ...where, 'posix', data], { stdio: 'ignore' });
    endpoint = `http://127.0.0.1:${port}`;
    await eventually(async () => expect(await putIntoS3(endpoint, credentials, '/media')).toBe(200));
  }, 300_000);

  afterAll(async () => {
    if (!server) return;
    server.kill();
    await once(server, 'exit');
    await folder[Symbol.asyncDispose]();
  });

  const store = (options: Record<string, unknown> = {}) =>
    resolveSources(
      {
        store: { type: 's3', bucket: 'media', region: 'us-east-1', endpoint, credentials, ...options },
      },
      {},
    );

  for (const key of KEYS)
    it(`finds the key ${key} below a prefix, in path style and in virtual-host style`, async () => {
      const path = `pre fix/${key}`.split('/').map(encodeURIComponent).join('/');
      expect(await putIntoS3(endpoint, credentials, `/media/${path}`, content)).toBe(200);
      const source = await open(`store:${key}`, store({ prefix: 'pre fix/' }));
      expect((await readAll(source, 100_000)).equals(content)).toBe(true);
      await source.close();
      // The bucket in the host name.
      const options = {
        prefix: 'pre fix/',
        forcePathStyle: false,
        endpoint: endpoint.replace('127.0.0.1', 'localhost'),
      };
      const virtual = await open(`store:${key}`, store(options));
      expect((await readAll(virtual, 100_000)).equals(content)).toBe(true);
      await virtual.close();
    });

  it('refuses a wrong secret, and a key that is not there', async () => {
    const wrong = store({ credentials: { ...credentials, secretAccessKey: 'wrong' } });
    await expect(open('store:clip.mp4', wrong)).rejects.toMatchObject({ name: 'SourceNotAllowedError' });
    await expect(open('store:none', store())).rejects.toMatchObject({ name: 'FileNotFoundError' });
  });
});
