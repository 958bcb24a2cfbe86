/** The Temporal server that a command uses, and its message if none answers. */

import { once } from 'node:events';
import { createServer, type AddressInfo, type Server } from 'node:net';
import type { TestWorkflowEnvironment } from '@temporalio/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { GeminiFilesEmulator } from '../../src/testing/index.js';
import { cliHome, type CliHome } from '../support/cli.js';
import { silentTemporal } from '../support/silent-temporal.js';
import { devServer } from '../support/temporal.js';
import { stopwatch } from '../support/stopwatch.js';

let home: CliHome;
let silent: Server;
let silentAddress: string;
/** How long a process may take to start on a busy machine. */
let startMs: number;

beforeAll(async () => {
  home = await cliHome({ GEMINI_API_KEY: 'sk-test-0123456789' });
  await home.file('notes.txt', 'hello');
  const elapsed = stopwatch();
  await home.run(['--version']);
  startMs = elapsed();
  silent = createServer((socket) => socket.on('error', () => undefined)).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  silentAddress = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
});
afterAll(async () => {
  silent.close();
  await home[Symbol.asyncDispose]();
});

describe('an address at which no Temporal server answers', () => {
  it.each([
    ['nobody listens', ['upload', 'notes.txt'], () => '127.0.0.1:1'],
    ['somebody listens and says nothing', ['upload', 'notes.txt'], () => silentAddress],
    ['somebody listens and says nothing', ['worker'], () => silentAddress],
  ])('%s: %j names the address within 10 s, and ends', async (_, args, address) => {
    const elapsed = stopwatch();
    const end = await home.run([...args, '--json'], { env: { TEMPORAL_ADDRESS: address() } });
    expect(elapsed() - startMs).toBeLessThan(10_000);
    expect(end.code).toBe(1);
    const { error } = end.json<{ error: { message: string } }>();
    expect(error.message).toContain(`No Temporal server answers at ${address()}: `);
    expect(error.message).toContain('TEMPORAL_ADDRESS');
  });
});

describe('a Temporal server that is reached, and then is silent', () => {
  it.concurrent.each([[['upload', 'notes.txt']], [['status']], [['sweep']], [['worker']]])(
    '%j says so within 15 s, and ends',
    async (args) => {
      await using server = await silentTemporal();
      const end = await home.run([...args, '--json'], { env: { TEMPORAL_ADDRESS: server.address } });
      expect(server.silentMs()).toBeLessThan(15_000);
      expect(end.code).toBe(1);
      const { error } = end.json<{ error: { message: string } }>();
      expect(error.message).toContain(server.address);
      expect(error.message).toMatch(/did not answer|no answer came/);
    },
  );
});

describe('the configuration', () => {
  let temporal: TestWorkflowEnvironment;
  let emulator: GeminiFilesEmulator;
  let env: Record<string, string>;
  beforeAll(async () => {
    [temporal, emulator] = await Promise.all([devServer(), GeminiFilesEmulator.start()]);
    const toml = `[profile.mine]\naddress = "${temporal.address}"\nnamespace = "default"\n\n[profile.empty]\n`;
    env = {
      TEMPORAL_CONFIG_FILE: await home.file('temporal.toml', toml),
      GOOGLE_GEMINI_BASE_URL: emulator.url,
    };
  });
  afterAll(async () => {
    await emulator.close();
    await temporal.teardown();
  });

  it('is taken from a TOML profile', async () => {
    // A proxy of the environment does not lead to this machine's own loopback.
    const settings = { ...env, TEMPORAL_PROFILE: 'mine', http_proxy: 'http://127.0.0.1:9' };
    const end = await home.run(['upload', 'notes.txt', '--json'], { env: settings });
    expect(end.code).toBe(0);
    expect(end.json()).toMatchObject({
      state: 'ACTIVE',
      uri: expect.stringContaining(emulator.url) as string,
    });
  });

  it.each([
    ['none', /'none' not found/],
    ['empty', /the profile empty has no address/],
  ])('with the profile %s is bad usage', async (profile, message) => {
    const end = await home.run(['upload', 'notes.txt'], { env: { ...env, TEMPORAL_PROFILE: profile } });
    expect(end).toMatchObject({ code: 2, stdout: '' });
    expect(end.stderr).toMatch(/^UsageError: Temporal's configuration can't be used: /);
    expect(end.stderr).toMatch(message);
  });

  it('that is no TOML is bad usage, and no line of it is shown: a key may be in it', async () => {
    const broken = await home.file('broken.toml', '[profile.default]\napi_key = "SECRET"\naddress = [oops\n');
    const end = await home.run(['upload', 'notes.txt'], { env: { TEMPORAL_CONFIG_FILE: broken } });
    expect(end).toMatchObject({ code: 2, stdout: '' });
    expect(end.stderr).toMatch(/^UsageError: Temporal's configuration can't be used: /);
    expect(end.stderr).not.toContain('SECRET');
  });

  it('with a namespace that there is not fails, and the process ends', async () => {
    const settings = { ...env, TEMPORAL_PROFILE: 'mine', TEMPORAL_NAMESPACE: 'nowhere' };
    const end = await home.run(['upload', 'notes.txt', '--json'], { env: settings });
    expect(end.code).toBe(1);
    expect(end.json<{ error: { message: string } }>().error.message).toMatch(/nowhere/);
  });
});
