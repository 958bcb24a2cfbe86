/** Each setting comes from the first place that has it. */

import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  InvalidCredentialsError,
  InvalidOptionsError,
  MissingCredentialsError,
} from '../../src/contract/errors.js';
import { pickOptions } from '../../src/worker/options.js';
import {
  createGeminiFilesWorker,
  GeminiFilesPlugin,
  resolveSettings,
  TIERS,
  type GeminiFilesOptions,
} from '../../src/worker/internal.js';

let folder: string;
let empty: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'gemini-files-settings-'));
  empty = await config({});
});
afterAll(() => rm(folder, { recursive: true }));

let count = 0;
async function config(content: unknown): Promise<string> {
  const path = join(folder, `config-${count++}.json`);
  await writeFile(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const everywhere = { GEMINI_API_KEY: 'of-gemini', GOOGLE_API_KEY: 'of-google' };

describe('the key', () => {
  it.each([
    ['option', 'of-option', { apiKey: 'of-option' }, 'of-config', everywhere],
    ['configuration file', 'of-config', {}, 'of-config', everywhere],
    ['GEMINI_API_KEY', 'of-gemini', {}, undefined, everywhere],
    ['GOOGLE_API_KEY', 'of-google', {}, undefined, { GOOGLE_API_KEY: 'of-google' }],
    // What is set but empty is not set.
    ['GOOGLE_API_KEY', 'of-google', { apiKey: '' }, undefined, { ...everywhere, GEMINI_API_KEY: ' ' }],
    ['GEMINI_API_KEY', 'of-gemini', {}, undefined, { GEMINI_API_KEY: ' of-gemini\n' }],
  ])('comes from %s: %s', async (source, key, options, configKey, env) => {
    const configFile = await config(configKey === undefined ? {} : { apiKey: configKey });
    const settings = resolveSettings({ ...options, configFile }, env);
    expect(settings.keySource).toBe(source);
    expect((await settings.connect()).apiKey).toBe(key);
  });

  it('of nowhere is MissingCredentialsError, at its use, with the ways to give one and the doctor', async () => {
    const settings = resolveSettings({ configFile: empty }, {});
    expect(settings.keySource).toBeUndefined();
    const error = await settings.connect().catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(MissingCredentialsError);
    expect(String(error)).toMatch(
      /option apiKey.*configuration file.*GEMINI_API_KEY \(or GOOGLE_API_KEY\)\. Run temporal-gemini-files doctor/,
    );
  });

  it('of a function is asked for at each use', async () => {
    const keys = ['first', ' second\n'];
    const apiKey = () => Promise.resolve(keys.shift() ?? '');
    const settings = resolveSettings({ apiKey, configFile: empty }, everywhere);
    expect(settings.keySource).toBe('option');
    expect((await settings.connect()).apiKey).toBe('first');
    expect((await settings.connect()).apiKey).toBe('second');
    await expect(settings.connect()).rejects.toThrow(MissingCredentialsError);
  });

  it('of a function that brings nothing or throws is an error, not another place’s key', async () => {
    const nothing = (() => undefined) as unknown as () => string;
    const settings = resolveSettings({ apiKey: nothing, configFile: empty }, everywhere);
    await expect(settings.connect()).rejects.toThrow(MissingCredentialsError);
    const throws = resolveSettings(
      {
        apiKey: () => Promise.reject(new Error('vault is sealed for AIzaSy0123456789abcdefghij')),
        configFile: empty,
      },
      everywhere,
    );
    await expect(throws.connect()).rejects.toThrow(
      new Error("The worker's apiKey function failed: vault is sealed for AIza…"),
    );
  });

  it.each(['of a\nb', '“quoted”', 'two words'])(
    'that no header can hold (%j) is told of, and not shown',
    async (key) => {
      const settings = resolveSettings({ configFile: empty }, { GEMINI_API_KEY: key });
      const error = await settings.connect().catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(InvalidCredentialsError);
      expect(String(error)).toContain('GEMINI_API_KEY');
      expect(String(error)).not.toContain(key);
    },
  );
});

describe('credentials profiles', () => {
  const profiles = {
    'team-a': { apiKey: 'key-of-a' },
    'team-b': { apiKey: 'key-of-b', baseUrl: 'https://b.example/gemini' },
  };

  it('have a key, and may have a base URL of their own', async () => {
    const settings = resolveSettings({ configFile: await config({ profiles }) }, everywhere);
    const a = await settings.connect('team-a');
    expect([a.apiKey, a.baseUrl.href]).toEqual(['key-of-a', 'https://generativelanguage.googleapis.com/']);
    const b = await settings.connect('team-b');
    expect([b.apiKey, b.baseUrl.href]).toEqual(['key-of-b', 'https://b.example/gemini']);
    expect([...settings.profiles.keys()]).toEqual(['team-a', 'team-b']);
  });

  it.each(['team-c', 'constructor', '__proto__', ''])(
    'unknown (%j): the names are listed, no key',
    async (name) => {
      const settings = resolveSettings({ configFile: await config({ profiles }) }, everywhere);
      const error = await settings.connect(name).catch((thrown: unknown) => thrown);
      expect(error).toBeInstanceOf(MissingCredentialsError);
      expect(String(error)).toContain(
        `${JSON.stringify(name)} in the worker's configuration file; it has team-a, team-b`,
      );
      expect(String(error)).not.toMatch(/key-of|of-gemini/);
    },
  );

  it('unknown, for it is a key that was given by mistake: the key is not repeated', async () => {
    const settings = resolveSettings({ configFile: empty }, everywhere);
    const error = settings.connect('AIzaSyGiven-By-Mistake-0123456789-012345');
    await expect(error).rejects.toThrow('No credentials profile "AIza…" in');
  });

  it('that is unknown is reported, if there are none', async () => {
    const settings = resolveSettings({ configFile: empty }, everywhere);
    await expect(settings.connect('team-a')).rejects.toThrow('it has none');
  });
});

describe('the base URL', () => {
  it.each<[string, GeminiFilesOptions, string | undefined, Record<string, string>, boolean]>([
    [
      'https://option.example/',
      { baseUrl: 'https://option.example' },
      'https://config.example',
      { GOOGLE_GEMINI_BASE_URL: 'https://env.example' },
      true,
    ],
    [
      'https://config.example/',
      {},
      'https://config.example',
      { GOOGLE_GEMINI_BASE_URL: 'https://env.example' },
      true,
    ],
    ['https://env.example/', {}, undefined, { GOOGLE_GEMINI_BASE_URL: 'https://env.example' }, true],
    ['https://generativelanguage.googleapis.com/', {}, undefined, { GOOGLE_GEMINI_BASE_URL: '' }, false],
    ['http://127.0.0.1:8080/', { baseUrl: 'http://127.0.0.1:8080' }, undefined, {}, true],
    [
      'http://gateway.internal/',
      { baseUrl: 'http://gateway.internal', allowInsecureBaseUrl: true },
      undefined,
      {},
      true,
    ],
  ])('is %s', async (url, options, configUrl, env, given) => {
    const configFile = await config(configUrl === undefined ? {} : { baseUrl: configUrl });
    const settings = resolveSettings({ ...options, configFile }, env);
    expect(settings.baseUrl.href).toBe(url);
    expect(settings.baseUrlGiven).toBe(given);
  });

  it.each([
    'http://gateway.internal',
    'ftp://127.0.0.1',
    'gateway',
    'https://user:pw@gateway.internal',
    'https://a.example?key=x',
  ])('%s is refused', (baseUrl) => {
    expect(() => resolveSettings({ baseUrl, configFile: empty }, {})).toThrow(InvalidOptionsError);
  });

  it('over plain http is allowed only by true, and the connection has it', async () => {
    const baseUrl = 'http://gateway.internal';
    const allowing = (allow: unknown) =>
      resolveSettings(
        { baseUrl, apiKey: 'k', configFile: empty, allowInsecureBaseUrl: allow as boolean },
        {},
      );
    expect(await allowing(true).connect()).toMatchObject({ allowInsecureBaseUrl: true });
    expect(() => allowing('false')).toThrow(
      'Invalid option allowInsecureBaseUrl: expected true or false, got "false"',
    );
  });

  it('of a profile is held to the same', async () => {
    const configFile = await config({ profiles: { a: { apiKey: 'k', baseUrl: 'http://gateway.internal' } } });
    expect(() => resolveSettings({ configFile }, {})).toThrow(InvalidOptionsError);
  });
});

describe('the tier', () => {
  it.each([
    ['tier3', { tier: 'tier3' as const }, 'tier2', { GEMINI_TIER: 'tier1' }],
    ['tier2', {}, 'tier2', { GEMINI_TIER: 'tier1' }],
    ['tier1', {}, undefined, { GEMINI_TIER: 'tier1' }],
    [undefined, {}, undefined, { GEMINI_TIER: '' }],
  ])('is %s', async (tier, options, configTier, env) => {
    const configFile = await config(configTier === undefined ? {} : { tier: configTier });
    expect(resolveSettings({ ...options, configFile }, env).tier).toBe(tier);
  });

  it('that is none is refused with its value and those that there are', () => {
    expect(() => resolveSettings({ configFile: empty }, { GEMINI_TIER: 'gold' })).toThrow(
      'Invalid option tier: expected one of free, tier1, tier2, tier3, got "gold"',
    );
  });

  it('allows more the higher it is', () => {
    const rates = Object.values(TIERS).map((limits) => limits.maxTaskQueueActivitiesPerSecond);
    expect(rates).toEqual([...rates].sort((a, b) => a - b));
  });
});

describe('the allowed roots', () => {
  it('are the option’s, else the configuration file’s from its own folder, else the working directory', async () => {
    const configFile = await config({ allowedRoots: ['media', '/data'] });
    expect(resolveSettings({ allowedRoots: ['/a', 'b'], configFile }, {}).allowedRoots).toEqual([
      '/a',
      join(process.cwd(), 'b'),
    ]);
    expect(resolveSettings({ configFile }, {}).allowedRoots).toEqual([join(folder, 'media'), '/data']);
    expect(resolveSettings({ configFile: empty }, {}).allowedRoots).toEqual([process.cwd()]);
    // As from a class of the user's own.
    const inherited = Object.create({ allowedRoots: ['/a'], configFile }) as GeminiFilesOptions;
    expect(resolveSettings(inherited, {}).allowedRoots).toEqual(['/a']);
    expect(pickOptions(inherited)).toEqual({ allowedRoots: ['/a'], configFile });
  });
});

describe('the sources', () => {
  const file = {
    sources: {
      https: { allowedOrigins: ['https://of-config.example'], headers: { 'x-token': 'of-config' } },
      archive: { type: 's3', bucket: 'archive', region: 'eu-central-1' },
      store: { type: 's3', bucket: 'store', region: 'eu-central-1' },
    },
  };

  it('are none unless they are configured', () => {
    const { sources } = resolveSettings({ configFile: empty }, {});
    expect(sources).toEqual({ named: new Map() });
  });

  it('are the option’s and the configuration file’s, and each is of one of them as a whole', async () => {
    const configFile = await config(file);
    const { sources } = resolveSettings(
      {
        configFile,
        sources: {
          https: { allowedOrigins: ['https://of-option.example'] },
          store: () => ({ url: 'https://store.example/a' }),
        },
      },
      {},
    );
    const permits = (url: string) => sources.https?.allowedOrigins.some((rule) => rule.permits(new URL(url)));
    expect([permits('https://of-option.example/a'), permits('https://of-config.example/a')]).toEqual([
      true,
      false,
    ]);
    expect(sources.https?.headers).toEqual({});
    expect([...sources.named].map(([name, { type }]) => [name, type])).toEqual([
      ['archive', 's3'],
      ['store', 'function'],
    ]);
  });

  it.each([5, null, 'https://a.example', { https: {} }, { s3: () => ({ url: '' }) }])(
    'that are not sources are refused: %j',
    (sources) => {
      const resolve = () => resolveSettings({ configFile: empty, sources: sources as never }, {});
      expect(resolve).toThrow(InvalidOptionsError);
      expect(resolve).toThrow(/^Invalid option sources/);
    },
  );
});

describe('options that a caller from JavaScript may give', () => {
  it.each<[string, unknown, string]>([
    [
      'a misspelt name',
      { allowedRoot: ['/media'] },
      'Invalid option allowedRoot: unknown option of the worker',
    ],
    [
      'a folder that is not a list',
      { allowedRoots: '/media' },
      'Invalid option allowedRoots: expected a list of folders',
    ],
    ['an empty folder', { allowedRoots: [''] }, 'Invalid option allowedRoots: expected a list of folders'],
    ['a list', [], 'Invalid options: expected an object'],
    ['null', null, 'Invalid options: expected an object'],
  ])('%s is refused', (_, options, message) => {
    const resolve = () => resolveSettings(options as GeminiFilesOptions, {});
    expect(resolve).toThrow(InvalidOptionsError);
    expect(resolve).toThrow(message);
  });

  const SECRET = 'sk-secret-0123456789';
  const wrong: readonly (readonly [option: string, value: unknown, expectation: string])[] = [
    ['apiKey', 42, 'expected a string, or a function that returns it'],
    ['apiKey', null, 'expected a string, or a function that returns it'],
    ['apiKey', { key: SECRET }, 'expected a string, or a function that returns it'],
    ['apiKey', [SECRET], 'expected a string, or a function that returns it'],
    ['configFile', new URL('file:///etc/gemini.json'), 'expected a string'],
    ['configFile', 42, 'expected a string'],
    ['configFile', null, 'expected a string'],
    ['baseUrl', null, 'expected a string'],
    ['baseUrl', {}, 'expected a string'],
    ['baseUrl', new URL(`https://user:${SECRET}@gateway.test`), 'expected a string'],
    ['limits', null, 'expected an object, got null'],
    ['limits', 'x', 'expected an object, got "x"'],
    ['limits', [], 'expected an object, got []'],
    ['tier', null, 'expected one of free, tier1, tier2, tier3, got null'],
    ['sources', SECRET, 'expected an object'],
    ['answerTimeout', Number.NaN, 'expected a duration'],
    ['unreachableTimeout', new Date(0), 'expected a duration'],
  ];

  it.each(wrong)(
    '%s: %j is refused by its name, and no secret is shown',
    async (option, value, expectation) => {
      const options = { [option]: value } as GeminiFilesOptions;
      const refusals = [
        () => resolveSettings(options, everywhere),
        () => new GeminiFilesPlugin(options),
        () => createGeminiFilesWorker(options),
      ].map(async (make) => make());
      for (const refusal of await Promise.allSettled(refusals)) {
        const reason: unknown = (refusal as PromiseRejectedResult).reason;
        expect(reason).toBeInstanceOf(InvalidOptionsError);
        expect(String(reason)).toContain(`Invalid option ${option}: ${expectation}`);
        expect(String(reason)).not.toContain(SECRET);
      }
    },
  );

  it.each([null, 'x', 42])('%j in place of the options of a worker is refused', async (options) => {
    const made = createGeminiFilesWorker(options as never);
    await expect(made).rejects.toThrow(new InvalidOptionsError('Invalid options: expected an object'));
  });

  it.each([42, '', null, '/_sys/x'])('%j is not a task queue of a worker', async (taskQueue) => {
    const made = createGeminiFilesWorker({ taskQueue } as never);
    await expect(made).rejects.toThrow(InvalidOptionsError);
    await expect(made).rejects.toThrow(/^Invalid option taskQueue: expected a /);
  });
});
