/** Signed URLs of a worker's function: their signatures are in nothing that is kept of a run, however the run ends. */

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, it, vi } from 'vitest';
import { cert } from './fixtures/self-signed.js';
import { cliHome } from '../support/cli.js';
import { activateOnceUploaded, QUICK, type Scenario } from '../support/scenario.js';
import { secretRuns } from '../support/secret-runs.js';
import { answer, breakAfter, SourceServer, type Act } from '../support/source-server.js';
import { traced } from '../support/tracing.js';
import type { UploadHandle } from '../../src/client/index.js';
import type * as SourcesConfigModule from '../../src/sources/config.js';
import type { SourcesOptions } from '../../src/worker/index.js';

// A process trusts other certificates only from its start, and a user of the option need not be able to name one.
vi.mock('../../src/sources/config.js', async (importOriginal) => {
  const original = await importOriginal<typeof SourcesConfigModule>();
  return {
    ...original,
    resolveSources: (...given: Parameters<typeof original.resolveSources>) => ({
      ...original.resolveSources(...given),
      ca: cert,
    }),
  };
});

const MiB = 1024 * 1024;
const { env, errors, folder, kept, metrics, run } = await secretRuns();
const { exporter, plugin } = traced();
const server = await SourceServer.start();
afterAll(() => server[Symbol.asyncDispose]());

const signatures: string[] = [];
function sign(url: string): string {
  const signature = `f00d${String(signatures.length).padStart(4, '0')}recognisable-signature`;
  signatures.push(signature);
  kept.secret(signature);
  return `${url}?X-Amz-Credential=of-${signature}&X-Amz-Signature=${signature}`;
}
const TOKEN = 'recognisable-token-of-a-header';
const credentials = {
  accessKeyId: 'RECOGNISABLEKEYID',
  secretAccessKey: 'recognisable/secret+access-key',
  sessionToken: 'recognisable-session-token',
};
kept.secret(TOKEN, ...Object.values(credentials));

const sources: SourcesOptions = {
  https: { allowedOrigins: [server.origin], allowedAddresses: ['127.0.0.0/8'] },
  store: (key) => ({ url: sign(server.url(`/${key}`)), headers: { authorization: TOKEN } }),
  bucket: { type: 's3', bucket: 'media', region: 'auto', endpoint: server.origin, credentials },
  elsewhere: () => ({ url: sign('https://localhost.invalid/a.mp4') }),
  broken: () => {
    throw new Error(`no, ${sign('https://store.invalid/')} is not signed`);
  },
  reader: () => ({
    sizeBytes: 10,
    version: '1',

    async *read() {
      throw await Promise.resolve(new Error(`no, ${sign('https://store.invalid/')} is not read`));
    },
  }),
};
const echo: Act = (request, response) =>
  response
    .writeHead(403, { 'x-echo': TOKEN })
    .end(`SignatureDoesNotMatch ${request.url} ${request.headers.authorization} ${TOKEN}`);

/** What callers see while an upload runs, and what Temporal has of it then: heartbeats too. */
async function watched(at: Scenario, handle: UploadHandle): Promise<void> {
  const activated = activateOnceUploaded(at);
  for await (const progress of at.client.progress(handle))
    kept.add('progress', progress, (await handle.workflow.describe()).raw);
  await activated;
}

it.each<[string, string, Act[]]>([
  ['success', 'clip.mp4', []],
  ['break and 503', 'large.mp4', [breakAfter(server, 9 * MiB), answer(503, { 'retry-after': '1' }, TOKEN)]],
  ['403', 'clip.mp4', [echo, echo]],
  ['404', 'none.mp4', []],
])('a run of a signed URL: %s', async (name, key, acts) => {
  server.reset();
  server.files.set('/clip.mp4', { content: Buffer.alloc(1000, 'x') });
  server.files.set('/large.mp4', { content: Buffer.alloc(20 * MiB, 'x') });
  server.acts.push(...acts);
  const meanwhile = acts.includes(echo) || name === '404' ? undefined : watched;
  await run(
    name,
    '',
    QUICK,
    { worker: { sources, plugins: [plugin] }, from: { source: `store:${key}` } },
    meanwhile,
  );
  expect(server.requests.length).toBeGreaterThan(0);
  expect(server.requests.every(({ path }) => signatures.some((one) => path.includes(one)))).toBe(true);
});

