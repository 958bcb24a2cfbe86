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
  const archive = {
    type: 's3',
    bucket: 'archive',
    region: 'auto',
    endpoint: server.origin,
    prefix: 'audio',
    credentials: { accessKeyId: 'AKID', secretAccessKey: 'S3CRET' },
  };
  config = await home.file('config.json', JSON.stringify({ sources: { https, archive } }));
});
afterAll(async () => {
  await home[Symbol.asyncDispose]();
  await emulator.close();
  await server[Symbol.asyncDispose]();
});
beforeEach(() => {
  server.reset();
  server.files.set('/clip.mp4', { content });
  server.files.set('/archive/audio/talks/clip 1.mp4', { content });
});

it('upload takes a key of a source that the configuration names', async () => {
  const end = await home.run(['upload', 'archive:talks/clip 1.mp4', '--json', '--config', config]);
  expect(end.json()).toMatchObject({
    state: 'ACTIVE',
    sha256,
    displayName: 'clip 1.mp4',
    mimeType: 'video/mp4',
  });
  expect(end.code).toBe(0);
  const signed = server.requests.map(({ headers }) => headers.authorization?.split(' ', 1)[0]);
  expect(new Set(signed)).toEqual(new Set(['AWS4-HMAC-SHA256']));
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
  ['archive:talks/none.mp4', 1, 'FileNotFoundError'],
  ['archive:../private/a.mp4', 1, 'SourceNotAllowedError'],
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

it('a worker reads from each origin of --allow-origin, and from no other of the configuration', async () => {
  await using other = await SourceServer.start('127.0.0.2');
  other.files.set('/other.mp4', { content });
  const origins = [server.origin, other.origin].flatMap((origin) => ['--allow-origin', origin]);
  const worker = home.start(['worker', ...origins, '--config', config, '--json']);
  await worker.stdout(/"taskQueue"/);
  const flags = ['--no-worker', '--json'];
  const ends = await Promise.all([
    home.run(['upload', server.url('/clip.mp4'), ...flags]),
    home.run(['upload', 'https://media.example.com/clip.mp4', ...flags]),
    home.run(['upload', 'archive:talks/clip 1.mp4', ...flags]),
    home.run(['upload', other.url('/other.mp4'), ...flags]),
  ]);
  worker.child.kill('SIGTERM');
  expect(ends[0].json()).toMatchObject({ state: 'ACTIVE', sha256 });
  expect(ends[1].json()).toMatchObject({ error: { type: 'SourceNotAllowedError' } });
  expect(ends[2].json()).toMatchObject({ state: 'ACTIVE', sha256 });
  expect(ends[3].json()).toMatchObject({ state: 'ACTIVE', sha256 });
  expect((await worker.ended).code).toBe(0);
});

it.each<[string, object]>([
  [
    'sources.archive.bukcet',
    { archive: { type: 's3', bukcet: 'archive', region: 'auto', secretAccessKey: 'S3CRET' } },
  ],
  [
    'sources.archive.credentials',
    { archive: { type: 's3', bucket: 'a-b', region: 'auto', credentials: 'S3CRET' } },
  ],
  ['sources.https.allowedOrigins', { https: { allowedOrigins: ['http://media.example.com'] } }],
  ['sources.file', { file: { type: 's3', bucket: 'a-b', region: 'auto' } }],
])('a file with the wrong field %s is refused by each command, which names it', async (field, sources) => {
  const wrong = await home.file('wrong.json', JSON.stringify({ sources }));
  const commands = [['worker'], ['upload', 'archive:x'], ['doctor', '--offline']];
  const ends = await Promise.all(commands.map((args) => home.run([...args, '--json', '--config', wrong])));
  for (const { stdout, stderr } of ends) {
    expect(stdout + stderr).toContain(field);
    expect(stdout + stderr).not.toContain('S3CRET');
  }
  expect(ends.map(({ code }) => code)).toEqual([2, 2, 1]);
});

it('doctor asks the permitted origins, reads one byte of a file, and says what to do about one that it must not read', async () => {
  const url = server.url('/clip.mp4?version=3');
  const args = ['doctor', '--json', '--config', config, '--source', url];
  const checks = async (...more: string[]) => {
    const end = await home.run([...args, ...more]);
    expect(end.stdout).not.toContain('version=3');
    const all = end.json<{
      checks: { name: string; ok: boolean; skipped?: true; detail: string; fix?: string }[];
    }>();
    return all.checks.filter(({ name }) => name.startsWith('source http'));
  };
  const name = `source ${server.url('/clip.mp4')}`;
  expect(await checks('--allow-origin', server.origin)).toMatchObject([
    { name: 'source https', ok: true, detail: '1 permitted origin' },
    { name: `source ${server.origin}`, ok: true, detail: 'reachable (HTTP 404)' },
    { name, ok: true, detail: expect.stringMatching(/^one byte of 300 kB/) as string },
  ]);
  expect(server.ranges.at(-1)).toBe('bytes=0-0');
  const nobody = 'https://127.0.0.1:1';
  expect((await checks('--allow-origin', nobody)).slice(1)).toMatchObject([
    { name: `source ${nobody}`, ok: false, detail: 'no answer: ECONNREFUSED' },
    { name, ok: false, fix: expect.stringContaining('--allow-origin') as string },
  ]);
  expect((await checks('--offline')).slice(1)).toMatchObject([
    { name: 'source https://media.example.com', ok: true, skipped: true },
    { name, ok: true, skipped: true },
  ]);
});

it('doctor says whether a bucket answers, and what it answers', async () => {
  const check = async () => {
    // An origin with `*` is not asked: only the bucket is.
    const flags = ['--allow-origin', 'https://*.example.com'];
    const end = await home.run(['doctor', '--json', '--config', config, ...flags]);
    expect(end.stdout).not.toContain('S3CRET');
    const { checks } = end.json<{ checks: { name: string; ok: boolean; detail: string; fix?: string }[] }>();
    return checks.find(({ name }) => name === 'source archive');
  };
  expect(await check()).toMatchObject({ ok: true, detail: expect.stringContaining('404') as string });
  server.acts.push(answer(403));
  expect(await check()).toMatchObject({ ok: true, detail: expect.stringContaining('403') as string });
  server.acts.push(answer(302, { 'x-amz-bucket-region': 'eu-west-1', location: 'https://elsewhere.test/' }));
  expect(await check()).toMatchObject({ ok: false, detail: expect.stringContaining('eu-west-1') as string });
});
