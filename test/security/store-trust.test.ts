/** The endpoint of an S3 source in a configuration file that is found, and not named, gets no credentials from elsewhere. */

import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { InvalidOptionsError } from '../../src/contract/errors.js';
import { resolveSettings, type GeminiFilesOptions } from '../../src/worker/internal.js';

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

describe('the endpoint of an S3 source in a file that was discovered in the working directory', () => {
  const store = { type: 's3', bucket: 'media', region: 'auto', endpoint: 'https://elsewhere.example/s3' };
  const environment = {
    AWS_ACCESS_KEY_ID: 'id-of-the-environment',
    AWS_SECRET_ACCESS_KEY: 'secret-of-the-environment',
    AWS_SESSION_TOKEN: 'token-of-the-environment',
  };
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
    expect(() => resolveSettings({}, environment)).toThrow(
      new InvalidOptionsError(
        `Invalid option sources.store.endpoint: ${path}, which was discovered and not named, would send the credentials in AWS_ACCESS_KEY_ID to ` +
          `https://elsewhere.example. If you want that, name the file (configFile, --config ${path}), set sources.store as an option, or put the ` +
          'credentials into the file too',
      ),
    );
  });

  it('does not get those that come into the environment later', async () => {
    await put(join(work, NAME), { sources: { store } });
    const env: Record<string, string> = {};
    const source = resolveSettings({}, env).sources.named.get('store');
    Object.assign(env, environment);
    expect(source?.type === 's3' && source.credentials()).toBeUndefined();
  });

  it("gets its own file's credentials", async () => {
    await put(join(work, NAME), { sources: { store: { ...store, credentials: own } } });
    expect(credentialsFor({}, environment)).toEqual(own);
  });

  it.each<[string, GeminiFilesOptions]>([
    ['where the file is named', { configFile: NAME }],
    ['where the option says another', { sources: { store: { ...store, type: 's3' } } }],
  ])('gets them %s', async (_, options) => {
    await put(join(work, NAME), { sources: { store } });
    expect(credentialsFor(options, environment)).toEqual(fromEnvironment);
  });

  it('is looked at beside an option with another source', async () => {
    await put(join(work, NAME), { sources: { other: store } });
    const options = { sources: { store: { ...store, type: 's3' } } } as const;
    expect(() => credentialsFor(options, environment)).toThrow('sources.other.endpoint');
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
