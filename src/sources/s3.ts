/** An object in a bucket of S3 or of a compatible store: each request is signed (AWS Signature, version 4). */

import { AwsV4Signer } from 'aws4fetch';
import { MissingCredentialsError, SourceNotAllowedError } from '../contract/errors.js';
import { canBeInHost, type S3Source, type SourcesConfig } from './config.js';
import { areCredentials, isKeyPath } from './fields.js';
import { connectionsFor } from './connect.js';
import { openHttpSource } from './http-source.js';
import { inTime } from './in-time.js';
import { SOURCE_LIMITS, type SourceLimits } from './limits.js';
import { storeErrorCode } from './store-error.js';
import { keyName } from './names.js';
import type { OpenContext } from './open-context.js';
import type { S3Credentials } from './options.js';
import type { RangeSource } from './range-source.js';
import { Renewable } from './renewable.js';
import type { Route, Target } from './route.js';
import { StoreClock } from './store-clock.js';

/**
 * @throws SourceNotAllowedError for a key that a URL would resolve to another one, and if the store refuses the credentials
 * @throws InvalidOptionsError if the store must not get the credentials
 */
export async function openS3(
  name: string,
  key: string,
  source: S3Source,
  config: SourcesConfig,
  { signal, mimeType, onStoreError }: OpenContext,
): Promise<RangeSource> {
  if (source.refusal) throw source.refusal;
  const { limits = SOURCE_LIMITS } = config;
  const label = `${name}:${key}`;
  if (!isKeyPath(key))
    throw new SourceNotAllowedError(`${label} is not a key below the source: it contains . or ..`);
  const url = objectUrl(source, key);
  const read = (ended: AbortSignal) => readCredentials(name, source, limits, ended);
  const credentials = new Renewable(await read(signal), read);
  const connections = connectionsFor(config, source.endpoint);
  const clock = new StoreClock();
  // S3 says 400 to a session token that has expired.
  const isRefusal = (status: number) => [400, 401, 403].includes(status);
  const route: Route = {
    label,
    target: () => sign(url, source.region, credentials.value, clock.datetime),
    isRefusal,
    // A refusal of the time says nothing of the credentials.
    renew: async (ended, { header }, code) =>
      clock.correct(header('date'), code) || (source.renewable && (await credentials.renew(ended))),
    accepted: () => {
      clock.accepted();
      credentials.accepted();
    },
    onError: async (answer, ended) => {
      if (!onStoreError && !isRefusal(answer.status)) return undefined;
      const code = await storeErrorCode(answer, limits, ended);
      onStoreError?.(code);
      return code;
    },
  };
  return await openHttpSource(route, connections, limits, signal, () => ({
    name: keyName(key),
    expected: mimeType,
  }));
}

async function readCredentials(
  name: string,
  { credentials }: S3Source,
  limits: SourceLimits,
  signal: AbortSignal,
): Promise<S3Credentials> {
  // In a chain, so that a function that throws at once is caught too.
  const called = Promise.resolve().then(() => credentials());
  const given: unknown = await inTime(called, name, limits, signal);
  if (areCredentials(given)) return given;
  throw new MissingCredentialsError(
    given === undefined
      ? `No credentials for the source ${name}: set sources.${name}.credentials, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY`
      : `The credentials of the source ${name} are not {accessKeyId, secretAccessKey, sessionToken?} of printable ASCII characters`,
  );
}

/** The bucket is in the host name at AWS, and in the path at an endpoint, unless the source says otherwise or its name can't be in a host name. */
export function objectUrl(
  { bucket, region, endpoint, forcePathStyle = endpoint !== undefined, prefix }: S3Source,
  key: string,
): URL {
  const china = region.startsWith('cn-') ? '.cn' : '';
  const url = new URL(endpoint ?? `https://s3.${region}.amazonaws.com${china}`);
  const virtualHost = !forcePathStyle && canBeInHost(bucket, endpoint);
  if (virtualHost) url.hostname = `${bucket}.${url.hostname}`;
  const base = url.pathname.replace(/\/+$/, '');
  url.pathname = `${base}${virtualHost ? '' : `/${bucket}`}/${encodeKey(prefix + key)}`;
  return url;
}

/** As signatures want it: everything but unreserved characters and slashes is encoded. */
function encodeKey(key: string): string {
  return encodeURIComponent(key)
    .replaceAll('%2F', '/')
    .replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
}

async function sign(url: URL, region: string, credentials: S3Credentials, datetime: string): Promise<Target> {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const signer = new AwsV4Signer({
    url: url.href,
    accessKeyId,
    secretAccessKey,
    ...(sessionToken !== undefined && { sessionToken }),
    service: 's3',
    region,
    datetime,
  });
  const { headers } = await signer.sign();
  return { url, headers: Object.fromEntries(headers) };
}
