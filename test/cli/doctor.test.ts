import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { checkNode } from '../../src/cli/doctor/environment.js';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { cliHome, type CliEnd, type CliHome } from '../support/cli.js';
import { devServer } from '../support/temporal.js';

const KEY = 'sk-test-0123456789wxyz';

interface Check {
  readonly name: string;
  readonly ok: boolean;
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

describe('with nothing configured', () => {
  it('is content: embedded server, emulator', async () => {
    const checks = checksOf(await home.run(['doctor', '--json']));
    expect(failed(checks)).toEqual([]);
    expect(Object.keys(checks)).toEqual([
      'node',
      'packages',
      'gemini sdk',
      'configuration',
      'base url',
      'tier',
      'allowed root',
      'key',
      'temporal',
      'state folder',
      'temporal cli',
    ]);
    expect(checks.temporal?.detail).toMatch(/none configured: upload starts its own dev server/);
    expect(checks.key?.fix).toContain('GEMINI_API_KEY');
  });

  it('prints one line a check, what to do below those that fail, and exits 1', async () => {
    const end = await home.run(['doctor', '--offline'], { env: { TEMPORAL_CLI: '/nowhere/temporal' } });
    expect(end.code).toBe(1);
    expect(end.stdout).toMatch(/^ok {4}node +Node\.js \d/m);
    expect(end.stdout).toMatch(
      /^FAIL {2}temporal cli +TEMPORAL_CLI is set to \/nowhere\/temporal.*\n +do: Install it/m,
    );
    expect(end.stderr).toBe('');
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

  it('names the server, the key by its last four, and asks the provider once', async () => {
    const end = await home.run(['doctor', '--json'], { env });
    const checks = checksOf(end);
    expect(failed(checks)).toEqual([]);
    expect(checks.temporal?.detail).toMatch(`${temporal.address}, server 1.`);
    expect(checks.namespace?.detail).toMatch(/^default, retention \d+ h$/);
    expect(checks['task queue']).toMatchObject({ detail: 'gemini-files has 0 pollers' });
    expect(checks['search attributes']?.detail).toMatch(/are there$/);
    expect(checks.key?.detail).toBe('from GEMINI_API_KEY, …wxyz');
    expect(checks['key valid']?.detail).toBe('the provider accepts it');
    expect(checks.clock?.detail).toBe("the provider's, to two seconds");
    expect(checks.tier?.detail).toMatch(/^tier1: /);
    expect(emulator.requests.filter(({ operation }) => operation === 'list')).toHaveLength(1);
    expect(end.stdout + end.stderr).not.toContain(KEY);
  });

  it('--offline asks nothing of the provider', async () => {
    const before = emulator.requests.length;
    const checks = checksOf(await home.run(['doctor', '--json', '--offline'], { env }));
    expect(checks['key valid']?.detail).toMatch(/not checked/);
    expect(emulator.requests.length).toBe(before);
  });

  it('finds a wrong key, an unknown namespace, a root that is not there, and exits 1', async () => {
    const config = await home.file('doctor.json', '{"allowedRoots": ["./nowhere"]}');
    const end = await home.run(['doctor', '--json', '--config', config], {
      env: { ...env, GEMINI_API_KEY: 'sk-wrong-0123456789', TEMPORAL_NAMESPACE: 'nowhere' },
    });
    const checks = checksOf(end);
    expect(failed(checks)).toEqual(['allowed root', 'key valid', 'namespace']);
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
    expect(failed(checksOf(noKey))).toEqual(['key', 'temporal']);
    expect(failed(checksOf(broken))).toEqual(['configuration', 'temporal']);
    expect(broken.stdout).not.toContain('sk-secret');
  });
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
