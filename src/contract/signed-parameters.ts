/** Query parameters that sign or authorize a request. Such a URL is a secret, and an input is stored in a history. */

import { decodeAscii } from '../util/decode-ascii.js';
import { splitAt } from '../util/split-at.js';

/**
 * Names as `canonical` writes them: CloudFront; Google Cloud Storage (version 2); Azure Blob Storage (expiry, permissions); Tencent Cloud
 * COS; Dropbox and SharePoint; any server. The bundle of a workflow has this text, which is why it is short.
 */
const NAMES: ReadonlySet<string> = new Set(
  (
    'keypairid googleaccessid se sp qsignalgorithm qsigntime qkeytime qak rlkey tempauth ' +
    'key authkey auth bearer jwt hmac passwd pwd pass pw sign code sid ticket sas session resourcekey wmsauthsign'
  ).split(' '),
);

/**
 * Beginnings: S3, Google, Alibaba Cloud, Huawei Cloud, Tencent Cloud, OpenStack Swift, Akamai. Ends: `access_token`, `X-Security-Token`,
 * `AWSAccessKeyId`, `q-signature`, `client_secret`, `X-Bz-Authorization`, `PHPSESSID`, `nauthsig` and the like.
 */
const PARTS =
  /^(?:x(?:amz|goog|oss|obs|cos)|tempurl|hdnt|hdnea)|(?:sig|token|signature|secret|(?:secret|access|api|subscription|private)key|accesskeyid|password|passphrase|authorization|sess(?:ion)?id|credentials?)$/;

/** `signature_v2`, `hmac256` and the like, but no longer word; Akamai's `__gda__`. */
const NAMED = /^[^a-z0-9]*(?:hmac|signature)(?:$|[^a-z])|^__gda__$/i;

/** The end of a value by which Akamai signs, whatever the parameter is called: `exp=1~acl=/*~hmac=…`. */
const SIGNED_VALUE = /~hmac=./i;

/** Words that sign with a value of `MIN_SIGNATURE` characters: of Discord, Facebook, Cloudflare and others. */
const SIGNING = /^(?:hm|oh|mac|secure|signed|verify)$/;

/** These are ordinary words too, and sign only with a value of the form of a token: of Kaltura and others. */
const TOKEN_NAMES = /^(?:ks|verifier)$/;

/** As those, if they are in a URL in a value: the link to a page has such parameters (`redirect=/view?key=chapter1`). */
const WEAK_NAMES = /^(?:key|code|sid|se|sp|session|ticket|sign|credentials)$/;

/** A UUID, a key of Google, or letters and digits of which at least 20 are in one piece, as words are not: `annual-report-2026-final`. */
const TOKEN =
  /(?<![a-z\d])(?:(?=[a-z]*\d)(?=\d*[a-z])[a-z\d]{20}|AIza[\w-]{20}|[\da-f]{8}-(?:[\da-f]{4}-){3}[\da-f]{12})/i;

/** Names that mean nothing else, wherever they are: of S3 and the stores that follow it, of CloudFront, and of Google. */
const UNMISTAKABLE = /^(?:x(?:amz|goog|oss|obs|cos)|keypairid$|googleaccessid$)/;