it.each<[string, Act[]]>([
  ['success', []],
  ['403', [echo, echo]],
])('a run of an object in a bucket: %s', async (name, acts) => {
  server.reset();
  server.files.set('/media/clip.mp4', { content: Buffer.alloc(1000, 'x') });
  server.acts.push(...acts);
  const from = { source: 'bucket:clip.mp4' };
  const meanwhile = name === 'success' ? watched : undefined;
  await run(`bucket, ${name}`, '', QUICK, { worker: { sources, plugins: [plugin] }, from }, meanwhile);
  const sent = server.requests.map(({ headers }) =>
    /Signature=([0-9a-f]{64})$/.exec(headers.authorization ?? ''),
  );
  expect(sent).not.toContain(null);
  kept.secret(...sent.map((match) => match?.[1] ?? ''));
});

it.each([
  ['redirect', 'store:clip.mp4'],
  ['no host', 'elsewhere:a'],
  ['function', 'broken:a'],
  ['reader', 'reader:a.mp4'],
])('a run that fails: %s', async (name, source) => {
  server.reset();
  server.acts.push((_, response) =>
    response.writeHead(302, { location: sign('https://127.0.0.2:1/x') }).end(),
  );
  const before = signatures.length;
  const settings = { ...QUICK, uploadTimeout: '3s' } as const;
  await run(name, '', settings, { worker: { sources, plugins: [plugin] }, from: { source } });
  expect(signatures.length).toBeGreaterThan(before);
});

it('an input that is signed is refused by the client, and by the workflow', async () => {
  const source = sign(server.url('/clip.mp4'));
  await run('client', '', {}, { from: { source } });
  expect(errors).toContain('InvalidOptionsError');
});

it('a command, with --json and without', async () => {
  const config = join(folder.path, 'sources.json');
  const ca = join(folder.path, 'ca.pem');
  await writeFile(ca, cert);
  const headers = { authorization: TOKEN };
  const https = { allowedOrigins: [server.origin], allowedAddresses: ['127.0.0.0/8'], headers };
  const { bucket } = sources;
  await writeFile(config, JSON.stringify({ apiKey: 'test-key', sources: { https, bucket } }));
  await using home = await cliHome({ NODE_EXTRA_CA_CERTS: ca, TEMPORAL_ADDRESS: env.address });
  server.reset();
  server.acts.push(...Array.from({ length: 10 }, () => echo));
  const url = server.url('/clip.mp4');
  const ends = [
    await home.run(['upload', url, '--json', '--config', config]),
    await home.run(['doctor', '--source', url, '--config', config]),
    await home.run(['upload', sign(url), '--config', config]),
    await home.run(['doctor', '--source', sign(url), '--offline', '--config', config]),
    await home.run(['upload', 'bucket:clip.mp4', '--json', '--config', config]),
    await home.run(['doctor', '--source', 'bucket:clip.mp4', '--json', '--config', config]),
  ];
  expect(ends.map(({ code }) => code)).toEqual([1, 1, 2, 1, 1, 1]);
  expect(ends[0]?.json()).toMatchObject({ error: { type: 'SourceNotAllowedError' } });
  for (const { stdout, stderr } of ends) kept.add('command', stdout, stderr);
});

it('the search finds no signature and no header', async () => {
  kept.add('metrics', await metrics());
  const spans = exporter.getFinishedSpans();
  expect(spans.map(({ name }) => name)).toContain('RunActivity:geminiFilesUpload');
  kept.add(
    'spans',
    spans.map(({ name, attributes, events, status }) => [name, attributes, events, status]),
  );
  expect([...errors].sort()).toEqual(
    expect.arrayContaining(['FileNotFoundError', 'SourceError', 'SourceNotAllowedError']),
  );
  expect(signatures.length).toBeGreaterThan(10);
  expect(kept.length).toBeGreaterThan(300_000);
  expect(kept.found()).toEqual([]);
});
