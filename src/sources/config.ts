/** Validates the worker option `sources`. */

import { isIP } from 'node:net';
import { readKnownFields, type Fields, type OutputOf } from '../contract/fields.js';
import type { InvalidOptionsError } from '../contract/errors.js';
import { invalidOption, invalidValue } from '../contract/invalid-option.js';
import { shorten } from '../contract/show.js';
import { isSourceName } from '../contract/source.js';
import { isRecord } from '../util/is-record.js';
import type { Network } from './addresses.js';
import { HTTPS_SOURCE_FIELDS, S3_SOURCE_FIELDS } from './fields.js';
import type { SourceLimits } from './limits.js';
import type { LocateFile, S3Credentials } from './options.js';
import type { OriginRule } from './origins.js';

type Env = Readonly<Record<string, string | undefined>>;

/** The validated form of the worker option `sources`. */
export interface SourcesConfig {
  /** Absent: no URL of the input is permitted. */
  readonly https?: HttpsSource;
  readonly named: ReadonlyMap<string, NamedSource>;
  /** Certificates that are trusted in place of the system's: for tests. */
  readonly ca?: string;
  /** Bounds of the requests. @default SOURCE_LIMITS */
  readonly limits?: SourceLimits;
}

export interface HttpsSource {
  readonly allowedOrigins: readonly OriginRule[];
  /** Origins that a redirect may lead to. @default allowedOrigins */
  readonly redirectOrigins?: readonly OriginRule[];
  readonly allowedAddresses: readonly Network[];
  readonly headers: Readonly<Record<string, string>>;
}

export interface S3Source {
  readonly type: 's3';
  readonly bucket: string;
  readonly region: string;
  readonly endpoint?: URL | undefined;
  readonly forcePathStyle?: boolean | undefined;
  /** Empty, or ends with a slash. */
  readonly prefix: string;
  /** The result of a user's function is not checked yet. */
  readonly credentials: () => unknown;
  /** Whether another call of `credentials` may return others. */
  readonly renewable: boolean;
  /** Why no file of it is opened: the credentials of the environment must not be sent to it. */
  readonly refusal?: InvalidOptionsError;
}

export interface FunctionSource {
  readonly type: 'function';
  readonly locate: LocateFile;
}

export type NamedSource = S3Source | FunctionSource;

/**
 * The worker option `sources`, validated. Functions are called later, at each attempt.
 *
 * @param options - from the program or a configuration file
 * @param env - where the `AWS_*` variables are read, when a file of S3 is opened
 * @param untrusted - the sources that get no credentials of the environment, also if they come into it later, by name; each with the reason for
 *   which it cannot be used, if there are such credentials now
 * @throws InvalidOptionsError that names the field, such as `sources.https.allowedOrigins`, and never a secret
 */
export function resolveSources(
  options: unknown,
  env: Env = process.env,
  untrusted: ReadonlyMap<string, InvalidOptionsError | undefined> = new Map(),
): SourcesConfig {
  if (options === undefined) return { named: new Map() };
  if (!isRecord(options)) throw invalidOption('sources', 'expected an object');
  const { https, ...others } = options;
  const given = Object.entries(others).filter(([, source]) => source !== undefined);
  return {
    ...(https !== undefined && { https: httpsSource(https) }),
    named: new Map(
      given.map(([name, source]) => {
        const read = namedSource(name, source, untrusted.has(name) ? {} : env);
        const refusal = untrusted.get(name);
        return [name, read.type === 's3' && refusal ? { ...read, refusal } : read];
      }),
    ),
  };
}

function httpsSource(given: unknown): HttpsSource {
  const {
    allowedOrigins,
    allowedAddresses = [],
    headers = {},
  } = readSource('https', HTTPS_SOURCE_FIELDS, given);
  if (Object.keys(headers).length > 0 && isEveryOrigin(given))
    throw invalidOption(
      'sources.https.headers',
      "expected none if allowedOrigins has '*': an input could send them to any server",
    );
  return { allowedOrigins, allowedAddresses, headers: { ...headers } };
}

function isEveryOrigin(given: unknown): boolean {
  return isRecord(given) && Array.isArray(given.allowedOrigins) && given.allowedOrigins.includes('*');
}

function namedSource(name: string, given: unknown, env: Env): NamedSource {
  if (!isSourceName(name)) {
    throw invalidOption(
      `sources.${shorten(name)}`,
      `expected a name of a-z, 0-9 and -, with a letter first and 32 characters at most, and not a scheme of URLs such as file or s3`,
    );
  }
  if (typeof given === 'function') return { type: 'function', locate: given as LocateFile };
  const { credentials, prefix = '', ...source } = readSource(name, S3_SOURCE_FIELDS, given);
  const { bucket, endpoint, forcePathStyle } = source;
  if (forcePathStyle === false && !canBeInHost(bucket, endpoint))
    throw invalidOption(
      `sources.${name}.forcePathStyle`,
      'expected true for this bucket: it cannot be a part of the host name',
    );
  return {
    ...source,
    prefix,
    credentials:
      typeof credentials === 'function' ? credentials : () => credentials ?? environmentCredentials(env),
    renewable: typeof credentials === 'function',
  };
}

/** No certificate covers a name with a dot, and no address has a name before it. */
export function canBeInHost(bucket: string, endpoint: URL | undefined): boolean {
  const host = endpoint?.hostname.replace(/^\[|\]$/g, '') ?? '';
  return /^[a-z0-9-]{3,63}$/.test(bucket) && isIP(host) === 0;
}

/** Those of AWS's own variables. */
export function environmentCredentials(env: Env): S3Credentials | undefined {
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  } = env;
  if (!accessKeyId || !secretAccessKey) return undefined;
  return { accessKeyId, secretAccessKey, ...(sessionToken && { sessionToken }) };
}

function readSource<F extends Fields>(name: string, fields: F, given: unknown): OutputOf<F> {
  if (!isRecord(given)) throw invalidOption(`sources.${name}`, expectedForm(name));
  return readKnownFields(fields, given, (field, expectation, value) => {
    const path = `sources.${name}.${shorten(field)}`;
    // Anything but a place can be a secret; and so can what an origin should not have.
    const isPlace = ['allowedOrigins', 'allowedAddresses', 'bucket', 'region', 'type'].includes(field);
    const shown = isPlace && !/[@?]/.test(JSON.stringify(value) ?? '');
    return shown ? invalidValue(path, expectation, value) : invalidOption(path, expectation);
  });
}

const expectedForm = (name: string) =>
  name === 'https'
    ? 'expected {allowedOrigins, …}'
    : "expected {type: 's3', bucket, region, …} or a function";
