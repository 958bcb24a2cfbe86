/** What the objects in the worker option `sources` may hold. */

import { optional, required } from '../contract/fields.js';
import { boolean, kind, oneOf, string, type Kind } from '../contract/kinds.js';
import { isLoopback } from '../gemini/index.js';
import { isRecord } from '../util/is-record.js';
import { parseNetwork } from './addresses.js';
import { headersMismatch } from './headers.js';
import type { S3Credentials, S3SourceOptions } from './options.js';
import { parseOrigin } from './origins.js';

function listOf<T>(
  expectation: string,
  parse: (text: string) => T | undefined,
): Kind<readonly string[], readonly T[]> {
  const isList = (value: unknown): value is readonly string[] =>
    Array.isArray(value) &&
    value.length > 0 &&
    value.every((one) => typeof one === 'string' && parse(one) !== undefined);
  return {
    schema: { type: 'array', minItems: 1, items: { type: 'string' } },
    mismatch: (value) => (isList(value) ? undefined : expectation),
    read: (value) => value.map(parse).filter((one) => one !== undefined),
  };
}

const headers: Kind<Readonly<Record<string, string>>> = {
  schema: { type: 'object', additionalProperties: { type: 'string' } },
  mismatch: headersMismatch,
  read: (value) => value,
};

export const HTTPS_SOURCE_FIELDS = {
  /** `https://media.example.com`, `https://*.example.com` for every name below it, or `*` for every public https origin. */
  allowedOrigins: required(
    listOf(
      "expected a list of origins such as 'https://media.example.com', 'https://*.example.com' or '*'",
      parseOrigin,
    ),
  ),
  /** Networks that are not public and may be read from all the same. */
  allowedAddresses: optional(listOf("expected a list of networks such as '10.1.0.0/16'", parseNetwork)),
  /** Headers that are sent with each request, to the origin in the input only. */
  headers: optional(headers),
};

const bucketName = string([
  (value) => /^[A-Za-z0-9][A-Za-z0-9._-]{1,253}[A-Za-z0-9]$/.test(value) && !value.includes('..'),
  'expected the name of a bucket',
]);
const regionName = string([
  (value) => /^[a-z0-9-]{1,64}$/.test(value),
  'expected a region such as eu-central-1, or auto',
]);
const endpoint: Kind<string, URL> = {
  ...string([
    isEndpoint,
    'expected an https URL without user, query and fragment; plain http only on this machine',
  ]),
  read: (value) => new URL(value),
};
const folder: Kind<string> = {
  ...string([isKeyPath, 'expected a path without . and .. in it']),
  read: (value) => (value === '' || value.endsWith('/') ? value : `${value}/`),
};
const credentials: Kind<NonNullable<S3SourceOptions['credentials']>> = kind(
  {
    type: 'object',
    additionalProperties: false,
    required: ['accessKeyId', 'secretAccessKey'],
    properties: {
      accessKeyId: { type: 'string' },
      secretAccessKey: { type: 'string' },
      sessionToken: { type: 'string' },
    },
  },
  (value): value is NonNullable<S3SourceOptions['credentials']> =>
    typeof value === 'function' || areGivenCredentials(value),
  'expected {accessKeyId, secretAccessKey, sessionToken?} of printable ASCII characters, or a function that returns it',
  [],
);

export const S3_SOURCE_FIELDS = {
  type: required(oneOf('s3')),
  bucket: required(bucketName),
  region: required(regionName),
  /** Address of a compatible store. Plain http only on this machine. */
  endpoint: optional(endpoint),
  /** Whether the bucket is in the path of a URL, and not in its host name: by default with an endpoint, and not at AWS. */
  forcePathStyle: optional(boolean),
  /** Folder in the bucket: keys of the input are below it. */
  prefix: optional(folder),
  /** The worker's `AWS_*` variables if it is not given. */
  credentials: optional(credentials),
};

function isEndpoint(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const url = new URL(value);
  if (url.username || url.password || url.search || url.hash) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback(url));
}

/** Whether `value` is made of well-formed names none of which a URL would resolve as `.` or `..`. */
export function isKeyPath(value: string): boolean {
  return value.isWellFormed() && !value.split('/').some((name) => name === '.' || name === '..');
}

/** Whether `value` can be used as S3 credentials: its parts go into a header. */
export function areCredentials(value: unknown): value is S3Credentials {
  if (!isRecord(value)) return false;
  const { accessKeyId, secretAccessKey, sessionToken } = value;
  const isPart = (part: unknown) => typeof part === 'string' && /^[\x21-\x7e]+$/.test(part);
  return (
    isPart(accessKeyId) && isPart(secretAccessKey) && (sessionToken === undefined || isPart(sessionToken))
  );
}

/** A misspelt name in an object that somebody wrote is an error; what a function returns may hold more, such as an expiry. */
function areGivenCredentials(value: unknown): value is S3Credentials {
  const names = ['accessKeyId', 'secretAccessKey', 'sessionToken'];
  return areCredentials(value) && Object.keys(value).every((name) => names.includes(name));
}
