/** The schemas as validators of editors and other languages read them, and that of the configuration file beside what the worker says. */

import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Ajv, type ErrorObject } from 'ajv';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/worker/config-file.js';

const schemas = new URL('../../schemas/', import.meta.url);
const read = (name: string) => JSON.parse(readFileSync(new URL(name, schemas), 'utf8')) as object;

let folder: string;
beforeAll(async () => void (folder = await mkdtemp(join(tmpdir(), 'gemini-files-schema-'))));
afterAll(() => rm(folder, { recursive: true }));

it.each(readdirSync(schemas))('%s can be used, and refers to nothing that it does not have', (name) => {
  const ajv = new Ajv({ strict: true, strictRequired: false, allowUnionTypes: true });
  expect(() => ajv.compile(read(name))).not.toThrow();
});

describe('a configuration file', () => {
  const validate = new Ajv({ allErrors: true, allowUnionTypes: true }).compile(read('config.schema.json'));

  /** The fields that an editor marks: a field that there is not, or one with a wrong value, as a path. */
  function marked(config: unknown): string[] {
    validate(config);
    const pathOf = ({ instancePath, params }: ErrorObject) => {
      const { additionalProperty, missingProperty } = params as Record<string, string | undefined>;
      const path = instancePath.slice(1).replaceAll('/', '.');
      return [path, additionalProperty ?? missingProperty].filter(Boolean).join('.');
    };
    return [...new Set((validate.errors ?? []).map(pathOf))];
  }

  async function load(config: unknown) {
    const path = join(folder, 'config.json');
    await writeFile(path, JSON.stringify(config));
    return loadConfig(path, folder).config;
  }

  const https = { allowedOrigins: ['https://media.example.com', 'https://*.example.com'] };
  const s3 = { type: 's3', bucket: 'archive', region: 'eu-central-1' };

  it.each<[string, object]>([
    ['nothing', {}],
    ['durations', { answerTimeout: '2m', unreachableTimeout: 60_000 }],
    [
      'sources',
      {
        $schema: './node_modules/temporal-gemini-files/schemas/config.schema.json',
        sources: {
          https: { ...https, allowedAddresses: ['10.1.0.0/16'], headers: { authorization: 'Bearer x' } },
          archive: { ...s3, prefix: 'audio/', credentials: { accessKeyId: 'a', secretAccessKey: 'b' } },
          store: { ...s3, endpoint: 'https://minio.example.com', forcePathStyle: false },
        },
      },
    ],
    [
      'everything else',
      {
        apiKey: 'key',
        baseUrl: 'https://gateway.example.com',
        allowedRoots: ['media'],
        tier: 'tier1',
        limits: { maxConcurrentUploads: 2 },
        profiles: { 'team-a': { apiKey: 'key' } },
      },
    ],
  ])('of %s is taken by both', async (_, config) => {
    expect(marked(config)).toEqual([]);
    await load(config);
  });

  it.each<[string, object]>([
    ['source', { source: { https } }],
    ['answerTimeout', { answerTimeout: true }],
    ['sources', { sources: [] }],
    ['sources.https', { sources: { https: true } }],
    ['sources.https.allowedOrigins', { sources: { https: {} } }],
    ['sources.https.allowedOrigins', { sources: { https: { allowedOrigins: [] } } }],
    ['sources.https.allowedOrigins', { sources: { https: { allowedOrigins: 'https://a.example' } } }],
    ['sources.https.allowOrigins', { sources: { https: { ...https, allowOrigins: [] } } }],
    ['sources.https.allowedAddresses', { sources: { https: { ...https, allowedAddresses: [] } } }],
    ['sources.https.headers', { sources: { https: { ...https, headers: 'authorization: x' } } }],
    ['sources.s3', { sources: { s3 } }],
    ['sources.Archive', { sources: { Archive: s3 } }],
    [`sources.${'a'.repeat(33)}`, { sources: { ['a'.repeat(33)]: s3 } }],
    ['sources.archive.type', { sources: { archive: { ...s3, type: 'gcs' } } }],
    ['sources.archive.bucket', { sources: { archive: { type: 's3', region: 'auto' } } }],
    ['sources.archive.region', { sources: { archive: { ...s3, region: 5 } } }],
    ['sources.archive.pathStyle', { sources: { archive: { ...s3, pathStyle: true } } }],
    ['sources.archive.forcePathStyle', { sources: { archive: { ...s3, forcePathStyle: 'yes' } } }],
    ['sources.archive.credentials', { sources: { archive: { ...s3, credentials: 'env' } } }],
  ])('with a wrong field %s is refused by both, by its name', async (field, config) => {
    expect(marked(config)).toEqual([field]);
    await expect(load(config)).rejects.toMatchObject({
      name: 'InvalidOptionsError',
      message: expect.stringContaining(field.slice(0, 40)) as unknown,
    });
  });
});
