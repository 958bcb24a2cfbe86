import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkNode, isWithin, judgeSdk } from '../../src/cli/doctor/environment.js';
import { faults, GeminiFilesEmulator } from '../../src/testing/index.js';
import { cliHome, type CliEnd, type CliHome } from '../support/cli.js';
import { startProxy, tlsBefore } from '../support/proxy.js';
import { stubTemporal } from '../support/stub-temporal.js';
import { devServer } from '../support/temporal.js';
import { cert } from '../security/fixtures/self-signed.js';

const KEY = 'sk-test-0123456789wxyz';

interface Check {
  readonly name: string;
  readonly ok: boolean;
  readonly skipped?: true;
  readonly detail: string;
  readonly fix?: string;
}

let home: CliHome;
beforeAll(async () => {
  home = await cliHome();
});
afterAll(() => home[Symbol.asyncDispose]());

function checksOf(end: CliEnd): Record<string, Check> {
  const { ok, checks } = end.json<{ ok: boolean; checks: Check[] }>();
  expect(ok).toBe(checks.every((check) => check.ok));
  expect(end.code).toBe(ok ? 0 : 1);
  return Object.fromEntries(checks.map((check) => [check.name, check]));
}

const failed = (checks: Record<string, Check>) =>
  Object.values(checks)
    .filter(({ ok }) => !ok)
    .map(({ name }) => name);
const skipped = (checks: Record<string, Check>) =>
  Object.values(checks)
    .filter((check) => check.skipped)
    .map(({ name }) => name);
/** All lines of one name: keys and roots have one each. */
const lines = (end: CliEnd, name: string) =>
  end.json<{ checks: Check[] }>().checks.filter((check) => check.name === name);

describe('with nothing configured', () => {
  it('is content: embedded server, emulator', async () => {
    const checks = checksOf(await home.run(['doctor', '--json']));
    expect(failed(checks)).toEqual([]);
    expect(Object.keys(checks)).toEqual([
      'node',
      'packages',
      'native module',
      'gemini sdk',
      'configuration',
      'base url',
      'proxy',
      'tier',
      'allowed root',
      'key',
      'key valid',
      'clock',
      'storage',
      'temporal',
      'state folder',
      'temporal cli',
    ]);
    expect(checks['key valid']).toMatchObject({ skipped: true, detail: 'no key' });
    expect(checks.temporal?.detail).toMatch(/none configured: upload starts its own dev server/);
    expect(checks.key?.fix).toContain('GEMINI_API_KEY');
  });

  it('takes what upload would install the Temporal CLI with, as upload does: no pip is needed', async () => {
    const env = { TEMPORAL_CLI: undefined, PATH: home.path, XDG_CACHE_HOME: `${home.path}/cache` };
    const checks = checksOf(await home.run(['doctor', '--json', '--offline'], { env }));
    expect(checks['temporal cli']).toEqual({
      name: 'temporal cli',
      ok: true,
      detail: expect.stringMatching(
        /^not found: the first upload installs it into the cache with @temporalio\/testing \d/,
      ) as string,
    });
  });

  it('prints one line a check, what to do below those that fail, and exits 1', async () => {
    const end = await home.run(['doctor', '--offline'], { env: { TEMPORAL_CLI: '/nowhere/temporal' } });
    expect(end.code).toBe(1);
    expect(end.stdout).toMatch(/^ok {4}node +Node\.js \d/m);
    expect(end.stdout).toMatch(
      /^FAIL {2}temporal cli +TEMPORAL_CLI is set to \/nowhere\/temporal.*\n +do: Install it/m,
    );
    expect(end.stderr).toBe('Temporal: the embedded server (nothing is configured)\n');
  });
});