/** How a URL in a value begins: `https:`, `//host`, `/path`, `host/path`, `name?`. The words of a text are not looked into. */
const NESTED_URL = /^[\s+]*(?:[a-z][a-z\d+.-]*:[^\s+]|[^\s+?#]*[/?#])/i;

/**
 * These only beside an expiry (a time in seconds or milliseconds, a date, or a `ttl`), since they are checksums, sizes and searches too: of
 * nginx's `secure_link`, imgix and others.
 */
const SIGNING_TIMES = /^(?:md5|s|st|h|hash)$/;
const EXPIRY = /^(?:(?:ex|exp|expir[a-z]+|oe)=(?:\d{9}|\d{4}-?\d\d-?\d\d)|[et]=\d{9}|ttl=\d)/;

const MIN_SIGNATURE = 16;

/** A name that a refusal shows. Another one is more than a name, and can have a secret: `https://user:password@host/?sig`. */
const SHOWN_NAME = /^[\w.~[\]-]{1,40}$/;

interface Parameter {
  readonly name: string;
  readonly value: string;
  readonly long: boolean;
}

/**
 * What of a URL signs or authorizes a request, as a refusal says it: its first such query parameter, or a user name and a password, also if
 * the request is that of a URL in a value or in the path; undefined if nothing does.
 *
 * @param url - without its scheme
 */
export function authorizingPart(url: string): string | undefined {
  const [path, query = ''] = splitAt(url, '?');
  const texts = query.split(/[&;]/);
  const parameters = texts.map(parameterOf);
  const plainPath = decodeAscii(path);
  // A name in the path may have a `?` of its own.
  const [urlInPath = ''] = /https?:\/+[^]*/i.exec(plainPath) ?? [];
  // A URL can be a whole parameter: `?https%3A%2F%2Fhost`, `?https://host/?key=1`.
  const urls = [urlInPath, ...texts.flatMap((text) => [text, splitAt(text, '=')[1] ?? ''].map(decodeAscii))];
  const nested = urls.flatMap(parametersOfNested);
  const signed =
    firstSigned(parameters, isSigned) ??
    firstSigned(nested, isSignedInNested) ??
    parametersOfNested(plainPath).find(({ name }) => UNMISTAKABLE.test(canonical(name)));
  if (signed)
    return SHOWN_NAME.test(signed.name)
      ? `the query parameter ${signed.name}`
      : 'a query parameter whose name is not shown';
  return urls.some(hasPassword) ? 'a user name and a password' : undefined;
}

function hasPassword(url: string): boolean {
  const [, authority = ''] = /^[\s+]*[a-z][a-z\d+.-]*:\/+([^/?#]*)/i.exec(url) ?? [];
  const colon = authority.indexOf(':');
  return colon >= 0 && authority.lastIndexOf('@') > colon;
}

function parameterOf(text: string): Parameter {
  const [name, value = ''] = splitAt(text, '=');
  // What comes after an encoded `=` does not belong to the name, and can be a secret.
  return {
    name: splitAt(decodeAscii(name), '=')[0],
    value: decodeAscii(value),
    long: value.length >= MIN_SIGNATURE,
  };
}

/** The parameters of the URL that a value is or contains, and of those in it; only those that have a value. */
function parametersOfNested(value: string): Parameter[] {
  if (!NESTED_URL.test(value)) return [];
  const [, query = ''] = /[?#]([^]*)/.exec(value) ?? [];
  return query
    .split(/[?#&;]/)
    .map(parameterOf)
    .filter((parameter) => parameter.value !== '');
}

function firstSigned(
  parameters: readonly Parameter[],
  isSignedName: (name: string) => boolean,
): Parameter | undefined {
  const expires = parameters.some(({ name, value }) => EXPIRY.test(`${canonical(name)}=${value}`));
  const signs = (name: string) => SIGNING.test(name) || (expires && SIGNING_TIMES.test(name));
  return parameters.find(({ name, value, long }) => {
    const word = canonical(name);
    const isToken = (TOKEN_NAMES.test(word) || WEAK_NAMES.test(word)) && TOKEN.test(value);
    return isSignedName(name) || (long && signs(word)) || isToken || SIGNED_VALUE.test(value);
  });
}

function isSigned(parameter: string): boolean {
  const name = canonical(parameter);
  return NAMES.has(name) || PARTS.test(name) || NAMED.test(parameter);
}

function isSignedInNested(parameter: string): boolean {
  return isSigned(parameter) && !WEAK_NAMES.test(canonical(parameter));
}

/** Servers differ in the case and in the separators that they accept: `X-Amz-Signature`, `access_token`, `apiKey`. */
const canonical = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '');
