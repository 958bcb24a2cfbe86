/** Query parameters that sign or authorize a request. Such a URL is a secret, and an input is stored in a history. */

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
const TOKEN = /^(?=\D*\d)[\w.|=-]{16,}$/;

/**
 * These only beside an expiry (a time in seconds or milliseconds, a date, or a `ttl`), since they are checksums, sizes and searches too: of
 * nginx's `secure_link`, imgix and others.
 */
const SIGNING_TIMES = /^(?:md5|s|st|h|hash)$/;
const EXPIRY = /^(?:(?:ex|exp|expir[a-z]+|oe)=(?:\d{9}|\d{4}-?\d\d-?\d\d)|[et]=\d{9}|ttl=\d)/;

const MIN_SIGNATURE = 16;

const MAX_SHOWN = 40;

/**
 * The name of the first parameter that signs or authorizes a request, also if the request is that of a URL in a value; undefined if there is
 * none.
 *
 * @param query - without its question mark
 */
export function signedParameter(query: string): string | undefined {
  const parameters = query.split(/[&;]/).map((parameter) => {
    const [name, value = ''] = splitAt(parameter, '=');
    const long = value.length >= MIN_SIGNATURE;
    // What comes after a `=` that was encoded is no name, and can be a secret.
    return { name: splitAt(decoded(name), '=')[0], value: decoded(value), long };
  });
  const expires = parameters.some(({ name, value }) => EXPIRY.test(`${canonical(name)}=${value}`));
  const signs = (name: string) => SIGNING.test(name) || (expires && SIGNING_TIMES.test(name));
  for (const { name, value, long } of parameters) {
    const word = canonical(name);
    const isToken = TOKEN_NAMES.test(word) && TOKEN.test(value);
    if (isSigned(name) || (long && signs(word)) || isToken || SIGNED_VALUE.test(value))
      return name.slice(0, MAX_SHOWN);
    const [, nested = ''] = splitAt(value.replace('#', '?'), '?');
    const signed = nested.includes('=') ? signedParameter(nested) : undefined;
    if (signed !== undefined) return signed;
  }
  return undefined;
}

function isSigned(parameter: string): boolean {
  const name = canonical(parameter);
  return NAMES.has(name) || PARTS.test(name) || NAMED.test(parameter);
}

/** Servers differ in the case and in the separators that they accept: `X-Amz-Signature`, `access_token`, `apiKey`. */
const canonical = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '');

/** Each ASCII character that is written as `%` and two digits, however often they were encoded; the names of the table have no others. */
const decoded = (text: string) =>
  text.replace(/%(?:25)*([0-7][0-9a-f])/gi, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)));
