/** What a message shows of an error of a user's function. */

import { expect, it } from 'vitest';
import { redactedMessage } from '../../src/sources/redact.js';
import { stopwatch } from '../support/stopwatch.js';

const shown = (message: string) => redactedMessage(new Error(message));

it.each([
  // URLs, also encoded, and encoded twice
  ['GET https://s3/x?X-Amz-Signature=S3CRET failed', 'GET [URL]'],
  ['GET https%3A%2F%2Fs3%2Fx%3FX-Amz-Signature%3DS3CRET failed', 'GET [hidden]'],
  ['GET https%253A%252F%252Fs3%252Fx%253Fsig%253DS3CRET failed', 'GET [hidden]'],
  ['GET /redirect?to=https%3A%2F%2Fs3%2FS3CRET failed', 'GET [hidden]'],
  ['no bucket https://s3/S3CRET', 'no bucket [URL]'],
  ['no bucket https://s3/a%20S3CRET here', 'no bucket [hidden]'],
  ['login at postgres%3A//me%3AS3CRET@db', 'login at [hidden]'],
  ['login at me:S3CRET@db failed', 'login at [hidden] failed'],
  // Headers
  ['Authorization%3A%20Bearer%20S3CRET', '[hidden]'],
  ['header Bearer S3CRET rejected', 'header Bearer [hidden] rejected'],
  ['header "bearer" \'S3CRET\' rejected', 'header "bearer [hidden] rejected'],
  ['Basic S3CRET== rejected', 'Basic [hidden] rejected'],
  ['header basic dXNlcjpTM0NSRVQ rejected', 'header basic [hidden] rejected'],
  ['Proxy-Authorization Basic S3CRET rejected', 'Proxy-Authorization Basic [hidden] rejected'],
  ['Digest username="S3CRET" rejected', 'Digest [hidden] rejected'],
  ['-H X-Auth: S3CRET', '-H X-Auth=[hidden]'],
  // Names of secrets
  ['login pwd=S3CRET failed', 'login pwd=[hidden]'],
  ['login pwd:S3CRET failed', 'login pwd=[hidden]'],
  ['login passwd: S3CRET', 'login passwd=[hidden]'],
  ['login passphrase=S3CRET', 'login passphrase=[hidden]'],
  ['login pass=S3CRET', 'login pass=[hidden]'],
  ['login db_pass=S3CRET', 'login db_pass=[hidden]'],
  ['login {"pwd":"S3CRET"}', 'login {"pwd=[hidden]'],
  ['login jwt=S3CRET', 'login jwt=[hidden]'],
  ['login auth=S3CRET', 'login auth=[hidden]'],
  ['login dbPass=S3CRET failed', 'login dbPass=[hidden]'],
  ['login pw: S3CRET', 'login pw=[hidden]'],
  ['answered {"body":"{\\"password\\":\\"S3CRET\\"}"}', 'answered {"body":"{\\"password=[hidden]'],
  ['"{\\"a\\":\\"{\\\\\\"token\\\\\\":\\\\\\"S3CRET\\\\\\"}\\"}"', '"{\\"a\\":\\"{\\\\\\"token=[hidden]'],
  ['answered <Login><Password>S3CRET</Password></Login>', 'answered <Login>Password=[hidden]'],
  ['answered <s:ApiKey id="1">\n  S3CRET\n</s:ApiKey>', 'answered ApiKey=[hidden]'],
  ['headers [["host","h"],["x-api-key","S3CRET"]]', 'headers [["host","h"],["x-api-key=[hidden]'],
  ["rawHeaders [ 'Host', 'X-Api-Key', 'S3CRET' ]", "rawHeaders [ 'Host', 'X-Api-Key=[hidden]"],
  ['{"name":"x-api-key","value":"S3CRET"}', '{"name":"x-api-key=[hidden]'],
  ['headers [["x-api-key",["S3CRET"]]]', 'headers [["x-api-key=[hidden]'],
  ['headers [["x-api-key", [{ "raw": "S3CRET" }]]]', 'headers [["x-api-key=[hidden]'],
  ['answered [["password", 12345]]', 'answered [["password=[hidden]'],
  ['{"value":"S3CRET","name":"x-api-key"}', 'x-api-key=[hidden]'],
  ["headers [ { value: 'S3CRET', name: 'Cookie' } ]", 'headers [ Cookie=[hidden]'],
  ['"{\\"value\\":\\"S3CRET\\",\\"name\\":\\"x-api-key\\"}"', '"x-api-key=[hidden]'],
  ['answered <user name="me" password="S3CRET">text</user>', 'answered <user name="me" password=[hidden]'],
  ['answered <Error apikey="S3CRET">denied</Error>', 'answered <Error apikey=[hidden]'],
  ['{"value":"S3CRET","name":"PGPASS"}', 'PGPASS=[hidden]'],
  ['answered <Password><![CDATA[S3CRET]]></Password>', 'answered Password=[hidden]'],
  ['answered <secret>\n<!-- --> S3CRET</secret>', 'answered secret=[hidden]'],
  ['answered <secret><?x?>S3CRET</secret>', 'answered secret=[hidden]'],
  ['login dbPASS=S3CRET', 'login dbPASS=[hidden]'],
  ['login PGPASS=S3CRET', 'login PGPASS=[hidden]'],
  ['the password was S3CRET today', 'the password [hidden] today'],
  // Command lines
  ['spawn ["curl","-u","admin:S3CRET","x"]', 'spawn ["curl",-u [hidden]","x"]'],
  ["spawn [ '--user', 'admin:S3CRET', 'x' ]", "spawn [ -u [hidden] 'x' ]"],
  ['spawn ["wget","--http-password","S3CRET","x"]', 'spawn ["wget",--http-password [hidden]","x"]'],
  ['curl -u admin:S3CRET failed', 'curl -u [hidden] failed'],
  ['curl -uadmin:S3CRET failed', 'curl -u [hidden] failed'],
  ['curl --user admin:S3CRET failed', 'curl -u [hidden] failed'],
  ['curl --proxy-user=admin:S3CRET failed', 'curl -u [hidden] failed'],
  ['wget --password S3CRET failed', 'wget --password [hidden] failed'],
  [
    'login failed for user admin password S3CRET at db',
    'login failed for user admin password [hidden] at db',
  ],
  ['spawn ["curl","--user=admin:S3CRET","-f"]', 'spawn ["curl","-u [hidden]'],
  ['"[\\"-u\\",\\"admin:S3CRET\\"]"', '"[\\-u [hidden]"]"'],
  // Ids of AWS
  [
    'The AWS Access Key Id AKIAIOSFODNN7EXAMPLE does not exist',
    'The AWS Access Key Id [hidden] does not exist',
  ],
  ['ASIAIOSFODNN7EXAMPLE', '[hidden]'],
  ['user AIDAIOSFODNN7EXAMPLE', 'user [hidden]'],
])('of %j is %j', (message, expected) => {
  expect(shown(message)).toBe(expected);
  expect(shown(message)).not.toMatch(/S3CRET|12345|EXAMPLE/);
});

