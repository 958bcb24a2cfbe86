/** TLS errors that another try does not change: from servers on this machine, and by the codes of Node.js. */

import { createServer as createTcp, type Server } from 'node:net';
import { createServer as createTls } from 'node:tls';
import { describe, expect, it } from 'vitest';
import { getFile, startUpload } from '../../src/gemini/index.js';
import { connectionError } from '../../src/gemini/classify.js';
import { toBreak } from '../../src/sources/break.js';
import { connectionTo, NAME } from '../support/connection.js';
import { listening } from '../support/raw-server.js';
import * as expired from '../security/fixtures/expired.js';
import * as selfSigned from '../security/fixtures/self-signed.js';

const start = { name: NAME, displayName: 'x', mimeType: 'text/plain', sizeBytes: 5 };
const plain = (answer: string) => createTcp((socket) => void socket.end(answer));
const tls = (options: Parameters<typeof createTls>[0]) =>
  createTls({ ...selfSigned, ...options }, (socket) => void socket.end());

describe('a server', () => {
  it.each<[string, () => Server, RegExp]>([
    [
      'with a certificate of its own',
      () => tls({}),
      /self-signed certificate.*NODE_EXTRA_CA_CERTS=.*--use-system-ca/,
    ],
    ['with an expired certificate', () => tls(expired), /expired.*clock/],
    ['that speaks plain http', () => plain('HTTP/1.1 400 Bad Request\r\n\r\n'), /does not speak TLS/],
    ['that speaks SSH', () => plain('SSH-2.0-OpenSSH_9.6\r\n'), /does not speak TLS/],
    [
      'of TLS 1.1',
      () => tls({ minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'ALL:@SECLEVEL=0' }),
      /protocol version.*no TLS version/,
    ],
  ])('%s fails for good, with the remedy', async (_, server, words) => {
    await using at = await listening(server());
    const connection = connectionTo(`https://127.0.0.1:${at.port}`);
    for (const call of [() => getFile(connection, NAME), () => startUpload(connection, start)]) {
      await expect(call()).rejects.toMatchObject({
        kind: 'network-setup',
        retryable: false,
        message: expect.stringMatching(words) as unknown,
      });
    }
  });

  it.each<[string, () => Server]>([
    ['closes before TLS has begun', () => createTcp((socket) => void socket.destroy())],
    ['resets then', () => createTcp((socket) => void socket.resetAndDestroy())],
  ])('that %s may do better later', async (_, server) => {
    await using at = await listening(server());
    await expect(getFile(connectionTo(`https://127.0.0.1:${at.port}`), NAME)).rejects.toMatchObject({
      kind: 'connection',
      retryable: true,
    });
  });
});

describe('an error of the code', () => {
  const broken = (code: string, message = 'words') =>
    connectionError(
      { operation: 'get', url: new URL('https://host.test/x') },
      Object.assign(new Error(message), { code }),
    );

  it.each([
    ['SELF_SIGNED_CERT_IN_CHAIN', /NODE_EXTRA_CA_CERTS/],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', /NODE_EXTRA_CA_CERTS/],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', /NODE_EXTRA_CA_CERTS/],
    ['CERT_HAS_EXPIRED', /clock/],
    ['CERT_NOT_YET_VALID', /clock/],
    ['ERR_TLS_CERT_ALTNAME_INVALID', /another host/],
    ['HOSTNAME_MISMATCH', /another host/],
    ['CERT_REVOKED', /revoked/],
    ['ERR_SSL_WRONG_VERSION_NUMBER', /does not speak TLS/],
    ['ERR_SSL_PACKET_LENGTH_TOO_LONG', /does not speak TLS/],
    ['ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION', /no TLS version/],
    ['ERR_SSL_SSLV3_ALERT_HANDSHAKE_FAILURE', /no TLS version/],
    ['ERR_SSL_SSL/TLS_ALERT_HANDSHAKE_FAILURE', /no TLS version/],
    ['ERR_SSL_UNSUPPORTED_PROTOCOL', /no TLS version/],
    ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', /client certificate/],
  ])('%s is not retried', (code, advice) => {
    const error = broken(code);
    expect(error).toMatchObject({ kind: 'network-setup', retryable: false });
    expect(error.message).toMatch(advice);
  });

  it.each([
    'ECONNRESET',
    'ECONNREFUSED',
    'ENOTFOUND',
    'EAI_AGAIN',
    'ETIMEDOUT',
    'EPIPE',
    'ERR_STREAM_PREMATURE_CLOSE',
    'HPE_INVALID_CONSTANT',
    'ERR_SSL_DECRYPTION_FAILED_OR_BAD_RECORD_MAC',
  ])('%s is retried', (code) => {
    expect(broken(code)).toMatchObject({ kind: 'connection', retryable: true });
  });

  it('EPROTO says OpenSSL’s words without its numbers and file names', () => {
    const message =
      'write EPROTO 801C8BB4C57F0000:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:../deps/openssl/ssl3_record.c:350:';
    expect(broken('EPROTO', message).message).toMatch(
      /^get: https:\/\/host\.test\/x failed: wrong version number\. What/,
    );
  });

  it('is shortened where the certificate names hundreds of hosts', () => {
    const names = Array.from({ length: 500 }, (_, index) => `DNS:host-${index}.test`).join(', ');
    expect(broken('ERR_TLS_CERT_ALTNAME_INVALID', `not in: ${names}`).message.length).toBeLessThan(600);
  });
});

it.each([
  'ERR_TLS_CERT_ALTNAME_INVALID',
  'ERR_SSL_WRONG_VERSION_NUMBER',
  'ERR_SSL_UNSUPPORTED_PROTOCOL',
  'ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED',
])('%s: the advice names the URL that was used', (code) => {
  const error = Object.assign(new Error('words'), { code });
  const ofProvider = connectionError(
    { operation: 'get', url: new URL('https://host.test/x') },
    error,
  ).message;
  expect(ofProvider).toContain('Check the base URL');
  const { reason, lasting } = toBreak(error);
  expect(reason).toContain('Check the URL of the source');
  expect(reason).not.toMatch(/base URL|[{}]/);
  expect(lasting).toBe(true);
});
