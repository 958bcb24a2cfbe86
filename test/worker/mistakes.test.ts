/** Configuration mistakes are named, with the remedy; no message shows the value. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { InvalidCredentialsError, InvalidOptionsError } from '../../src/contract/errors.js';
import { mistakeInBaseUrl, mistakeInKey, twoKeys, unreadEnvFile } from '../../src/worker/mistakes.js';
import { resolveSettings } from '../../src/worker/options.js';
import {
  pickWorkerOptions,
  refuseOwnWorkflows,
  unknownWorkerOptions,
} from '../../src/worker/sdk-worker-options.js';
import { warningsOf } from '../../src/worker/warnings.js';

let folder: string;
beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'mistakes-'))));
afterAll(() => rmSync(folder, { recursive: true }));

const KEY = `AIza${'Sy-made-up_0123456789abcdefghijklmno'}`;

it.each([
  [`"${KEY}"`, /quotation marks/],
  [`'${KEY}'`, /quotation marks/],
  [`GEMINI_API_KEY=${KEY}`, /begins with a name and =/],
  [`export GEMINI_API_KEY=${KEY}`, /begins with a name and =/],
  [`Bearer ${KEY}`, /begins with Bearer/],
  ['ya29.a0AfH6SMBx', /OAuth access token/],
  ['https://aistudio.google.com/apikey', /is a URL/],
  ['{"type": "service_account"}', /is JSON/],
  ['/run/secrets/gemini-key.txt', /file's path/],
  ['$GEMINI_API_KEY', /variable that was not replaced/],
  ['${GEMINI_API_KEY}', /variable that was not replaced/],
  ['%GEMINI_API_KEY%', /variable that was not replaced/],
  ['{{ gemini_key }}'.replaceAll(' ', ''), /variable that was not replaced/],
  ['<your key>', /placeholder/],
  ['your-api-key', /placeholder/],
  ['YOUR_API_KEY_HERE', /placeholder/],
  ['xxxxxxxx', /placeholder/],
  ['...', /placeholder/],
  ['changeme', /placeholder/],
])('the key %j', async (key, message) => {
  expect(mistakeInKey(key)).toMatch(message);
  const { connect } = resolveSettings({ allowedRoots: [folder] }, { GEMINI_API_KEY: key });
  const error = await connect().catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(InvalidCredentialsError);
  expect((error as Error).message).toMatch(message);
  expect((error as Error).message).not.toContain('made-up');
  // An emulator takes any key that can be sent.
  if (/^[\x21-\x7e]+$/.test(key)) {
    const settings = resolveSettings({ baseUrl: 'http://127.0.0.1:1' }, { GEMINI_API_KEY: key });
    await expect(settings.connect()).resolves.toMatchObject({ apiKey: key });
  }
});

it.each([
  KEY,
  'AQ.Ab8RN6Kt-made-up_0123456789',
  'sk-test-0123456789',
  'my-key',
  'a-key',
  'of-option',
  'test-key',
])('the key %j has no mistake', (key) => expect(mistakeInKey(key)).toBeUndefined());

it.each([
  ['https://generativelanguage.googleapis.com/v1beta', /ends with \/v1beta, which the package adds/],
  ['https://generativelanguage.googleapis.com/v1beta/files/', /ends with \/v1beta\/files\//],
  ['https://gateway.example/gemini/v1', /ends with \/v1,/],
  ['localhost:8080', /no scheme: http:\/\/localhost:8080/],
  ['generativelanguage.googleapis.com', /no scheme/],
  ['http://0.0.0.0:8080', /Take 127\.0\.0\.1/],
  ['https://us-central1-aiplatform.googleapis.com', /Vertex AI's, which has no Files API/],
  ['https://aistudio.google.com', /web page's/],
])('the base URL %j', (url, message) => {
  expect(() => resolveSettings({}, { GOOGLE_GEMINI_BASE_URL: url })).toThrow(InvalidOptionsError);
  expect(() => resolveSettings({}, { GOOGLE_GEMINI_BASE_URL: url })).toThrow(message);
});

it.each(['https://gateway.example/v1-proxy', 'http://127.0.0.1:8080', 'https://a.example/prefix/'])(
  'the base URL %j has no mistake',
  (url) => expect(mistakeInBaseUrl(url)).toBeUndefined(),
);

it('two keys that differ are told, and the one that @google/genai uses', () => {
  expect(twoKeys({ GEMINI_API_KEY: 'a', GOOGLE_API_KEY: 'b' })).toMatch(
    /differ.*@google\/genai uses GOOGLE_API_KEY/,
  );
  expect(twoKeys({ GEMINI_API_KEY: 'a', GOOGLE_API_KEY: 'a ' })).toBeUndefined();
  expect(twoKeys({ GEMINI_API_KEY: 'a' })).toBeUndefined();
});

it('a .env with a key, which nothing reads, is told', () => {
  expect(unreadEnvFile(folder, {})).toBeUndefined();
  writeFileSync(join(folder, '.env'), `# mine\nexport GEMINI_API_KEY="${KEY}"\n`);
  expect(unreadEnvFile(folder, {})).toMatch(
    /\.env has a key, but no command reads .env files.*set -a; \. \.\/\.env; set \+a/,
  );
  expect(unreadEnvFile(folder, {})).not.toContain(KEY);
  expect(unreadEnvFile(folder, { GOOGLE_API_KEY: 'a' })).toBeUndefined();
});

it('a worker warns of no key, and of a root that does not exist', () => {
  const root = join(folder, 'none');
  expect(warningsOf(resolveSettings({ allowedRoots: [folder, root] }, {}))).toEqual([
    expect.stringMatching(/has no Gemini API key/),
    `The allowed root ${root} does not exist: no file below it can be uploaded.`,
  ]);
  expect(warningsOf(resolveSettings({ allowedRoots: [folder], apiKey: 'a' }, {}))).toEqual([]);
});

it('each option that neither the package nor Temporal knows is named', () => {
  expect(unknownWorkerOptions({ namespace: 'default', maxCachedWorkflows: 10 })).toEqual([]);
  expect(unknownWorkerOptions({ allowedRoot: '/media', namespace: 'default', Tier: 'tier1' })).toEqual([
    expect.stringMatching(/does not know the option allowedRoot\. It is passed on to Temporal/) as string,
    expect.stringMatching(/does not know the option Tier\./) as string,
  ]);
});

it('options count wherever an object has them', () => {
  class Options {
    readonly allowedRoots = ['/media'];
    readonly mine = 1;
    get maxCachedWorkflows() {
      return 10;
    }
  }
  const inherited = Object.create({ namespace: 'default', tier: 'free', workflowsPath: 'x' }) as object;
  const except = { allowedRoots: true, tier: true };
  expect(pickWorkerOptions(new Options(), except)).toEqual({ maxCachedWorkflows: 10, mine: 1 });
  expect(pickWorkerOptions(inherited, except)).toEqual({ namespace: 'default', workflowsPath: 'x' });
  expect(pickWorkerOptions({ namespace: undefined, plugins: [] }, except)).toEqual({ plugins: [] });
});

it.each(['workflowsPath', 'workflowBundle'])('workflows of the user are refused: %s', (name) => {
  expect(() => refuseOwnWorkflows({ allowedRoot: '/media', [name]: './workflows.js' })).toThrow(
    new RegExp(`takes no ${name}\\. For workflows of your own, use Temporal's Worker\\.create`),
  );
  expect(() => refuseOwnWorkflows({ allowedRoot: '/media' })).not.toThrow();
});