describe('with everything configured', () => {
  let temporal: TestWorkflowEnvironment;
  let emulator: GeminiFilesEmulator;
  let wrongClock: Server;
  let env: Record<string, string>;
  beforeAll(async () => {
    [temporal, emulator] = await Promise.all([devServer(), GeminiFilesEmulator.start({ apiKeys: [KEY] })]);
    env = {
      TEMPORAL_ADDRESS: temporal.address,
      GEMINI_API_KEY: KEY,
      GOOGLE_GEMINI_BASE_URL: emulator.url,
      GEMINI_TIER: 'tier1',
    };
    wrongClock = createServer((_, response) => {
      response.setHeader('date', new Date(Date.now() - 3_600_000).toUTCString()).end('{}');
    }).listen(0, '127.0.0.1');
    await once(wrongClock, 'listening');
  });
  afterAll(async () => {
    wrongClock.close();
    await emulator.close();
    await temporal.teardown();
  });

  it('names the server, the key by its last four, and what is in the storage', async () => {
    const end = await home.run(['doctor', '--json'], { env });
    const checks = checksOf(end);
    expect(failed(checks)).toEqual([]);
    expect(checks.temporal?.detail).toMatch(`${temporal.address}, server 1.`);
    expect(checks.namespace?.detail).toMatch(/^default, retention \d+ h$/);
    expect(checks['task queue']).toMatchObject({ detail: 'gemini-files has 0 pollers' });
    expect(checks['search attributes']?.detail).toMatch(/exist$/);
    expect(checks.key?.detail).toBe('from GEMINI_API_KEY, …wxyz');
    expect(checks['key valid']?.detail).toBe('the provider accepts the key');
    expect(checks['gemini sdk']?.detail).toMatch(/^@google\/genai \d+\.\d+\.\d+$/);
    expect(checks.clock?.detail).toBe("the provider's, to two seconds");
    expect(checks.tier?.detail).toMatch(/^tier1: /);
    expect(checks.storage?.detail).toBe('0 B of 21.5 GB (0 %), 0 files');
    // One for the key, one for the storage.
    expect(emulator.requests.filter(({ operation }) => operation === 'list')).toHaveLength(2);
    expect(end.stdout + end.stderr).not.toContain(KEY);
  });

  it('--offline asks nothing of the provider', async () => {
    const before = emulator.requests.length;
    const checks = checksOf(await home.run(['doctor', '--json', '--offline'], { env }));
    expect(checks['key valid']).toEqual({
      name: 'key valid',
      ok: true,
      skipped: true,
      detail: 'not checked (--offline)',
    });
    expect(skipped(checks)).toEqual(['key valid', 'clock', 'storage']);
    expect(emulator.requests.length).toBe(before);
  });

  it('finds a wrong key, an unknown namespace, a root that is not there, and exits 1', async () => {
    const config = await home.file('doctor.json', '{"allowedRoots": ["./nowhere"]}');
    const end = await home.run(['doctor', '--json', '--config', config], {
      env: { ...env, GEMINI_API_KEY: 'sk-wrong-0123456789', TEMPORAL_NAMESPACE: 'nowhere' },
    });
    const checks = checksOf(end);
    expect(failed(checks)).toEqual(['allowed root', 'key valid', 'namespace']);
    expect(skipped(checks)).toEqual(['storage', 'task queue', 'search attributes']);
    expect(Object.values(checks).every(({ ok, fix }) => ok || fix)).toBe(true);
    expect(end.stdout).not.toContain('sk-wrong');
  });

  it('finds a broken TOML file, and shows no line of it: a key may be in it', async () => {
    const broken = await home.file('broken.toml', '[profile.default]\napi_key = "SECRET"\naddress = [oops\n');
    const settings = { ...env, TEMPORAL_ADDRESS: undefined, TEMPORAL_CONFIG_FILE: broken };
    for (const json of [[], ['--json']]) {
      const end = await home.run(['doctor', '--offline', ...json], { env: settings });
      expect(end.code).toBe(1);
      expect(end.stdout).toContain("Temporal's configuration can't be used: Invalid TOML document: ");
      expect(end.stdout + end.stderr).not.toMatch(/SECRET|oops/);
    }
  });

  it('finds a clock that differs from the provider’s', async () => {
    const url = `http://127.0.0.1:${(wrongClock.address() as AddressInfo).port}`;
    const end = await home.run(['doctor', '--json'], { env: { ...env, GOOGLE_GEMINI_BASE_URL: url } });
    expect(checksOf(end).clock).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/^3\d\d\d s ahead of/) as string,
    });
  });

  it('finds no key, a server that does not answer, and a configuration that is none', async () => {
    const config = await home.file('broken.json', '{"apiKey": "sk-secret", "colour": 1}');
    const settings = { ...env, GEMINI_API_KEY: undefined, TEMPORAL_ADDRESS: '127.0.0.1:1' };
    const [noKey, broken] = await Promise.all([
      home.run(['doctor', '--json', '--offline'], { env: settings }),
      home.run(['doctor', '--json', '--offline', '--config', config], { env: settings }),
    ]);
    const temporalOnes = ['namespace', 'task queue', 'search attributes'];
    expect(failed(checksOf(noKey))).toEqual(['key', 'temporal']);
    expect(skipped(checksOf(noKey))).toEqual(['key valid', 'clock', 'storage', ...temporalOnes]);
    expect(failed(checksOf(broken))).toEqual(['configuration', 'temporal']);
    expect(skipped(checksOf(broken))).toEqual([
      'base url',
      'proxy',
      'tier',
      'allowed root',
      'key',
      'key valid',
      'clock',
      'storage',
      ...temporalOnes,
    ]);
    // The same lines in the same order, whatever fails.
    expect(Object.keys(checksOf(broken))).toEqual(Object.keys(checksOf(noKey)));
    expect(broken.stdout).not.toContain('sk-secret');
  });
});

