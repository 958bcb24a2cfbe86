/** The endpoint of an S3 source in a configuration file that is found, and not named, gets no credentials from elsewhere. */

import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { InvalidOptionsError } from '../../src/contract/errors.js';
import { openSource } from '../../src/sources/index.js';
import { GeminiFilesPlugin, resolveSettings, type GeminiFilesOptions } from '../../src/worker/internal.js';
import { useCliHere } from '../support/cli-here.js';
import { stubTemporal, type StubTemporal } from '../support/stub-temporal.js';

const NAME = '.temporal-gemini-filesrc';
let work: string;
let userFolder: string;
beforeEach(async () => {
  const folder = await realpath(await mkdtemp(join(tmpdir(), 'gemini-files-stores-')));
  work = join(folder, 'project');
  userFolder = join(folder, 'xdg', 'temporal-gemini-files');
  await Promise.all([work, userFolder].map((path) => mkdir(path, { recursive: true })));
  vi.stubEnv('XDG_CONFIG_HOME', join(folder, 'xdg'));
  vi.spyOn(process, 'cwd').mockReturnValue(work);
});
afterEach(async () => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
  await rm(join(work, '..'), { recursive: true });
});

const put = async (path: string, content: object) => {
  await writeFile(path, JSON.stringify(content), { mode: 0o644 });
  return path;
};

const store = { type: 's3', bucket: 'media', region: 'auto', endpoint: 'https://elsewhere.example/s3' };
const environment = {
  AWS_ACCESS_KEY_ID: 'id-of-the-environment',
  AWS_SECRET_ACCESS_KEY: 'secret-of-the-environment',
  AWS_SESSION_TOKEN: 'token-of-the-environment',
};
const stubEnvironment = () => {
  for (const [name, value] of Object.entries(environment)) vi.stubEnv(name, value);
};
const refusal = (path: string, name = 'store') =>
  `Invalid option sources.${name}.endpoint: ${path}, which was discovered and not named, would send the credentials in AWS_ACCESS_KEY_ID to ` +
  `https://elsewhere.example. If you want that, name the file (configFile, --config ${path}), set sources.${name} as an option, or put the ` +
  'credentials into the file too';

describe('the endpoint of an S3 source in a file that was discovered in the working directory', () => {
  const own = { accessKeyId: 'id-of-the-file', secretAccessKey: 'secret-of-the-file' };
  /** What requests to the source would be signed with. */
  const credentialsFor = (options: GeminiFilesOptions, env: Record<string, string | undefined>) => {
    const source = resolveSettings(options, env).sources.named.get('store');
    return source?.type === 's3' ? source.credentials() : 'no such source';
  };
  const fromEnvironment = {
    accessKeyId: 'id-of-the-environment',
    secretAccessKey: 'secret-of-the-environment',
    sessionToken: 'token-of-the-environment',
  };

  it('does not get the credentials of the environment', async () => {
    const path = await put(join(work, NAME), { sources: { store } });
    const settings = resolveSettings({}, environment);
    const opened = openSource({ source: 'store:a.mp4' }, settings, {
      attempt: 1,
      signal: new AbortController().signal,
    });
    await expect(opened).rejects.toThrow(new InvalidOptionsError(refusal(path)));
    expect(credentialsFor({}, environment)).toBeUndefined();
  });

  it('keeps a worker from its start', async () => {
    const path = await put(join(work, NAME), { sources: { store } });
    stubEnvironment();
    expect(() => new GeminiFilesPlugin()).toThrow(new InvalidOptionsError(refusal(path)));
    expect(new GeminiFilesPlugin({ configFile: NAME }).settings.configPath).toBe(path);
  });

  it('does not get those that come into the environment later', async () => {
    await put(join(work, NAME), { sources: { store } });
    const env: Record<string, string> = {};
    const source = resolveSettings({}, env).sources.named.get('store');
    Object.assign(env, environment);
    expect(source?.type === 's3' && source.credentials()).toBeUndefined();
  });

  it('does not get them on this machine with the bucket in its name, which is another host', async () => {
    const endpoint = 'http://localhost:9000';
    await put(join(work, NAME), { sources: { store: { ...store, endpoint } } });
    expect(credentialsFor({}, environment)).toEqual(fromEnvironment);
    await put(join(work, NAME), { sources: { store: { ...store, endpoint, forcePathStyle: false } } });
    expect(credentialsFor({}, environment)).toBeUndefined();
  });

  it("gets its own file's credentials", async () => {
    await put(join(work, NAME), { sources: { store: { ...store, credentials: own } } });
    expect(credentialsFor({}, environment)).toEqual(own);
  });

  it.each<[string, GeminiFilesOptions]>([
    ['if the file is named', { configFile: NAME }],
    ['if the option says another', { sources: { store: { ...store, type: 's3' } } }],
  ])('gets them %s', async (_, options) => {
    await put(join(work, NAME), { sources: { store } });
    expect(credentialsFor(options, environment)).toEqual(fromEnvironment);
  });

  it('is looked at beside an option with another source', async () => {
    const path = await put(join(work, NAME), { sources: { other: store } });
    stubEnvironment();
    const options = { sources: { store: { ...store, type: 's3' } } } as const;
    expect(() => new GeminiFilesPlugin(options)).toThrow(new InvalidOptionsError(refusal(path, 'other')));
    expect(credentialsFor(options, environment)).toEqual(fromEnvironment);
  });

  it.each([
    ['is this machine', { ...store, endpoint: 'http://127.0.0.1:9000' }],
    ['is that of AWS', { type: 's3', bucket: 'media', region: 'eu-central-1' }],
  ])('gets them if it %s', async (_, source) => {
    await put(join(work, NAME), { sources: { store: source } });
    expect(credentialsFor({}, environment)).toEqual(fromEnvironment);
  });

  it('gets them from the user’s own configuration folder', async () => {
    await put(join(userFolder, 'config.json'), { sources: { store } });
    expect(credentialsFor({}, environment)).toEqual(fromEnvironment);
  });
});

