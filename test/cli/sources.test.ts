/** `upload URL`, `worker --allow-origin` and `doctor --source`, as processes that trust the certificate of a local https server. */

import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { cliHome, type CliHome } from '../support/cli.js';
import { answer, SourceServer } from '../support/source-server.js';
import { useDevServer } from '../support/temporal.js';

const content = randomBytes(300_000);
const sha256 = createHash('sha256').update(content).digest('hex');
const env = await useDevServer();

let server: SourceServer;
let emulator: GeminiFilesEmulator;
let home: CliHome;
/** Permits this machine's addresses and no origin of the server. */
let config: string;
beforeAll(async () => {
  server = await SourceServer.start();
  emulator = await GeminiFilesEmulator.start({ outcome: 'ACTIVE' });
  home = await cliHome({
    TEMPORAL_ADDRESS: env.address,
    GEMINI_API_KEY: 'test-key',
    GOOGLE_GEMINI_BASE_URL: emulator.url,
  });
  home.env.NODE_EXTRA_CA_CERTS = await home.file('ca.pem', server.ca);
  const https = {
    allowedOrigins: ['https://media.example.com'],
    allowedAddresses: ['127.0.0.0/8'],
    headers: { authorization: 'of media.example.com' },
  };
  config = await home.file('config.json', JSON.stringify({ sources: { https } }));
});
afterAll(async () => {
  await home[Symbol.asyncDispose]();
  await emulator.close();
  await server[Symbol.asyncDispose]();
});
beforeEach(() => {
  server.reset();
  server.files.set('/clip.mp4', { content });
});

it('upload takes the URL that the user named, follows it to another origin, and sends it no configured header', async () => {
  await using other = await SourceServer.start();
  other.files.set('/stored', { content });
  server.acts.push(...Array.from({ length: 9 }, () => answer(302, { location: other.url('/stored') })));
  const url = server.url('/clip.mp4?version=3');
  const end = await home.run(['upload', url, '--json', '--config', config]);
  expect(end.json()).toMatchObject({
    state: 'ACTIVE',
    sha256,
    displayName: 'clip.mp4',
    mimeType: 'video/mp4',
  });
  expect(end.code).toBe(0);
  expect(other.requests.length).toBeGreaterThan(0);
  expect([...server.requests, ...other.requests].map(({ headers }) => headers.authorization)).not.toContain(
    'of media.example.com',
  );
});

it.each([
  ['http://media.example.com/a.mp4', 2, 'InvalidOptionsError'],
  ['s3://bucket/a.mp4', 2, 'InvalidOptionsError'],
  ['https://media.example.com/a.mp4?X-Amz-Signature=s3cr3t', 2, 'InvalidOptionsError'],
  ['media:a.mp4', 1, 'SourceNotAllowedError'],
])('upload refuses %s', async (source, code, type) => {
  const end = await home.run(['upload', source, '--json', '--config', config]);
  expect(end.json()).toMatchObject({ error: { type } });
  expect(end.code).toBe(code);
  expect(end.stdout + end.stderr).not.toContain('s3cr3t');
});

it('upload takes a file on the disk whose name looks like that of a source', async () => {
  await home.file('talk:part1.txt', 'a text');
  const end = await home.run(['upload', 'talk:part1.txt', '--json']);
  expect(end.json()).toMatchObject({ displayName: 'talk:part1.txt', state: 'ACTIVE' });
});

it('a worker reads from the origins of --allow-origin, and from no other of the configuration', async () => {
  const worker = home.start(['worker', '--allow-origin', server.origin, '--config', config, '--json']);
  await worker.stdout(/"taskQueue"/);
  const flags = ['--no-worker', '--json'];
  const ends = await Promise.all([
    home.run(['upload', server.url('/clip.mp4'), ...flags]),
    home.run(['upload', 'https://media.example.com/clip.mp4', ...flags]),
  ]);
  worker.child.kill('SIGTERM');
  expect(ends[0].json()).toMatchObject({ state: 'ACTIVE', sha256 });
  expect(ends[1].json()).toMatchObject({ error: { type: 'SourceNotAllowedError' } });
  expect((await worker.ended).code).toBe(0);
});

it('doctor reads one byte of a file, and says what to do about one that it must not read', async () => {
  const url = server.url('/clip.mp4?version=3');
  const args = ['doctor', '--json', '--config', config, '--source', url];
  const checks = async (...more: string[]) => {
    const end = await home.run([...args, ...more]);
    expect(end.stdout).not.toContain('version=3');
    const all = end.json<{
      checks: { name: string; ok: boolean; skipped?: true; detail: string; fix?: string }[];
    }>();
    return all.checks.filter(({ name }) => name.startsWith('source'));
  };
  const name = `source ${server.url('/clip.mp4')}`;
  expect(await checks('--allow-origin', server.origin)).toMatchObject([
    { name: 'source https', ok: true, detail: '1 permitted origin' },
    { name, ok: true, detail: expect.stringMatching(/^one byte of 293 KiB/) as string },
  ]);
  const [, refused] = await checks();
  expect(refused).toMatchObject({
    name,
    ok: false,
    fix: expect.stringContaining('--allow-origin') as string,
  });
  expect((await checks('--offline'))[1]).toMatchObject({ name, ok: true, skipped: true });
});
