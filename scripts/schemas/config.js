// The JSON Schema of the worker's configuration file: its fields, and those of the objects in it.
import { readOptions } from './read-options.js';
import { schemaOf } from './render-options.js';

/** A schema without what only a whole document has. */
function part({ $schema: _schema, definitions: _none, ...schema }) {
  return schema;
}

/** The fields of the file, by what their names begin with. Those of sources are in docs/sources.md. */
export async function configFields() {
  const [config, limits, profile] = await Promise.all([
    readOptions('worker/config-fields', 'CONFIG_FIELDS', 'ConfigFile'),
    readOptions('worker/tiers', 'LIMIT_FIELDS', 'WorkerLimits'),
    readOptions('worker/config-fields', 'PROFILE_FIELDS', 'ProfileInFile'),
  ]);
  return { '': config, 'limits.': limits, 'profiles.NAME.': profile };
}

/** @param definitions - of the types that its fields refer to */
export async function configSchema(definitions) {
  const [config, profile, limits, https, s3] = await Promise.all([
    readOptions('worker/config-fields', 'CONFIG_FIELDS', 'ConfigFile'),
    readOptions('worker/config-fields', 'PROFILE_FIELDS', 'ProfileInFile'),
    readOptions('worker/tiers', 'LIMIT_FIELDS', 'WorkerLimits'),
    readOptions('sources/fields', 'HTTPS_SOURCE_FIELDS', 'HttpsSourceOptions', 'sources/options'),
    readOptions('sources/fields', 'S3_SOURCE_FIELDS', 'S3SourceOptions', 'sources/options'),
  ]);
  const schema = schemaOf(config, definitions);
  const { sources, limits: limit, profiles } = schema.properties;
  const bucket = part(schemaOf(s3));
  // The comment is about functions, which a file cannot hold.
  bucket.properties.credentials.description = 'By default the `AWS_*` variables of the worker.';
  Object.assign(sources, {
    properties: { https: part(schemaOf(https)) },
    patternProperties: { '^(?!(http|https|file|data|blob|gs|s3)$)[a-z][a-z0-9-]{0,31}$': bucket },
    additionalProperties: false,
  });
  Object.assign(limit, part(schemaOf(limits)), { description: limit.description });
  profiles.additionalProperties = part(schemaOf(profile));
  return schema;
}
