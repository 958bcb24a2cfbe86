/** S3 as another implementation of it answers: moto, a server from PyPI, which pip installs into the user's cache folder once. */

import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { fromS3 } from '../../examples/sources/s3.js';
import { resolveSources } from '../../src/sources/index.js';
import { errorMessage } from '../../src/util/error-message.js';
import { lastLines, runCommand } from '../../src/util/run-command.js';
import { userFolder } from '../../src/util/user-folder.js';
import { lateSource, send, tlsFile } from '../support/late-signature.js';
import { KEYS, putIntoS3 } from '../support/s3-put.js';
import { open, readAll } from '../support/sources.js';

/** Without the many services that `moto[server]` brings. */
const PACKAGES = ['moto[s3]==5.2.5', 'flask==3.*', 'flask-cors==6.*'];
const folder = join(userFolder('cache', process.env), 'moto-5.2.5');
const credentials = { accessKeyId: 'AKIDMOTO', secretAccessKey: 'secret/of+moto' };

/** Why moto cannot be used here; undefined if it can. */
async function installMoto(): Promise<string | undefined> {
  if (existsSync(folder)) return undefined;
  const making = `${folder}-${process.pid}`;
  try {
    const args = ['-m', 'pip', 'install', '--quiet', '--target', making, ...PACKAGES];
    const { code, output } = await runCommand('python3', args, { env: process.env, timeoutMs: 240_000 });
    if (code !== 0) return `pip: ${lastLines(output)}`;
    // Whoever is first has installed it.
    await rename(making, folder).catch(() => undefined);
    return undefined;
  } catch (error) {
    return errorMessage(error);
  } finally {
    await rm(making, { recursive: true, force: true });
  }
}

const missing = await installMoto();

describe.skipIf(missing !== undefined)(
  `S3 of moto${missing === undefined ? '' : ` (skipped: ${missing})`}`,
  () => {
    const content = randomBytes(300_000);
    const servers: ChildProcess[] = [];
    let endpoint: string;
    let secure: string;

    beforeAll(async () => {
      const env = { ...process.env, PYTHONPATH: folder, PYTHONUNBUFFERED: '1' };
      const code = 'from moto.server import main; main()';
      const start = async (...options: string[]) => {
        const moto = spawn('python3', ['-c', code, '-H', '127.0.0.1', '-p', '0', ...options], {
          env,
          stdio: ['ignore', 'ignore', 'pipe'],
        });
        servers.push(moto);
        return new Promise<string>((resolve, reject) => {
          moto.once('error', reject);
          moto.once('exit', (status) => reject(new Error(`moto ended with ${status}`)));
          createInterface({ input: moto.stderr }).on('line', (line) => {
            const [url] = /https?:\/\/127\.0\.0\.1:\d+/.exec(line) ?? [];
            if (url) resolve(url);
          });
        });
      };
      [endpoint, secure] = await Promise.all([
        start(),
        start('-s', '-c', tlsFile('certificate'), '-k', tlsFile('key')),
      ]);
      await put('/bucket');
    }, 60_000);
    afterAll(() => {
      for (const server of servers) server.kill();
    });

    async function put(path: string, body?: Buffer): Promise<void> {
      expect(await putIntoS3(endpoint, credentials, path, body)).toBe(200);
    }

    const store = (options: Record<string, unknown> = {}) =>
      resolveSources(
        { store: { type: 's3', bucket: 'bucket', region: 'us-east-1', endpoint, credentials, ...options } },
        {},
      );

    it.each(KEYS)('finds the key %s', async (key) => {
      await put(`/bucket/pre/${encodeURIComponent(key).replaceAll('%2F', '/')}`, content);
      const source = await open(`store:${key}`, store({ prefix: 'pre' }));
      expect(source.fingerprint.version).toMatch(/^"[0-9a-f]{32}"$/);
      expect((await readAll(source, 100_000)).equals(content)).toBe(true);
      await source.close();
    });

    it('reads a URL that a function signs at each attempt', async () => {
      expect(await putIntoS3(secure, credentials, '/late', undefined, send)).toBe(200);
      expect(await putIntoS3(secure, credentials, '/late/a%20b/%C3%BC.mp4', content, send)).toBe(200);
      const locate = fromS3(`${secure}/late`, 'us-east-1', () => Promise.resolve(credentials));
      const { sources, calls } = lateSource(locate);
      for (const attempt of [1, 2]) {
        const source = await open('store:a b/ü.mp4', sources, undefined, attempt);
        expect((await readAll(source, 100_000)).equals(content)).toBe(true);
        expect(source.name).toBe('ü.mp4');
        await source.close();
      }
      expect(calls.contexts.map(({ attempt }) => attempt)).toEqual([1, 2]);
      for (const url of calls.urls) expect(url).toContain('X-Amz-Signature=');
    });

    it('tells what is not there from what is empty', async () => {
      await put('/bucket/empty', Buffer.alloc(0));
      await expect(open('store:none', store())).rejects.toMatchObject({ name: 'FileNotFoundError' });
      await expect(open('store:empty', store())).rejects.toMatchObject({ name: 'EmptyFileError' });
    });

    it('notices an object that is replaced in the middle', async () => {
      await put('/bucket/changing', content);
      const source = await open('store:changing', store());
      await put('/bucket/changing', randomBytes(content.length));
      await expect(readAll(source)).rejects.toMatchObject({ name: 'FileChangedError' });
      await source.close();
    });
  },
);
