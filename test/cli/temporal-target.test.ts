/** Which Temporal server a command uses: flag, then environment and profile, then the default of the command. */

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { UsageError } from '../../src/cli/exit.js';
import { webUrl } from '../../src/cli/temporal-connection.js';
import type { TemporalFlags } from '../../src/cli/temporal-flags.js';
import {
  configuredTemporal,
  describeTarget,
  permanentTemporal,
  targetAt,
  unusedSettings,
} from '../../src/cli/temporal-target.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'temporal-target-'));
  mkdirSync(join(folder, 'temporalio'));
  writeFileSync(
    join(folder, 'temporalio', 'temporal.toml'),
    `[profile.default]\naddress = "from-toml:7233"\n\n[profile.mine]\naddress = "mine:7233"\nnamespace = "films"\n\n[profile.empty]\n\n[profile.headed]\naddress = "headed:7233"\n[profile.headed.grpc_meta]\nteam = "films"\n`,
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

beforeEach(() => {
  for (const name of Object.keys(process.env).filter((each) => each.startsWith('TEMPORAL_')))
    vi.stubEnv(name, undefined);
  vi.stubEnv('TEMPORAL_CONFIG_FILE', join(folder, 'none.toml'));
});

const withToml = () => vi.stubEnv('TEMPORAL_CONFIG_FILE', join(folder, 'temporalio', 'temporal.toml'));

/** The line on stderr; `embedded` if nothing is configured. */
const lineOf = (flags: TemporalFlags = {}) => {
  const target = configuredTemporal(flags);
  return target ? describeTarget(target) : 'embedded';
};

describe('without a configuration', () => {
  it('upload, status and doctor use the embedded server, worker and sweep localhost:7233', () => {
    expect(configuredTemporal()).toBeUndefined();
    expect(describeTarget(permanentTemporal())).toBe(
      'Temporal: localhost:7233, namespace default (the default: nothing is configured)',
    );
  });

  it('a namespace is that of localhost:7233, and is refused for the embedded server', () => {
    expect(permanentTemporal({ namespace: 'films' })).toMatchObject({ namespace: 'films' });
    vi.stubEnv('TEMPORAL_NAMESPACE', 'films');
    expect(permanentTemporal()).toMatchObject({ address: 'localhost:7233', namespace: 'films' });
    expect(configuredTemporal()).toBeUndefined();
    expect(unusedSettings()).toEqual(['TEMPORAL_NAMESPACE']);
    expect(() => configuredTemporal({ namespace: 'films' })).toThrow(
      /--namespace films needs a server: .*--address localhost:7233$/,
    );
    expect(configuredTemporal({ namespace: 'default' })).toBeUndefined();
  });
});

describe('the first of these counts', () => {
  it('--address, TEMPORAL_ADDRESS, the profile; the line says which', () => {
    withToml();
    expect(lineOf()).toBe(
      "Temporal: from-toml:7233, namespace default (the profile default of Temporal's TOML file)",
    );
    vi.stubEnv('TEMPORAL_PROFILE', 'mine');
    expect(lineOf()).toBe('Temporal: mine:7233, namespace films (TEMPORAL_PROFILE=mine)');
    vi.stubEnv('TEMPORAL_ADDRESS', 'from-env:7233');
    expect(lineOf()).toBe('Temporal: from-env:7233, namespace films (TEMPORAL_ADDRESS)');
    expect(lineOf({ address: 'flag:7233' })).toBe('Temporal: flag:7233, namespace films (--address)');
  });

  it('--namespace before TEMPORAL_NAMESPACE before the profile', () => {
    withToml();
    expect(configuredTemporal({ profile: 'mine' })).toMatchObject({ namespace: 'films' });
    vi.stubEnv('TEMPORAL_NAMESPACE', 'from-env');
    expect(configuredTemporal({ profile: 'mine' })).toMatchObject({ namespace: 'from-env' });
    const flags = { profile: 'mine', namespace: 'flag' };
    expect(configuredTemporal(flags)).toMatchObject({ namespace: 'flag' });
    expect(permanentTemporal(flags)).toEqual(configuredTemporal(flags));
  });

  it('--profile before TEMPORAL_PROFILE', () => {
    withToml();
    vi.stubEnv('TEMPORAL_PROFILE', 'none');
    expect(lineOf({ profile: 'mine' })).toBe('Temporal: mine:7233, namespace films (--profile mine)');
  });
});

describe('an empty variable counts as not set', () => {
  const VARIABLES = [
    'ADDRESS',
    'NAMESPACE',
    'PROFILE',
    'API_KEY',
    'CONFIG_FILE',
    'TLS',
    'TLS_CLIENT_CERT_PATH',
    'TLS_CLIENT_CERT_DATA',
    'TLS_CLIENT_KEY_PATH',
    'TLS_CLIENT_KEY_DATA',
    'TLS_SERVER_CA_CERT_PATH',
    'TLS_SERVER_CA_CERT_DATA',
    'TLS_SERVER_NAME',
    'TLS_DISABLE_HOST_VERIFICATION',
  ].map((name) => `TEMPORAL_${name}`);
  const targets = (flags: TemporalFlags) => [configuredTemporal(flags), permanentTemporal(flags)];

  it.each(VARIABLES)('%s, with and without a TOML file', (name) => {
    vi.stubEnv('XDG_CONFIG_HOME', folder);
    // Temporal's own place is read if none is named.
    for (const file of ['none.toml', 'temporalio/temporal.toml', undefined])
      for (const flags of [
        {},
        { address: 'flag:7233' },
        ...(file !== 'none.toml' ? [{ profile: 'mine' }] : []),
      ]) {
        vi.stubEnv('TEMPORAL_CONFIG_FILE', file && join(folder, file));
        vi.stubEnv(name, undefined);
        const unset = targets(flags);
        vi.stubEnv(name, '');
        expect(targets(flags)).toEqual(unset);
      }
  });

  it('TEMPORAL_UI_URL, for the links to Temporal Cloud', () => {
    const cloud = targetAt('films.tmprl.cloud:7233', '', 'films');
    const unset = webUrl(cloud, 'id', 'run');
    expect(unset).toMatch(/^https:\/\/cloud\.temporal\.io\//);
    vi.stubEnv('TEMPORAL_UI_URL', '');
    expect(webUrl(cloud, 'id', 'run')).toBe(unset);
  });

  it('but an empty TEMPORAL_GRPC_META_ removes a header of the profile', () => {
    withToml();
    const metadata = () => configuredTemporal({ profile: 'headed' })?.options.metadata;
    expect(metadata()).toEqual({ team: 'films' });
    vi.stubEnv('TEMPORAL_GRPC_META_TEAM', '');
    expect(metadata()).toEqual({});
  });
});

describe('bad usage', () => {
  it.each<[TemporalFlags, RegExp]>([
    [{ profile: 'none' }, /can't be used: .*'none' not found/],
    [{ profile: 'empty' }, /the profile empty has no address/],
    [{ address: 'http://localhost:8233/' }, /is a URL; give host:port, such as localhost:8233$/],
    [{ address: '7233' }, /"7233" \(--address\) is not host:port, such as localhost:7233$/],
    [{ address: 'localhost' }, /"localhost" \(--address\) is not host:port/],
  ])('%j', (flags, message) => {
    withToml();
    const use = () => configuredTemporal(flags);
    expect(use).toThrow(UsageError);
    expect(use).toThrow(message);
    expect(() => permanentTemporal(flags)).toThrow(message);
  });

  it('names the variable that the address comes from', () => {
    vi.stubEnv('TEMPORAL_ADDRESS', 'https://my.server');
    expect(() => configuredTemporal()).toThrow(/https:\/\/my\.server \(TEMPORAL_ADDRESS\) is a URL/);
  });

  it('a profile without an address is of use with --address', () => {
    withToml();
    expect(configuredTemporal({ profile: 'empty', address: '[::1]:7233' })).toMatchObject({
      address: '[::1]:7233',
      source: '--address',
    });
  });
});