describe('what the worker would be given', () => {
  it('is judged: roots, tier and task queue by the same flags; a file as root, a closed home', async () => {
    await using temporal = await stubTemporal({});
    const file = await home.file('one.mp4', 'words');
    const end = await home.run(
      ['doctor', '--json', '--offline', '--allow-root', home.path, '--allow-root', file]
        .concat(['--allow-root', '/nowhere'])
        .concat(['--tier', 'free', '--task-queue', 'theirs']),
      // Not even root can write there.
      { env: { TEMPORAL_ADDRESS: temporal.address, GEMINI_API_KEY: KEY, XDG_STATE_HOME: '/proc/self' } },
    );
    const checks = checksOf(end);
    expect(failed(checks)).toEqual(['allowed root']);
    expect(lines(end, 'allowed root').map(({ ok, detail }) => [ok, detail])).toEqual([
      [true, `${home.path} is readable`],
      [true, `${file} is readable`],
      [false, expect.stringMatching(/^\/nowhere can't be read: ENOENT/)],
    ]);
    expect(checks.tier?.detail).toBe('free: 2 activities/s on the task queue, 2 uploads at once, 21 MB/s');
    expect(checks['task queue']?.detail).toBe('theirs has 0 pollers');
    expect(checks['state folder']).toMatchObject({
      ok: true,
      detail: 'not writable, and not needed with a Temporal configured',
    });
  });

  it('is a mistake if it is one for the worker', async () => {
    const end = await home.run(['doctor', '--json', '--offline', '--tier', 'tier9']);
    expect(checksOf(end).configuration).toMatchObject({
      ok: false,
      detail: expect.stringMatching(/option tier: .*tier9/) as string,
    });
  });
});

describe('the validity of keys', () => {
  const judge = async (
    emulator: GeminiFilesEmulator,
    settings: object = {},
    key: string | undefined = KEY,
  ) => {
    const config = await home.file('keys.json', JSON.stringify({ baseUrl: emulator.url, ...settings }));
    const end = await home.run(['doctor', '--json', '--config', config], { env: { GEMINI_API_KEY: key } });
    return lines(end, 'key valid');
  };

  it('a key that is rate limited is accepted', async () => {
    await using emulator = await GeminiFilesEmulator.start({ faults: [faults.rateLimited('list')] });
    expect(await judge(emulator)).toEqual([
      {
        name: 'key valid',
        ok: true,
        detail: 'the provider accepts the key, and answers 429 now',
        fix: 'The key is over its rate limit: use a lower tier, or wait.',
      },
    ]);
  });

  it('a failure of the provider shows nothing about the key or the network', async () => {
    await using emulator = await GeminiFilesEmulator.start({ faults: [faults.unavailable('list')] });
    const [check] = await judge(emulator);
    expect(check).toMatchObject({ ok: false, fix: 'Try again later; --offline skips this check.' });
    expect(check?.detail).toMatch(
      /^the provider is unavailable \(list: .* answered 503 .*\); the key was not checked$/,
    );
  });

  it('is reported for each, whichever fails', async () => {
    await using emulator = await GeminiFilesEmulator.start({ apiKeys: [KEY, 'sk-test-of-team-b'] });
    const profiles = { 'team-a': { apiKey: 'sk-test-of-team-a' }, 'team-b': { apiKey: 'sk-test-of-team-b' } };
    const found = await judge(emulator, { profiles });
    expect(found.map(({ ok, detail }) => [ok, detail])).toEqual([
      [true, 'the provider accepts the key'],
      [false, expect.stringMatching(/^the key of the profile team-a: list: .* answered 400/)],
      [true, 'the provider accepts the key of the profile team-b'],
    ]);
    expect(found[1]?.fix).toMatch(/^Check the key, its restrictions/);
  });
});

describe('the way to the provider', () => {
  const judge = async (env: Record<string, string>) => {
    const end = await home.run(['doctor', '--json'], { env: { GEMINI_API_KEY: KEY, ...env } });
    return { end, checks: checksOf(end) };
  };

  it('a proxy is named without its password, and its refusal is its own', async () => {
    await using proxy = await startProxy({ hosts: {}, authorization: 'Basic other' });
    const { end, checks } = await judge({
      HTTPS_PROXY: proxy.url.replace('//', '//anna:s3cret@'),
      GOOGLE_GEMINI_BASE_URL: 'https://files.test',
    });
    expect(checks.proxy?.detail).toBe(`${proxy.url}, with a user and password, from the environment`);
    expect(checks['key valid']).toMatchObject({
      ok: false,
      detail: expect.stringContaining('the proxy asks for a user and a password') as string,
      fix: expect.stringMatching(/docs\/network\.md/) as string,
    });
    expect(proxy.asked).toContain('CONNECT files.test:443');
    expect(end.stdout + end.stderr).not.toContain('s3cret');
  });

  it('a certificate that is not trusted is reported with its remedy, which works', async () => {
    const file = await home.file('ca.pem', cert);
    await using emulator = await GeminiFilesEmulator.start({ apiKeys: [KEY] });
    await using tls = await tlsBefore(Number(new URL(emulator.url).port));
    const base = { GOOGLE_GEMINI_BASE_URL: `https://localhost:${tls.port}` };
    const [refused, trusted] = await Promise.all([
      judge(base),
      judge({ ...base, NODE_EXTRA_CA_CERTS: file }),
    ]);
    for (const name of ['key valid', 'clock'])
      expect(JSON.stringify(refused.checks[name])).toMatch(/self-signed certificate.*NODE_EXTRA_CA_CERTS/);
    expect(failed(refused.checks)).toEqual(['key valid', 'clock']);
    expect(failed(trusted.checks)).toEqual([]);
  });
});

it('asks for @google/genai in the range of the peer', () => {
  const range = '^2.32.0 || ^3.0.0';
  const judge = (version: string, node: string) =>
    judgeSdk({ version, engines: { node: version.startsWith('3') ? '>=22.0.0' : '>=20.0.0' } }, range, node);
  expect(judge('3.1.0', '22.0.0')).toEqual({
    name: 'gemini sdk',
    ok: true,
    detail: '@google/genai 3.1.0',
  });
  expect(judge('3.1.0', '20.19.0')).toEqual({
    name: 'gemini sdk',
    ok: true,
    detail: '@google/genai 3.1.0',
    fix: 'Its publisher wants Node.js 22.0.0 or later for it, and this is 20.19.0: npm install @google/genai@2, or another Node.js.',
  });
  expect(judge('2.31.0', '22.0.0')).toEqual({
    name: 'gemini sdk',
    ok: false,
    detail: '@google/genai 2.31.0, not in ^2.32.0 || ^3.0.0',
    fix: "npm install '@google/genai@^2.32.0 || ^3.0.0'",
  });
});

it.each([
  ['2.32.0', true],
  ['2.100.1', true],
  ['2.31.9', false],
  ['3.0.0', true],
  ['3.4.5-rc.1', true],
  ['4.0.0', false],
  ['1.99.0', false],
])('%s in ^2.32.0 || ^3.0.0: %s', (version, within) => {
  expect(isWithin(version, '^2.32.0 || ^3.0.0')).toBe(within);
});

it.each([
  ['20.18.3', false],
  ['20.19.0', true],
  ['20.20.2', true],
  ['22.0.0', true],
  ['18.99.0', false],
])('Node %s: ok is %s', (version, ok) => {
  expect(checkNode(version).ok).toBe(ok);
});
