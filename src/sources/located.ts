/** What a user's function says of a file: checked as the hostile input that it may be. */

import { SourceError } from '../contract/errors.js';
import { isRecord } from '../util/is-record.js';
import { headersMismatch } from './headers.js';
import { MAX_URL_LENGTH } from './limits.js';
import { fileName } from './names.js';
import type { Target } from './route.js';

interface Common {
  readonly name: string | undefined;
  readonly mimeType: string | undefined;
}

export interface CheckedUrl extends Common {
  readonly form: 'url';
  readonly target: Target;
  readonly version: string | undefined;
}

export interface CheckedReader extends Common {
  readonly form: 'read';
  readonly sizeBytes: number;
  readonly version: string;
  readonly read: (start: number, end: number, signal: AbortSignal) => unknown;
}

const MIME_TYPE = /^[\w!#$&^.+-]{1,127}\/[\w!#$&^.+-]{1,127}(\s*;.*)?$/;

/**
 * @param source - the function's name, for messages
 * @throws SourceError that names the field and not its value, which may be secret
 */
export function checkLocated(source: string, located: unknown): CheckedUrl | CheckedReader {
  const wrong = (how: string) => new SourceError(`The function of the source ${source} returned ${how}`);
  if (!isRecord(located)) throw wrong('no object');
  const { url, headers = {}, version, name, mimeType, sizeBytes, read } = copyFields(located, wrong);
  if ((url === undefined) === (read === undefined)) throw wrong('not exactly one of url and read');
  if (name !== undefined && !isText(name, 1024))
    throw wrong('a name that is not a string of 1 to 1024 characters');
  if (mimeType !== undefined && !(isText(mimeType, 255) && MIME_TYPE.test(mimeType)))
    throw wrong('a mimeType that is no MIME type');
  if (version !== undefined && !isText(version, 1024))
    throw wrong('a version that is not a string of 1 to 1024 characters');
  const common = { name: name === undefined ? undefined : fileName(name), mimeType };
  if (read === undefined) {
    const mismatch = headersMismatch(headers);
    if (mismatch !== undefined) throw wrong(`headers that cannot be sent: ${mismatch}`);
    const parsed = parseUrl(url);
    if (!parsed) throw wrong('a url that is not an https URL, or contains a user or a password');
    return {
      ...common,
      form: 'url',
      target: { url: parsed, headers: headers as Target['headers'] },
      version,
    };
  }
  if (typeof read !== 'function') throw wrong('a read that is not a function');
  if (version === undefined) throw wrong('a reader without a version');
  if (typeof sizeBytes !== 'number' || !Number.isSafeInteger(sizeBytes) || sizeBytes < 0)
    throw wrong('a sizeBytes that is not a whole number');
  return { ...common, form: 'read', sizeBytes, version, read: read.bind(located) as CheckedReader['read'] };
}

/** The fields, each read once: a getter may give something else the next time, or throw. */
function copyFields(
  located: Readonly<Record<string, unknown>>,
  wrong: (how: string) => Error,
): Readonly<Record<string, unknown>> {
  try {
    const { url, headers, version, name, mimeType, sizeBytes, read } = located;
    return {
      url,
      headers: isRecord(headers) ? { ...headers } : headers,
      version,
      name,
      mimeType,
      sizeBytes,
      read,
    };
  } catch {
    throw wrong('an object whose fields cannot be read');
  }
}

function isText(value: unknown, max: number): value is string {
  return typeof value === 'string' && value !== '' && value.length <= max && value.isWellFormed();
}

function parseUrl(value: unknown): URL | undefined {
  if (typeof value !== 'string' || value.length > MAX_URL_LENGTH || !URL.canParse(value)) return undefined;
  const url = new URL(value);
  if (url.protocol !== 'https:' || url.username || url.password) return undefined;
  url.hash = '';
  return url;
}
