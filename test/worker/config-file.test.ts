import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { InvalidOptionsError } from '../../src/contract/errors.js';
import { loadConfig } from '../../src/worker/config-file.js';

let folder: string;
let project: string;
let work: string;
beforeEach(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'gemini-files-config-')));
  project = join(folder, 'project');
  work = join(project, 'src', 'deep');
  await mkdir(work, { recursive: true });
  await mkdir(join(folder, 'xdg', 'temporal-gemini-files'), { recursive: true });
  vi.stubEnv('XDG_CONFIG_HOME', join(folder, 'xdg'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true });
});

async function put(path: string, content: unknown): Promise<string> {
  const whole = join(folder, path);
  await writeFile(whole, typeof content === 'string' ? content : JSON.stringify(content));
  return whole;
}

it.each(['utf8', 'utf16le'] as const)(
  'is read with a byte order mark, as editors of Windows write it: %s',
  async (encoding) => {
    const bytes = Buffer.from('\ufeff{"apiKey": "of a file"}', encoding);
    const named = join(folder, 'own.json');
    const found = join(work, '.temporal-gemini-filesrc');
    for (const path of [named, found]) await writeFile(path, bytes);
    expect(loadConfig(named, work).config).toEqual({ apiKey: 'of a file' });
    expect(loadConfig(undefined, work).config).toEqual({ apiKey: 'of a file' });
  },
);

describe('the search', () => {
  it('takes the file in the working directory, of the first name, or else the user’s', async () => {
    expect(loadConfig(undefined, work)).toEqual({ config: {} });
    const users = await put('xdg/temporal-gemini-files/config.json', { apiKey: 'of the user' });
    expect(loadConfig(undefined, work)).toEqual({ config: { apiKey: 'of the user' }, path: users });
    const names = [
      'temporal-gemini-files.config.json',
      '.temporal-gemini-filesrc.json',
      '.temporal-gemini-filesrc',
    ];
    for (const name of names) {
      const path = await put(`project/src/deep/${name}`, { apiKey: name });
      expect(loadConfig(undefined, work)).toEqual({ config: { apiKey: name }, path, discovered: true });
    }
  });

  it('does not look into parent directories', async () => {
    await put('project/src/.temporal-gemini-filesrc', { apiKey: 'of the parent' });
    await put('project/temporal-gemini-files.config.json', '{ damaged');
    expect(loadConfig(undefined, work)).toEqual({ config: {} });
  });

  it('is ignored if a file is named, relative to the working directory', async () => {
    await put('project/.temporal-gemini-filesrc', { apiKey: 'found' });
    await put('project/named.json', { apiKey: 'named' });
    expect(loadConfig('named.json', project).config).toEqual({ apiKey: 'named' });
  });

  it('takes the name of a schema, for editors', async () => {
    await put('project/.temporal-gemini-filesrc', { $schema: './config.schema.json', tier: 'free' });
    expect(loadConfig(undefined, project).config).toEqual({ tier: 'free' });
  });

  it('resolves roots from the file’s own folder', async () => {
    await put('project/.temporal-gemini-filesrc', { allowedRoots: ['media', '..', '/data'] });
    expect(loadConfig(undefined, project).config.allowedRoots).toEqual([
      join(project, 'media'),
      folder,
      '/data',
    ]);
  });
});

describe('a file that can’t be used', () => {
  it.each([
    ['not JSON', '{ apiKey: secret-1 }', /it is not JSON/],
    ['empty', '', /it is empty/],
    ['no object', '"secret-1"', /the file: expected an object/],
    ['an unknown field', { apikey: 'secret-1' }, /apikey: unknown field/],
    ['a key that is no string', { apiKey: ['secret-1'] }, /apiKey: expected a string/],
    ['a key that is empty', { apiKey: ' ' }, /apiKey: expected a value that is not empty/],
    ['a tier that is none', { tier: 'secret-1' }, /tier: expected one of free, /],
    ['roots that are no list', { allowedRoots: 'secret-1' }, /allowedRoots: expected a list of folders/],
    ['a profile without a key', { profiles: { a: {} } }, /profiles\.a\.apiKey: required/],
    [
      'a profile with an unknown field',
      { profiles: { a: { apiKey: 'secret-1', x: 'secret-1' } } },
      /profiles\.a\.x: unknown field/,
    ],
    ['sources that are no object', { sources: 'secret-1' }, /sources: expected an object/],
    ['a source that is none', { sources: { media: 'secret-1' } }, /sources\.media: expected /],
    ['a source of a reserved name', { sources: { s3: { type: 's3' } } }, /sources\.s3: expected a name/],
    ['a source without its fields', { sources: { https: {} } }, /sources\.https\.allowedOrigins: required/],
    [
      'a source with an unknown field',
      { sources: { media: { type: 's3', bucket: 'media', region: 'auto', secret: 'secret-1' } } },
      /sources\.media\.secret: unknown field/,
    ],
    [
      'a source with credentials that are none',
      {
        sources: {
          media: { type: 's3', bucket: 'media', region: 'auto', credentials: { accessKeyId: 'secret-1' } },
        },
      },
      /sources\.media\.credentials: expected /,
    ],
  ])('%s: the file and the field are named, no value', async (_, content, message) => {
    const path = await put('bad.json', content);
    let thrown: unknown;
    try {
      loadConfig(path);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(InvalidOptionsError);
    const text = String(thrown);
    expect(text).toContain(`Invalid configuration in ${path}: `);
    expect(text).toMatch(message);
    expect(text).not.toContain('secret-1');
  });

  it('that is empty is named, and found it is passed over', async () => {
    await put('project/temporal-gemini-files.config.json', { tier: 'tier1' });
    const path = await put('project/.temporal-gemini-filesrc', ' \n');
    expect(() => loadConfig(path)).toThrow(`Invalid configuration in ${path}: it is empty`);
    expect(loadConfig(undefined, project).config).toEqual({ tier: 'tier1' });
  });

  it('that is not there, or is a folder, is named', () => {
    expect(() => loadConfig('none.json', project)).toThrow(
      `The configuration file ${join(project, 'none.json')} can't be read (ENOENT)`,
    );
    expect(() => loadConfig('src', project)).toThrow(/can't be read \(EISDIR\)/);
  });
});