it.each([
  'api_key',
  'apiKey',
  'APIKey',
  'X-API-KEY',
  'x-functions-key',
  'secretAccessKey',
  'AWS_SECRET_ACCESS_KEY',
  'authorization',
  'Proxy-Authorization',
  'Set-Cookie',
  'access_token',
  'accessToken',
  'authtoken',
  'X-Amz-Security-Token',
  'x-amz-credential',
  'X-Amz-Signature',
  'sig',
  'client_secret',
  'dbPassword',
  'PGPASSWORD',
  'db_pass',
  'passphrase',
  'jwt',
  'PGPASS',
  'MYTOKEN',
  'csrftoken',
  'appsecret',
  'accountKey',
  'masterKey',
  'cookies',
  'credentials',
])('the value of %s in a list is hidden', (name) => {
  expect(shown(`headers [["host","h"],["${name}","S3CRET"]]`)).toBe(
    `headers [["host","h"],["${name}=[hidden]`,
  );
});

it.each([
  'There is no object a%20b.mp4 in the bucket media',
  '100% of 5 requests failed, 50%ab',
  'connect ECONNREFUSED 127.0.0.1:5432',
  'x is not a function (reading -u)',
  'The file of user@example.com is private',
  'status 503: try --unsafe',
  'the basic problem is a full disk',
  'the basic requirements are not met',
  'digest mismatch at byte 5',
  'password is required',
  'The password was rejected',
  'bypass: the author is known',
  'BYPASS=1 COMPASS=2',
  "expected one of 'signup', 'login'",
  'column "foreign_key","users"',
  '"monkey", "tree"',
  '["key","value"], ["session","user"], ["pass","fail"]',
  "['primaryKey', 'sortKey', 'tokens', 'design', 'keyboard', 'secretary', 'x']",
  '["keys", 5]',
  '{"value":5,"name":"width"} and {"name":"token"}',
  'usage: fetch <key> <file>',
  'the <token> is missing',
  'one of "name", "size" and "type"',
])('of %j is all', (message) => {
  expect(shown(message)).toBe(message);
});

it.each([
  '%25',
  '%',
  'a:',
  'bearer ',
  '-u ',
  'password is ',
  'basic ',
  '"-u","',
  '"--user',
  'basic aaaaaaaa',
  'x%41',
  '?a=b',
  'https%3A%2F',
  '\\',
  'a\\',
  'a\\"',
  'a ',
  'a"   ,',
  '"a","',
  '<a ',
  '<a> ',
  '<a:',
  '<',
  '<!',
  '<a><!',
  '"a",[',
  '"a",[ ',
  '{',
  '{"value":',
  '"name":"a"',
  '"name": ',
])('is found at once in a text full of %s', (piece) => {
  const elapsed = stopwatch();
  shown(piece.repeat(100_000));
  expect(elapsed()).toBeLessThan(150);
});
