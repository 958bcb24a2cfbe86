/** Query parameters that sign or authorize a request. Such a URL is a secret, and an input is stored in a history. */

/** Names as `canonical` writes them. */
const NAMES: ReadonlySet<string> = new Set([
  // S3 (version 2 of its signatures) and CloudFront
  'awsaccesskeyid',
  'signature',
  'keypairid',
  // Google Cloud Storage (version 2)
  'googleaccessid',
  // Azure Blob Storage: signature, expiry, permissions
  'sig',
  'se',
  'sp',
  // Alibaba Cloud OSS and Huawei Cloud OBS
  'ossaccesskeyid',
  'accesskeyid',
  // Tencent Cloud COS
  'qsignalgorithm',
  'qsigntime',
  'qkeytime',
  'qak',
  // Dropbox and SharePoint
  'rlkey',
  'tempauth',
  // Any server
  'key',
  'authkey',
  'auth',
  'bearer',
  'jwt',
  'hmac',
  'passwd',
  'pwd',
  'pass',
  'pw',
  'sign',
  'code',
  'sid',
  'ticket',
  'sas',
  'session',
  'resourcekey',
]);

/** S3, Google, Alibaba Cloud, Huawei Cloud, Tencent Cloud, OpenStack Swift, Akamai. */
const BEGINNINGS = ['xamz', 'xgoog', 'xoss', 'xobs', 'xcos', 'tempurl', 'hdnt', 'hdnea'];

/** `access_token`, `X-Security-Token`, `q-signature`, `client_secret`, `X-Bz-Authorization`, `PHPSESSID` and the like. */
const ENDINGS = [
  'token',
  'signature',
  'secret',
  'secretkey',
  'accesskey',
  'apikey',
  'subscriptionkey',
  'privatekey',
  'password',
  'passphrase',
  'authorization',
  'sessionid',
  'sessid',
  'credential',
  'credentials',
];

/** `signature_v2`, `hmac256` and the like, but no longer word. */
const NAMED = /^[^a-z0-9]*(?:hmac|signature)(?:$|[^a-z])/i;

const MAX_SHOWN = 40;

/**
 * The name of the first parameter that signs or authorizes a request; undefined if there is none.
 *
 * @param query - without its question mark
 */
export function signedParameter(query: string): string | undefined {
  return query
    .split(/[&;]/)
    .map((parameter) => decoded(parameter.split('=', 1)[0] ?? ''))
    .find(isSigned)
    ?.slice(0, MAX_SHOWN);
}

function isSigned(parameter: string): boolean {
  const name = canonical(parameter);
  return (
    NAMES.has(name) ||
    NAMED.test(parameter) ||
    BEGINNINGS.some((beginning) => name.startsWith(beginning)) ||
    ENDINGS.some((ending) => name.endsWith(ending))
  );
}

/** Servers differ in the case and in the separators that they accept: `X-Amz-Signature`, `access_token`, `apiKey`. */
const canonical = (name: string) => name.toLowerCase().replace(/[^a-z0-9]/g, '');

/** Each ASCII character that is written as `%` and two digits; the names of the table have no others. */
const decoded = (name: string) =>
  name.replace(/%([0-7][0-9a-f])/gi, (_, digits: string) => String.fromCharCode(parseInt(digits, 16)));
