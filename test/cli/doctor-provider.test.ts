/** The report of `doctor` if the base URL leads to something else than the Gemini API. */

import { writeFile } from 'node:fs/promises';
import { createServer, type RequestListener } from 'node:http';
import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { checkProvider } from '../../src/cli/doctor/provider.js';
import { resolveSettings } from '../../src/worker/internal.js';
import { testFolder } from '../support/files.js';
import { startProxy } from '../support/proxy.js';
import { listening } from '../support/raw-server.js';

const page: RequestListener = (request, response) =>
  response
    .writeHead(request.method === 'GET' ? 404 : 405, { 'content-type': 'text/html' })
    .end('<html>no such page</html>');

const KEY = 'sk-test-of-the-doctor';

async function checksAt(baseUrl: string, settings = resolveSettings({ baseUrl, apiKey: KEY }, {})) {
  const checks = await checkProvider(settings, { offline: false, emulator: false });
  return checks.filter(({ name }) => name === 'key valid');
}

it.each<[string, RequestListener]>([
  ['a page', page],
  ['an empty 404', (_request, response) => response.writeHead(404).end()],
  ['the JSON of another API', (_request, response) => response.writeHead(404).end('{"detail":"Not Found"}')],
  ['a redirect', (_request, response) => response.writeHead(302, { location: '/login' }).end()],
  ['a page for everything', (_request, response) => response.writeHead(200).end('<html>welcome</html>')],
])('names the base URL, and where to change it: %s', async (_, listener) => {
  await using server = await listening(createServer(listener));
  const [check, ...more] = await checksAt(`${server.url}/wrong-path/`);
  expect(more).toEqual([]);
  expect(check).toMatchObject({
    ok: false,
    fix: "Check GOOGLE_GEMINI_BASE_URL, or baseUrl in the configuration file; without either, Google's own is used. --offline skips this check.",
  });
  expect(check?.detail).toContain(
    `check the base URL ${server.url}/wrong-path (baseUrl, GOOGLE_GEMINI_BASE_URL)`,
  );
  expect(check?.detail).toMatch(/; the key was not checked$/);
  expect(check?.detail).not.toContain(KEY);
});

it('names the base URL of a profile', async () => {
  await using server = await listening(createServer(page));
  const profiles = { eu: { apiKey: KEY, baseUrl: `${server.url}/eu` } };
  const folder = await testFolder();
  onTestFinished(() => folder[Symbol.asyncDispose]());
  const configFile = join(folder.path, 'config.json');
  await writeFile(configFile, JSON.stringify({ profiles }));
  const [check] = await checksAt(server.url, resolveSettings({ configFile }, {}));
  expect(check?.fix).toMatch(/^Check baseUrl of the profile eu in the configuration file; /);
  expect(check?.detail).toContain(`check the base URL ${server.url}/eu (`);
  expect(check?.detail).toMatch(/; the key of the profile eu was not checked$/);
});

it.each([500, 503])(
  'asks to try again later if the server says that it has a failure: %i',
  async (status) => {
    await using server = await listening(
      createServer((_request, response) => response.writeHead(status).end()),
    );
    expect(await checksAt(server.url)).toMatchObject([
      { ok: false, fix: 'Try again later; --offline skips this check.' },
    ]);
  },
);

it.each([
  [407, 'Login', /^Change what the message names/],
  [403, 'Forbidden', /^Try again later/],
])(
  'says nothing of the base URL if the proxy did not let the request through: %i',
  async (status, reason, fix) => {
    await using proxy = await startProxy({
      hosts: {},
      onConnect: (socket) => socket.end(`HTTP/1.1 ${status} ${reason}\r\ncontent-length: 0\r\n\r\n`),
    });
    vi.stubEnv('HTTPS_PROXY', proxy.url);
    onTestFinished(() => void vi.unstubAllEnvs());
    const [check] = await checksAt('https://files.test');
    expect(check).toMatchObject({ ok: false, fix: expect.stringMatching(fix) as string });
    expect(check?.detail).not.toContain('base URL');
  },
);