describe('the commands in a folder with such a file', () => {
  const cli = useCliHere();
  let temporal: StubTemporal;
  let path: string;
  beforeEach(async () => {
    temporal = await stubTemporal({});
    vi.stubEnv('TEMPORAL_ADDRESS', temporal.address);
    stubEnvironment();
    path = await put(join(process.cwd(), NAME), { sources: { store } });
  });
  afterEach(() => temporal[Symbol.asyncDispose]());

  /** With the number of calls of both servers. */
  const run = async (args: readonly string[]) => {
    const { contacts, ...end } = await cli.run(args);
    return { ...end, contacts: contacts + temporal.calls.length };
  };

  it.each([[['worker']], [['upload', 'store:a.mp4']]])(
    '%j is refused before anything is asked',
    async (args) => {
      const { code, contacts, stdout } = await run([...args, '--json']);
      expect(JSON.parse(stdout)).toEqual({
        error: { type: 'InvalidOptionsError', message: refusal(path), provider: 'google' },
      });
      expect([code, contacts]).toEqual([2, 0]);
    },
  );

  it.each([
    [['status', 'some-id']],
    [['hold', 'store:a.mp4', '--for', '1h']],
    [['release', 'some-hold', '--lease', 'mine']],
    [['usage']],
    [['list']],
    [['wait', 'files/abc']],
    [['upload', 'good.txt']],
    [['upload', 'store:a.mp4', '--no-worker']],
  ])('%j reads no file of the source here, and goes on', async (args) => {
    const { contacts, text } = await run(args);
    expect(contacts).toBeGreaterThan(0);
    expect(text).not.toContain('sources.store');
  });

  it.each([[[]], [['--source', 'store:a.mp4']], [['--offline']]])('doctor %j says so', async (args) => {
    const { code, stdout } = await run(['doctor', '--json', ...args]);
    const { checks } = JSON.parse(stdout) as {
      checks: { name: string; ok: boolean; detail: string; fix?: string }[];
    };
    expect(code).toBe(1);
    expect(checks.find(({ name }) => name === 'configuration')).toMatchObject({ ok: true, detail: path });
    expect(checks.find(({ name }) => name === 'source store')).toMatchObject({
      ok: false,
      detail: refusal(path),
    });
    const fixes = checks.flatMap(({ name, fix }) => (name.startsWith('source store') && fix ? [fix] : []));
    expect([...new Set(fixes)]).toEqual([expect.stringMatching(/^Do one of these, or remove the source/)]);
  });
});
